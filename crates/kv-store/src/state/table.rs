//! A table: its settings, its items, and what its secondary indexes hold.

use crate::domain::{Item, ItemKey, TableSettings};
use mesh_store::{Row, Single, Table, partition};
use serde::{Deserialize, Serialize};

partition! {
    /// A table.
    pub struct TableState = 202 "table" {
        /// Its keys, its indexes, and what else was set. A table without settings does not exist.
        1 settings: Single<TableSettings>,
        /// Its items. Those of one partition key stand together, in the order of their sort keys.
        2 items: Table<ItemKey, Item>,
        /// What its secondary indexes show of the items that are in them.
        3 entries: Table<EntryKey, Item>,
        /// What it and its indexes hold, counted with every change.
        4 totals: Single<Totals>,
    }
}

impl Row for TableSettings {}
impl Row for Totals {}

/// Where an item stands in a secondary index: index by index, by the index's key, among equals by the table's.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct EntryKey {
    /// The number of the index.
    pub index: u16,
    /// The item's key in the index.
    pub key: ItemKey,
    /// The item's key in the table.
    pub place: Place,
}

/// A place among the items of one key in an index. It is stored: the order of the variants must not change.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Place {
    /// In front of all items. No row stands here: it is where a walk begins or ends.
    Front,
    /// An item, by its key in the table.
    Item(ItemKey),
    /// Behind all items. No row stands here either.
    Back,
}

/// How much a table and its indexes hold.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// The bytes of the items.
    pub bytes: u64,
    /// What each index holds, in the order of their numbers.
    pub indexes: Vec<IndexTotals>,
}

/// How much an index holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct IndexTotals {
    /// The number of items.
    pub items: u64,
    /// The bytes of what it shows of them.
    pub bytes: u64,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::literal::item;
    use crate::domain::settings::tests::settings;

    fn bytes_of(row: &impl Row) -> Vec<u8> {
        let mut bytes = Vec::new();
        row.encode(&mut bytes).expect("it can be written");
        bytes
    }

    #[test]
    fn an_item_is_stored_in_this_form() {
        let item = item("{id: 'x', n: 5}");
        let bytes = bytes_of(&item);
        let frozen = [&[1, 2, 2][..], b"id", &[0, 1], b"x", &[1], b"n", &[1, 0, 10]].concat();
        assert_eq!(bytes, frozen);
        assert_eq!(Item::decode(&bytes).expect("it can be read"), item);
    }

    #[test]
    fn keys_are_stored_in_this_form() {
        let keys = settings("id:S sk:N").keys;
        let key = keys.key_of_item(&item("{id: 'x', sk: 0}")).expect("a key");
        let stored = |key: &EntryKey| postcard::to_stdvec(key).expect("it can be written");
        let entry = EntryKey { index: 300, key: key.clone(), place: Place::Item(key.clone()) };
        let frozen = [&[0xac, 2][..], &[4, 0, 1, b'x', 2], &[1, 4, 0, 1, b'x', 2]].concat();
        assert_eq!(stored(&entry), frozen);
        assert_eq!(postcard::from_bytes::<EntryKey>(&frozen).ok(), Some(entry));
    }

    #[test]
    fn totals_are_stored_in_this_form() {
        let totals = Totals { bytes: 300, indexes: vec![IndexTotals { items: 1, bytes: 2 }] };
        let bytes = bytes_of(&totals);
        assert_eq!(bytes, [1, 0xac, 2, 1, 1, 2]);
        assert_eq!(Totals::decode(&bytes).expect("it can be read"), totals);
    }

    #[test]
    fn settings_are_stored_in_this_form() {
        let mut settings = settings("id:S sk:N l=id:S/x:B g=x:B");
        settings.id = 1;
        let bytes = bytes_of(&settings);
        let frozen = [
            // layout, id, created at
            &[1, 1, 0][..],
            // keys: hash, range
            &[2],
            b"id",
            &[0, 1, 2],
            b"sk",
            &[1],
            // attributes
            &[3, 2],
            b"id",
            &[0, 2],
            b"sk",
            &[1, 1],
            b"x",
            &[2],
            // indexes: a local one and a global one
            &[2, 0, 1],
            b"l",
            &[0, 2],
            b"id",
            &[0, 1, 1],
            b"x",
            &[2, 0, 0, 0, 0],
            &[1, 1],
            b"g",
            &[1, 1],
            b"x",
            &[2, 0, 0, 0, 0, 0],
            // billing, protection, and what is stored only
            &[1, 0, 0, 0, 0, 0, 0],
        ]
        .concat();
        assert_eq!(bytes, frozen);
        assert_eq!(TableSettings::decode(&bytes).expect("it can be read"), settings);
    }
}
