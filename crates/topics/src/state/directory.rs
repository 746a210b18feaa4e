//! What an account has in a Region: its topics, by name, and its subscriptions, those to topics of others included.

use mesh_router::Context;
use mesh_store::{Key, Row, Table, partition};
use mesh_types::{AccountId, Region, Timestamp};
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

partition! {
    /// The topics and subscriptions of an account in a Region.
    pub struct Directory = 701 "topic directory" {
        /// By name.
        1 topics: Table<SmolStr, Entry>,
        /// By the subscription's ARN.
        2 subscriptions: Table<SmolStr, Entry>,
    }
}

/// It exists.
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
