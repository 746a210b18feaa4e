//! The tables of an account in a Region, by name.

use crate::domain::TableName;
use mesh_router::Context;
use mesh_store::{Key, Row, Table, partition};
use mesh_types::{AccountId, Region, Timestamp};
use serde::{Deserialize, Serialize};

partition! {
    /// The tables of an account in a Region.
    pub struct Directory = 201 "table directory" {
        /// By name.
        1 tables: Table<TableName, Entry>,
    }
}

/// A table exists.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_stored_in_this_form() {
        let entry = Entry { created_at: Timestamp::from_micros(3) };
        let mut bytes = Vec::new();
        entry.encode(&mut bytes).expect("it can be written");
        assert_eq!(bytes, [1, 6]);
        assert_eq!(Entry::decode(&bytes).expect("it can be read"), entry);
    }
}
