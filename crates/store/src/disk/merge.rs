//! Layers that only one other lies on are joined with it, at start.

use super::StorageError;
use super::layers::Layers;
use super::layout::{Place, ROW_PREFIX, behind, partition_key, read_partition};
use super::tables::{Generations, Tables};
use redb::ReadableTable;
use std::ops::Bound;

/// Moves the rows of `layer` into the one below, on which nothing else lies.
pub(crate) fn merge_down(
    tables: &mut Tables<'_>,
    layers: &mut Layers,
    generations: &mut Generations,
    layer: u32,
    base: u32,
) -> Result<(), StorageError> {
    let of = |layer| Place { layer, hash: 0, table: 0 };
    let cleared: Vec<Place> = generations.range(of(layer)..of(layer + 1)).map(|(place, _)| *place).collect();
    for place in cleared {
        tables.clear(Place { layer: base, ..place }, generations)?;
    }
    let hides = tables.lies_on_another(base)?;
    for (key, value) in rows_of(&tables.partitions, layer)? {
        let Some(hash) = read_partition(&key) else { continue };
        tables.partitions.insert(&partition_key(base, hash)[..], &value[..])?;
    }
    for (key, value) in rows_of(&tables.rows, layer)? {
        let Some((place, generation, own)) = Place::read_row(&key) else { continue };
        if generation != generations.get(&place).copied().unwrap_or(0) {
            continue;
        }
        let target = Place { layer: base, ..place };
        let generation = generations.get(&target).copied();
        let mut moved = Vec::with_capacity(ROW_PREFIX + own.len());
        moved.extend_from_slice(&target.prefix(generation.unwrap_or(0)));
        moved.extend_from_slice(own);
        let row = (!value.is_empty()).then_some(&value[..]);
        tables.put(&moved, row, hides && generation.is_none())?;
    }
    layers.collapse(tables, generations, layer)
}

/// A row as it lies in the file.
type KeyAndValue = (Vec<u8>, Vec<u8>);

/// What a table has of a layer.
fn rows_of(
    table: &impl ReadableTable<&'static [u8], &'static [u8]>,
    layer: u32,
) -> Result<Vec<KeyAndValue>, StorageError> {
    let prefix = layer.to_be_bytes();
    let behind = behind(&prefix);
    let range = (Bound::Included(&prefix[..]), behind.as_deref().map_or(Bound::Unbounded, Bound::Excluded));
    let rows = table.range::<&[u8]>(range)?;
    rows.map(|row| row.map(|(key, value)| (key.value().to_vec(), value.value().to_vec())).map_err(Into::into))
        .collect()
}
