//! A message on its way to the subscriptions of a topic: what the outbox carries.

use crate::domain::{Attributes, Content};
use mesh_store::Row;
use mesh_types::Timestamp;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use std::sync::Arc;

/// A published message. One is shared by all deliveries that come of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notification {
    /// Its id: the bits of a UUID.
    pub id: u128,
    /// When it was published.
    pub at: Timestamp,
    /// Its subject.
    pub subject: Option<Arc<str>>,
    /// What it says.
    pub content: Content,
    /// Its attributes.
    pub attributes: Attributes,
    /// `MessageGroupId`.
    pub group_id: Option<SmolStr>,
    /// `MessageDeduplicationId`, the one made of the content included.
    pub deduplication_id: Option<SmolStr>,
    /// Its number in a FIFO topic.
    pub sequence: Option<u64>,
    /// The `X-Amzn-Trace-Id` of the request.
    pub trace: Option<SmolStr>,
}

impl Row for Notification {}
