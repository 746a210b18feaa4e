//! A topic: its settings and its subscriptions.

use super::fifo::{Archive, Deduplicated, DeduplicationIndexes, Numbering};
use super::notification::Notification;
use super::recipients::SubscriptionIndexes;
use super::subscription::Subscription;
use crate::domain::TopicAttributes;
use mesh_store::{Row, Single, Table, partition};
use mesh_types::Timestamp;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use std::collections::BTreeMap;

partition! {
    /// A topic.
    pub struct TopicState = 702 "topic" {
        /// Its attributes and tags. A topic without settings does not exist.
        1 settings: Single<TopicSettings>,
        /// Its subscriptions, in the order in which they were made.
        2 subscriptions: Table<u64, Subscription, SubscriptionIndexes>,
        /// Subscriptions that have ended without their owners' saying so, and can be had again by their tokens.
        3 ended: Table<u128, Ended>,
        /// Of a FIFO topic, how far its messages are numbered.
        4 numbering: Single<Numbering>,
        /// Of a FIFO topic, what it has taken in the last minutes.
        5 deduplication: Table<SmolStr, Deduplicated, DeduplicationIndexes>,
        /// Of a FIFO topic with an archive, its messages by their numbers.
        6 archive: Table<u64, Notification>,
    }
}

/// What a topic is set to, and since when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TopicSettings {
    /// When it was created.
    pub created_at: Timestamp,
    /// Its attributes.
    pub attributes: TopicAttributes,
    /// Its tags.
    pub tags: Tags,
    /// Its data protection policy.
    pub data_protection_policy: Option<SmolStr>,
    /// Whether its messages are kept.
    pub archive: Option<Archive>,
    /// Subscriptions that it had once.
    pub deleted_subscriptions: u64,
}

impl Row for TopicSettings {}

/// A subscription that has ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ended {
    /// When.
    pub at: Timestamp,
    /// What it was.
    pub subscription: Subscription,
}

impl Row for Ended {}

/// The tags of a topic.
pub type Tags = BTreeMap<SmolStr, SmolStr>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_stored_in_this_form() {
        let mut attributes = TopicAttributes::default();
        attributes.set("DisplayName", "D").expect("it can be set");
        let settings = TopicSettings {
            created_at: Timestamp::from_micros(3),
            attributes,
            tags: Tags::from([("k".into(), "v".into())]),
            data_protection_policy: None,
            archive: Some(Archive { days: 2, since: Timestamp::from_micros(4) }),
            deleted_subscriptions: 5,
        };
        let mut bytes = Vec::new();
        settings.encode(&mut bytes).expect("it can be written");
        let attributes = [&[1, 11][..], b"DisplayName", &[1, b'D']].concat();
        let frozen = [&[1, 6][..], &attributes, &[1, 1, b'k', 1, b'v', 0, 1, 2, 8, 5]].concat();
        assert_eq!(bytes, frozen);
        assert_eq!(TopicSettings::decode(&bytes).expect("it can be read"), settings);
    }
}
