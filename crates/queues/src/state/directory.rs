//! The queues of an account in a Region, by name.

use crate::domain::QueueName;
use mesh_router::Context;
use mesh_store::{Key, Row, Table, partition};
use mesh_types::{AccountId, Region, Timestamp};
use serde::{Deserialize, Serialize};

partition! {
    /// The queues of an account in a Region.
    pub struct Directory = 101 "queue directory" {
        /// By name.
        1 queues: Table<QueueName, Entry>,
    }
}

/// A queue exists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Since when.
    pub created_at: Timestamp,
}

impl Row for Entry {}

/// The directory of the account and Region that the context names.
pub fn key(cx: &Context) -> Key<Directory> {
    key_of(cx.account(), cx.region())
}

/// The directory of an account in a Region.
pub fn key_of(account: AccountId, region: &Region) -> Key<Directory> {
    Key::new(account, region.clone(), "")
}
