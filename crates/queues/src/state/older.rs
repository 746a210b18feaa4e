//! Rows as earlier versions wrote them.

use super::directory::Entry;
use super::queue::{Extras, Message};
use crate::domain::{Attributes, QueueAttributes, QueueSettings, RedriveAllowPolicy, RedrivePolicy, Tags};
use mesh_types::{AccountId, Timestamp};
use serde::Deserialize;
use smol_str::SmolStr;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Layout 1 of a message.
#[derive(Deserialize)]
pub(super) struct Message1 {
    id: u128,
    body: Arc<str>,
    body_digest: [u8; 16],
    extras: Option<Extras1>,
    sender: AccountId,
    sent_at: Timestamp,
    visible_at: Timestamp,
    first_received_at: Option<Timestamp>,
    receives: u32,
    receipt: u64,
}

#[derive(Deserialize)]
struct Extras1 {
    attributes: Attributes,
    trace_header: Option<SmolStr>,
    group_id: Option<SmolStr>,
}

impl From<Message1> for Message {
    fn from(older: Message1) -> Self {
        let Message1 { id, body, body_digest, extras, sender, sent_at, visible_at, .. } = older;
        let extras = extras.map(|Extras1 { attributes, trace_header, group_id }| {
            Arc::new(Extras { attributes, trace_header, group_id, ..Extras::default() })
        });
        let Message1 { first_received_at, receives, receipt, .. } = older;
        // When it was received last was not written: never earlier than the first time.
        let received_at = first_received_at;
        Self {
            id,
            body,
            body_digest,
            extras,
            sender,
            sent_at,
            visible_at,
            first_received_at,
            received_at,
            receives,
            receipt,
        }
    }
}

/// Layout 1 of an entry of the directory.
#[derive(Deserialize)]
pub(super) struct Entry1 {
    created_at: Timestamp,
}

impl From<Entry1> for Entry {
    fn from(Entry1 { created_at }: Entry1) -> Self {
        Self { created_at, dead_letters: None }
    }
}

/// Layout 1 of a queue's settings.
#[derive(Deserialize)]
pub(super) struct Settings1 {
    created_at: Timestamp,
    attributes: Attributes1,
    tags: Tags,
}

#[derive(Deserialize)]
struct Attributes1 {
    delay_seconds: Option<u32>,
    maximum_message_size: Option<u32>,
    message_retention_period: Option<u32>,
    receive_wait_time: Option<u32>,
    visibility_timeout: Option<u32>,
    stored: BTreeMap<SmolStr, SmolStr>,
}

impl From<Settings1> for QueueSettings {
    fn from(Settings1 { created_at, attributes, tags }: Settings1) -> Self {
        Self { created_at, modified_at: created_at, purged_at: None, attributes: attributes.into(), tags }
    }
}

/// Layout 2 of a queue's settings.
#[derive(Deserialize)]
pub(super) struct Settings2 {
    created_at: Timestamp,
    modified_at: Timestamp,
    purged_at: Option<Timestamp>,
    attributes: Attributes1,
    tags: Tags,
}

impl From<Settings2> for QueueSettings {
    fn from(Settings2 { created_at, modified_at, purged_at, attributes, tags }: Settings2) -> Self {
        Self { created_at, modified_at, purged_at, attributes: attributes.into(), tags }
    }
}

/// Layout 3 of a queue's settings.
#[derive(Deserialize)]
pub(super) struct Settings3 {
    created_at: Timestamp,
    modified_at: Timestamp,
    purged_at: Option<Timestamp>,
    attributes: Attributes3,
    tags: Tags,
}

#[derive(Deserialize)]
struct Attributes3 {
    earlier: Attributes1,
    redrive: Option<RedrivePolicy>,
    redrive_allow: Option<RedriveAllowPolicy>,
}

impl From<Settings3> for QueueSettings {
    fn from(Settings3 { created_at, modified_at, purged_at, attributes, tags }: Settings3) -> Self {
        let Attributes3 { earlier, redrive, redrive_allow } = attributes;
        let attributes = QueueAttributes { redrive, redrive_allow, ..earlier.into() };
        Self { created_at, modified_at, purged_at, attributes, tags }
    }
}

impl From<Attributes1> for QueueAttributes {
    fn from(attributes: Attributes1) -> Self {
        Self {
            delay_seconds: attributes.delay_seconds,
            maximum_message_size: attributes.maximum_message_size,
            message_retention_period: attributes.message_retention_period,
            receive_wait_time: attributes.receive_wait_time,
            visibility_timeout: attributes.visibility_timeout,
            stored: attributes.stored,
            ..Self::default()
        }
    }
}
