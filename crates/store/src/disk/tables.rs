//! The tables of the file, open for a batch.

use super::frame::{self, Step};
use super::layout::{
    CLEARED, DEAD, LAYERS, LOGGED, META, NO_LAYER, PARTITIONS, Place, ROWS, UNIVERSES, behind, partition_key,
};
use super::record::{PartitionRecord, UniverseRecord};
use super::{PartitionChange, StorageError};
use crate::Row;
use crate::changes::Written;
use redb::{ReadableTable, Table, WriteTransaction};
use std::collections::BTreeMap;
use std::ops::Bound;

/// Garbage that is removed at once; more would keep commits waiting.
const REMOVED_AT_ONCE: usize = 2_000;

/// The tables, open for writing.
pub(crate) struct Tables<'tx> {
    pub(crate) meta: Table<'tx, &'static str, u32>,
    pub(crate) logged: Table<'tx, (), u64>,
    pub(crate) universes: Table<'tx, u64, &'static [u8]>,
    pub(crate) layers: Table<'tx, u32, u32>,
    pub(crate) partitions: Table<'tx, &'static [u8], &'static [u8]>,
    pub(crate) rows: Table<'tx, &'static [u8], &'static [u8]>,
    pub(crate) cleared: Table<'tx, &'static [u8], u32>,
    pub(crate) dead: Table<'tx, &'static [u8], ()>,
}

/// The generations of tables that were cleared.
pub(crate) type Generations = BTreeMap<Place, u32>;

impl<'tx> Tables<'tx> {
    pub(crate) fn open(transaction: &'tx WriteTransaction) -> Result<Self, StorageError> {
        Ok(Self {
            meta: transaction.open_table(META)?,
            logged: transaction.open_table(LOGGED)?,
            universes: transaction.open_table(UNIVERSES)?,
            layers: transaction.open_table(LAYERS)?,
            partitions: transaction.open_table(PARTITIONS)?,
            rows: transaction.open_table(ROWS)?,
            cleared: transaction.open_table(CLEARED)?,
            dead: transaction.open_table(DEAD)?,
        })
    }

    /// Writes what a universe is.
    pub(crate) fn put_universe(&mut self, number: u64, record: &UniverseRecord) -> Result<(), StorageError> {
        let mut bytes = Vec::new();
        record.encode(&mut bytes)?;
        self.universes.insert(number, &bytes[..])?;
        Ok(())
    }

    /// Writes what a partition is beside its rows.
    pub(crate) fn put_partition(
        &mut self,
        layer: u32,
        hash: u64,
        record: &PartitionRecord,
    ) -> Result<(), StorageError> {
        let mut bytes = Vec::new();
        record.encode(&mut bytes)?;
        self.partitions.insert(&partition_key(layer, hash)[..], &bytes[..])?;
        Ok(())
    }

    /// Writes what a transaction did to a partition into a layer.
    pub(crate) fn change(
        &mut self,
        layer: u32,
        generations: &mut Generations,
        change: PartitionChange,
    ) -> Result<(), StorageError> {
        let PartitionChange { key, floor, commits, lives, changes } = change;
        self.put_partition(layer, key.hash(), &PartitionRecord::of(&key, floor, commits, lives))?;
        let lies_on_another = self.lies_on_another(layer)?;
        changes.write(|change| {
            let target = |table| Place { layer, hash: key.hash(), table };
            self.apply(target, lies_on_another, generations, change)
        })
    }

    /// Writes what logged commits did, each into the uppermost layer of its universe; nothing of universes that are no
    /// more.
    pub(crate) fn replay(
        &mut self,
        generations: &mut Generations,
        logged: &[u8],
        mut layer_of: impl FnMut(u64) -> Option<u32>,
    ) -> Result<(), StorageError> {
        let mut partition = None;
        for step in frame::read(logged) {
            let change = match step? {
                Step::Partition { universe, hash, record } => {
                    partition = match layer_of(universe) {
                        Some(layer) => {
                            self.partitions.insert(&partition_key(layer, hash)[..], record.0)?;
                            Some((layer, hash, self.lies_on_another(layer)?))
                        }
                        None => None,
                    };
                    continue;
                }
                Step::Cleared { table } => Written::Cleared { table },
                Step::Put { table, key, row } => Written::Row { table, key: key.0, row: Some(row.0) },
                Step::Removed { table, key } => Written::Row { table, key: key.0, row: None },
            };
            if let Some((layer, hash, lies_on_another)) = partition {
                self.apply(|table| Place { layer, hash, table }, lies_on_another, generations, change)?;
            }
        }
        Ok(())
    }

    fn apply(
        &mut self,
        place: impl Fn(u16) -> Place,
        lies_on_another: bool,
        generations: &mut Generations,
        change: Written<'_>,
    ) -> Result<(), StorageError> {
        match change {
            Written::Cleared { table } => self.clear(place(table), generations).map(|_| ()),
            Written::Row { table, key: row_key, row } => {
                let place = place(table);
                let generation = generations.get(&place).copied();
                let mut key = place.prefix(generation.unwrap_or(0)).to_vec();
                key.extend_from_slice(row_key);
                // Rows below a cleared table do not show.
                self.put(&key, row, lies_on_another && generation.is_none())
            }
        }
    }

    /// Whether there is a layer below.
    pub(crate) fn lies_on_another(&self, layer: u32) -> Result<bool, StorageError> {
        Ok(self.layers.get(layer)?.is_some_and(|base| base.value() != NO_LAYER))
    }

    /// Puts a row or takes it away; `hides` where one in a layer below would show then.
    pub(crate) fn put(&mut self, key: &[u8], row: Option<&[u8]>, hides: bool) -> Result<(), StorageError> {
        match row {
            Some(row) => drop(self.rows.insert(key, row)?),
            None if hides => drop(self.rows.insert(key, &[][..])?),
            None => drop(self.rows.remove(key)?),
        }
        Ok(())
    }

    /// Makes a table empty: rows of the next generation count from now on, and those that are there are garbage. Answers
    /// the generation.
    pub(crate) fn clear(&mut self, place: Place, generations: &mut Generations) -> Result<u32, StorageError> {
        let former = generations.get(&place).copied().unwrap_or(0);
        let generation = former + 1;
        generations.insert(place, generation);
        self.cleared.insert(&place.key()[..], generation)?;
        self.dead.insert(&place.prefix(former)[..], ())?;
        Ok(generation)
    }

    /// Takes a layer away; its rows are garbage.
    pub(crate) fn remove_layer(
        &mut self,
        layer: u32,
        generations: &mut Generations,
    ) -> Result<(), StorageError> {
        self.layers.remove(layer)?;
        let of_layer = |layer| Place { layer, hash: 0, table: 0 };
        let cleared: Vec<Place> =
            generations.range(of_layer(layer)..of_layer(layer + 1)).map(|(place, _)| *place).collect();
        for place in cleared {
            generations.remove(&place);
            self.cleared.remove(&place.key()[..])?;
        }
        self.dead.insert(&layer.to_be_bytes()[..], ())?;
        Ok(())
    }

    /// Whether a layer has nothing.
    pub(crate) fn is_empty(&self, layer: u32) -> Result<bool, StorageError> {
        let prefix = layer.to_be_bytes();
        let behind = behind(&prefix);
        let range =
            (Bound::Included(&prefix[..]), behind.as_deref().map_or(Bound::Unbounded, Bound::Excluded));
        Ok(self.partitions.range::<&[u8]>(range)?.next().is_none())
    }

    /// Removes some of the garbage; false where there was none.
    pub(crate) fn clean(&mut self) -> Result<bool, StorageError> {
        let Some(prefix) = self.dead.first()?.map(|(prefix, _)| prefix.value().to_vec()) else {
            return Ok(false);
        };
        let mut left = REMOVED_AT_ONCE;
        // Only a whole layer has partitions of its own.
        let tables =
            if prefix.len() == 4 { vec![&mut self.rows, &mut self.partitions] } else { vec![&mut self.rows] };
        for table in tables {
            left = remove_some(table, &prefix, left)?;
        }
        if left > 0 {
            self.dead.remove(&prefix[..])?;
        }
        Ok(true)
    }
}

/// Removes rows whose keys begin with `prefix`, no more than `left`; answers how many more could be.
fn remove_some(
    table: &mut Table<'_, &'static [u8], &'static [u8]>,
    prefix: &[u8],
    left: usize,
) -> Result<usize, StorageError> {
    let behind = behind(prefix);
    let range = (Bound::Included(prefix), behind.as_deref().map_or(Bound::Unbounded, Bound::Excluded));
    let mut keys = Vec::new();
    for row in table.range::<&[u8]>(range)?.take(left) {
        keys.push(row?.0.value().to_vec());
    }
    for key in &keys {
        table.remove(&key[..])?;
    }
    Ok(left - keys.len())
}
