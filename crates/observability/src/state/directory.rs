//! The log groups of an account in a Region, by name.

use mesh_router::Context;
use mesh_store::{Key, Row, Table, partition};
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

partition! {
    /// The log groups of an account in a Region.
    pub struct Directory = 401 "log group directory" {
        /// By name.
        1 groups: Table<SmolStr, Entry>,
    }
}

/// A log group exists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its class.
    pub class: SmolStr,
}

impl Row for Entry {}

/// The directory of the account and Region that the context names.
pub fn key(cx: &Context) -> Key<Directory> {
    cx.key("")
}
