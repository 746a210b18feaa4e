//! The functions of an account in a Region, by name.

use mesh_store::{Key, Row, Table, partition};
use mesh_types::{AccountId, Region, Timestamp};
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

partition! {
    /// The functions of an account in a Region.
    pub struct Directory = 501 "function directory" {
        /// By name.
        1 functions: Table<SmolStr, Entry>,
    }
}

/// A function exists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Since when.
    pub created_at: Timestamp,
}

impl Row for Entry {}

/// The directory of an account in a Region.
pub fn key_of(account: AccountId, region: &Region) -> Key<Directory> {
    Key::new(account, region.clone(), "")
}
