//! A topic: its settings and its subscriptions.

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
    /// Subscriptions that it had once.
    pub deleted_subscriptions: u64,
}

impl Row for TopicSettings {}

/// The tags of a topic.
pub type Tags = BTreeMap<SmolStr, SmolStr>;
