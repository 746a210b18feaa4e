//! The tables of the file, and the keys in them. Numbers in keys are big-endian, so that what belongs together lies
//! together.

use redb::TableDefinition;

/// The version of this layout. It grows with every change that an older version could not read.
pub(crate) const FORMAT: u32 = 2;
/// The oldest layout that is read. Before it, keys that are numbers lay in another order; no release wrote them.
pub(crate) const OLDEST: u32 = 2;

/// Facts about the file: [`FORMAT_KEY`], [`CLEAN_KEY`].
pub(crate) const META: TableDefinition<'_, &str, u32> = TableDefinition::new("meta");
/// The version of the layout.
pub(crate) const FORMAT_KEY: &str = "format";
/// 1 where the process that wrote the file ended in an orderly way.
pub(crate) const CLEAN_KEY: &str = "clean";

/// What the tables have of the log.
pub(crate) const LOGGED: TableDefinition<'_, (), u64> = TableDefinition::new("logged");

/// Universes by their number: [`UniverseRecord`](super::record::UniverseRecord).
pub(crate) const UNIVERSES: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("universes");

/// Layers by their number: the layer below, or [`NO_LAYER`].
pub(crate) const LAYERS: TableDefinition<'_, u32, u32> = TableDefinition::new("layers");
/// Below the lowest layer.
pub(crate) const NO_LAYER: u32 = 0;

/// Partitions: layer, hash of the address -> [`PartitionRecord`](super::record::PartitionRecord).
pub(crate) const PARTITIONS: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("partitions");

/// Rows: layer, hash of the partition's address, table, generation, key -> row; no bytes where a row of a layer below is
/// removed.
pub(crate) const ROWS: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("rows");

/// Tables that were cleared: layer, hash of the partition's address, table -> the generation of the rows that count. Those
/// of layers below do not.
pub(crate) const CLEARED: TableDefinition<'_, &[u8], u32> = TableDefinition::new("cleared");

/// Beginnings of keys in [`ROWS`] and [`PARTITIONS`] whose rows are to be removed when there is time.
pub(crate) const DEAD: TableDefinition<'_, &[u8], ()> = TableDefinition::new("dead");

/// The length of what stands before a row's own key.
pub(crate) const ROW_PREFIX: usize = 18;

/// A table of a partition in a layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Place {
    pub(crate) layer: u32,
    pub(crate) hash: u64,
    pub(crate) table: u16,
}

impl Place {
    /// Its key in [`CLEARED`].
    pub(crate) fn key(self) -> [u8; 14] {
        let mut key = [0; 14];
        key[..12].copy_from_slice(&partition_key(self.layer, self.hash));
        key[12..].copy_from_slice(&self.table.to_be_bytes());
        key
    }

    /// What the keys of its rows begin with.
    pub(crate) fn prefix(self, generation: u32) -> [u8; ROW_PREFIX] {
        let mut prefix = [0; ROW_PREFIX];
        prefix[..14].copy_from_slice(&self.key());
        prefix[14..].copy_from_slice(&generation.to_be_bytes());
        prefix
    }

    /// Reads a key of [`CLEARED`], or the beginning of one of [`ROWS`].
    pub(crate) fn read(key: &[u8]) -> Option<Self> {
        Some(Self {
            layer: u32::from_be_bytes(key.get(..4)?.try_into().ok()?),
            hash: u64::from_be_bytes(key.get(4..12)?.try_into().ok()?),
            table: u16::from_be_bytes(key.get(12..14)?.try_into().ok()?),
        })
    }

    /// Reads a key of [`ROWS`]: the table, the generation, and the row's own key.
    pub(crate) fn read_row(key: &[u8]) -> Option<(Self, u32, &[u8])> {
        let generation = u32::from_be_bytes(key.get(14..ROW_PREFIX)?.try_into().ok()?);
        Some((Self::read(key)?, generation, key.get(ROW_PREFIX..)?))
    }
}

/// A key of [`PARTITIONS`].
pub(crate) fn partition_key(layer: u32, hash: u64) -> [u8; 12] {
    let mut key = [0; 12];
    key[..4].copy_from_slice(&layer.to_be_bytes());
    key[4..].copy_from_slice(&hash.to_be_bytes());
    key
}

/// Reads a key of [`PARTITIONS`]: the hash of the address.
pub(crate) fn read_partition(key: &[u8]) -> Option<u64> {
    Some(u64::from_be_bytes(key.get(4..12)?.try_into().ok()?))
}

/// The first key behind all that begin with `prefix`; none where there is no such key.
pub(crate) fn behind(prefix: &[u8]) -> Option<Vec<u8>> {
    let last = prefix.iter().rposition(|byte| *byte != u8::MAX)?;
    let mut key = prefix[..=last].to_vec();
    key[last] += 1;
    Some(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_have_this_form_and_are_read_back() {
        let place = Place { layer: 1, hash: 2, table: 3 };
        let key = [&place.prefix(4)[..], b"k"].concat();
        assert_eq!(key, [0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 3, 0, 0, 0, 4, b'k']);
        assert_eq!(Place::read_row(&key), Some((place, 4, &b"k"[..])));
        assert_eq!(Place::read(&key[..13]), None);
    }

    #[test]
    fn behind_a_prefix_comes_the_next_prefix() {
        assert_eq!(behind(&[1, 2]), Some(vec![1, 3]));
        assert_eq!(behind(&[1, 255]), Some(vec![2]));
        assert_eq!(behind(&[255]), None);
    }
}
