//! Reading the state at start: one scans, all decode, then the tables are built side by side.

use super::StorageError;
use super::layers::Layers;
use super::layout::{PARTITIONS, Place, ROWS, behind, read_partition};
use super::record::{PartitionRecord, UniverseRecord};
use super::tables::Generations;
use crate::cell::{Cell, Retired, Root};
use crate::kinds::Known;
use crate::{Decoded, Kinds, PartitionKey, Row, Rows};
use parking_lot::Mutex;
use redb::{Database, ReadOnlyTable, ReadableDatabase};
use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};

/// A universe that was read.
pub(crate) struct Loaded {
    pub(crate) number: u64,
    pub(crate) record: UniverseRecord,
    pub(crate) root: Root,
    pub(crate) retired: Retired,
}

/// What the layers up to one hold together.
#[derive(Default, Clone)]
struct Stack {
    root: Root,
    retired: Retired,
}

/// Rows of one table that are decoded at once.
struct Chunk {
    known: Known,
    hash: u64,
    table: u16,
    number: usize,
    rows: Rows,
}

/// The cut of the cells that are read: universes may share them, so that each copies those that it writes to.
const FROZEN: u64 = 0;

/// Bytes of a chunk.
const CHUNK: usize = 128 << 10;

/// The rows of a layer, decoded: by partition and table, in their order.
type Tables = BTreeMap<u64, BTreeMap<u16, BTreeMap<usize, Decoded>>>;

/// A partition of a layer.
struct Found {
    key: PartitionKey,
    known: Known,
    record: PartitionRecord,
}

/// Reads all universes. What two have in common they share.
pub(crate) fn load(
    database: &Database,
    kinds: &Kinds,
    layers: &Layers,
    generations: &Generations,
    records: &BTreeMap<u64, UniverseRecord>,
) -> Result<Vec<Loaded>, StorageError> {
    let transaction = database.begin_read()?;
    let (partitions, rows) = (transaction.open_table(PARTITIONS)?, transaction.open_table(ROWS)?);
    let mut stacks: BTreeMap<u32, Stack> = BTreeMap::new();
    for (layer, base) in layers.in_order() {
        let mut stack = base.and_then(|base| stacks.get(&base)).cloned().unwrap_or_default();
        let found = find(&partitions, kinds, layer, &mut stack)?;
        let tables = decode(&rows, &found, generations, layer)?;
        build(&mut stack, found, tables, generations, layer);
        stacks.insert(layer, stack);
    }
    let loaded = |(number, record): (&u64, &UniverseRecord)| {
        let Stack { root, retired } = stacks.get(&record.layer).cloned().unwrap_or_default();
        Loaded { number: *number, record: record.clone(), root, retired }
    };
    Ok(records.iter().map(loaded).collect())
}

/// The partitions of a layer that live, by the hash of their addresses; the others are taken out of the stack.
fn find(
    partitions: &ReadOnlyTable<&'static [u8], &'static [u8]>,
    kinds: &Kinds,
    layer: u32,
    stack: &mut Stack,
) -> Result<BTreeMap<u64, Found>, StorageError> {
    let mut found = BTreeMap::new();
    let (prefix, end) = (layer.to_be_bytes(), behind(&layer.to_be_bytes()));
    let range = (Bound::Included(&prefix[..]), end.as_deref().map_or(Bound::Unbounded, Bound::Excluded));
    for row in partitions.range::<&[u8]>(range)? {
        let (key, value) = row?;
        let record = PartitionRecord::decode(value.value())?;
        if !record.lives {
            let hash =
                read_partition(key.value()).ok_or_else(|| StorageError::damaged("a key is too short"))?;
            // One that was imported as a number alone never lived here.
            if let Some(known) = kinds.get(record.kind) {
                stack.root.remove(&record.key(known.kind));
            }
            stack.retired.insert(hash, record.commits);
            continue;
        }
        let Some(known) = kinds.get(record.kind) else {
            return Err(StorageError::Newer(format!("it has partitions of kind {}", record.kind)));
        };
        let key = record.key(known.kind);
        found.insert(key.hash(), Found { key, known: *known, record });
    }
    Ok(found)
}

/// Reads the rows of a layer: this thread scans, the others decode.
fn decode(
    rows: &ReadOnlyTable<&'static [u8], &'static [u8]>,
    found: &BTreeMap<u64, Found>,
    generations: &Generations,
    layer: u32,
) -> Result<Tables, StorageError> {
    if found.is_empty() {
        return Ok(Tables::default());
    }
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    let (sender, receiver) = sync_channel::<Chunk>(2 * workers);
    let (receiver, decoded) = (Mutex::new(receiver), Mutex::new(Tables::default()));
    let failed: Mutex<Option<StorageError>> = Mutex::new(None);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Some(chunk) = next(&receiver) {
                    match chunk.known.decode(chunk.table, &chunk.rows) {
                        Ok(rows) => {
                            let mut decoded = decoded.lock();
                            let table =
                                decoded.entry(chunk.hash).or_default().entry(chunk.table).or_default();
                            table.insert(chunk.number, rows);
                        }
                        Err(error) => {
                            let mut failed = failed.lock();
                            failed.get_or_insert_with(|| StorageError::from(error));
                        }
                    }
                }
            });
        }
        let scanned = scan(rows, found, generations, layer, |chunk| drop(sender.send(chunk)));
        drop(sender);
        scanned
    })?;
    match failed.into_inner() {
        Some(error) => Err(error),
        None => Ok(decoded.into_inner()),
    }
}

fn next(receiver: &Mutex<Receiver<Chunk>>) -> Option<Chunk> {
    receiver.lock().recv().ok()
}

/// Cuts the rows of a layer into chunks.
fn scan(
    rows: &ReadOnlyTable<&'static [u8], &'static [u8]>,
    found: &BTreeMap<u64, Found>,
    generations: &Generations,
    layer: u32,
    mut take: impl FnMut(Chunk),
) -> Result<(), StorageError> {
    let (prefix, end) = (layer.to_be_bytes(), behind(&layer.to_be_bytes()));
    let range = (Bound::Included(&prefix[..]), end.as_deref().map_or(Bound::Unbounded, Bound::Excluded));
    let mut chunk: Option<Chunk> = None;
    let mut current: Option<(Place, u32)> = None;
    for row in rows.range::<&[u8]>(range)? {
        let (key, value) = row?;
        let (place, generation, own) =
            Place::read_row(key.value()).ok_or_else(|| StorageError::damaged("a key is too short"))?;
        if current != Some((place, generation)) {
            chunk.take().into_iter().for_each(&mut take);
            current = Some((place, generation));
            // Of an older generation it is garbage, as it is without a partition.
            let counts = generations.get(&place).copied().unwrap_or(0) == generation;
            chunk = found.get(&place.hash).filter(|_| counts).map(|found| Chunk::of(found, place.table, 0));
        }
        let Some(filling) = &mut chunk else { continue };
        filling.rows.push(own, value.value());
        if filling.rows.size() >= CHUNK {
            let next = filling.next();
            take(std::mem::replace(filling, next));
        }
    }
    chunk.into_iter().for_each(take);
    Ok(())
}

impl Chunk {
    fn of(found: &Found, table: u16, number: usize) -> Self {
        Self { known: found.known, hash: found.key.hash(), table, number, rows: Rows::default() }
    }

    fn next(&self) -> Self {
        Self { number: self.number + 1, rows: Rows::default(), ..*self }
    }
}

/// Puts the rows of a layer over what lies below, partition by partition, on all cores.
fn build(
    stack: &mut Stack,
    found: BTreeMap<u64, Found>,
    mut tables: Tables,
    generations: &Generations,
    layer: u32,
) {
    let root = &stack.root;
    let work: Vec<_> = found
        .into_values()
        .map(|found| {
            let tables = tables.remove(&found.key.hash()).unwrap_or_default();
            (found, tables)
        })
        .collect();
    let (work, built) = (Mutex::new(work.into_iter()), Mutex::new(Vec::new()));
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Some((found, tables)) = take_next(&work) {
                    let cell = build_one(root, &found, tables, generations, layer);
                    built.lock().push((found, cell));
                }
            });
        }
    });
    for (found, cell) in built.into_inner() {
        stack.retired.remove(&found.key.hash());
        stack.root.insert(found.key, Arc::new(Mutex::new(cell)));
    }
}

fn take_next<T>(work: &Mutex<impl Iterator<Item = T>>) -> Option<T> {
    work.lock().next()
}

fn build_one(
    root: &Root,
    found: &Found,
    tables: BTreeMap<u16, BTreeMap<usize, Decoded>>,
    generations: &Generations,
    layer: u32,
) -> Cell {
    let mut cell = match root.get(&found.key) {
        Some(below) => below.lock().copy(FROZEN),
        None => (found.known.make)(FROZEN, 0),
    };
    (cell.floor, cell.commits) = (found.record.floor, found.record.commits);
    let hash = found.key.hash();
    let places = Place { layer, hash, table: 0 }..=Place { layer, hash, table: u16::MAX };
    for (place, _) in generations.range(places) {
        cell.empty_table(place.table);
    }
    for (table, chunks) in tables {
        cell.absorb(table, chunks.into_values().collect());
    }
    cell
}
