//! A universe as one file: everything in it, compressed.
//!
//! The file is gzip. Within: [`MAGIC`], the format's number, then frames, each a length and a record or a row: the universe,
//! each partition with its rows behind it, and an end that says how many there were.

use crate::cell::{Cell, Retired, Root};
use crate::changes::Written;
use crate::disk::{ClockRecord, PartitionRecord, StorageError};
use crate::identity::Identity;
use crate::universe::epoch_after;
use crate::{Epoch, Kinds, Row, RowError, Rows, Universe, UniverseName};
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use mesh_clock::Seed;
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, BufReader, Read, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// What a file begins with, within its compression.
const MAGIC: &[u8; 16] = b"mesh-local state";

/// The number of the format. It grows with every change that an older version could not read.
const FORMAT: u32 = 2;

/// The oldest version that is read. Before it, keys that are numbers were written otherwise; no release did so.
const OLDEST: u32 = 2;

/// No frame is longer: the largest row is a function's code.
const LONGEST_FRAME: u32 = 512 << 20;

/// What a file may hold in all.
pub(crate) const LARGEST: u64 = 16 << 30;

/// Rows that are decoded at once have so many bytes.
const CHUNK: usize = 1 << 20;

/// A frame.
#[derive(Debug, Serialize, Deserialize)]
enum Frame {
    /// The first: what the universe is beside its rows.
    Universe(Head),
    /// A partition, before its rows.
    Partition(Vec<u8>),
    /// A row of the partition before it.
    Row { table: u16, key: Vec<u8>, row: Vec<u8> },
    /// A partition that is no more: the hash of its address, and its commit number.
    Retired { hash: u64, commits: u64 },
    /// The last: how many frames came before.
    End { frames: u64 },
}

/// What a universe is beside its rows.
#[derive(Debug, Serialize, Deserialize)]
struct Head {
    epoch: u64,
    seed: u64,
    clock: ClockRecord,
    requests: u64,
    errands: u64,
}

/// Why a file could not be read as a universe.
#[derive(Debug)]
pub enum ImportError {
    /// It is no export, or not whole.
    Damaged(String),
    /// A later version has written it.
    Newer(String),
    /// It is larger than is allowed.
    TooLarge,
    /// There is a universe of this name.
    NameTaken,
}

impl fmt::Display for ImportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Damaged(what) => write!(
                f,
                "the file is no export of mesh-local, or is not whole ({what}): export the universe again"
            ),
            Self::Newer(what) => {
                write!(f, "the file was written by a newer mesh-local ({what}): use that version")
            }
            Self::TooLarge => write!(
                f,
                "the file holds more than {} GB: it is damaged, or was made to do harm",
                LARGEST >> 30
            ),
            Self::NameTaken => {
                write!(f, "there is a universe of this name already: choose another, or replace it")
            }
        }
    }
}

impl std::error::Error for ImportError {}

impl From<RowError> for ImportError {
    fn from(error: RowError) -> Self {
        match StorageError::from(error) {
            StorageError::Newer(what) => Self::Newer(what),
            other => Self::Damaged(other.to_string()),
        }
    }
}

fn damaged(what: impl fmt::Display) -> ImportError {
    ImportError::Damaged(what.to_string())
}

/// Writes a universe as it is at this moment. Transactions wait for as long as a fork takes, and no longer.
///
/// # Errors
/// What `into` answers.
pub(crate) fn write(universe: &Universe, into: impl Write) -> io::Result<()> {
    let cut = universe.cut_in_memory();
    let mut into = Frames { into: GzEncoder::new(into, Compression::fast()), frames: 0 };
    into.into.write_all(MAGIC)?;
    into.into.write_all(&FORMAT.to_le_bytes())?;
    let identity = cut.identity();
    into.put(&Frame::Universe(Head {
        epoch: identity.epoch.0,
        seed: identity.seed.0,
        clock: identity.clock.mode_at_rest().into(),
        requests: identity.requests.load(Ordering::Relaxed),
        errands: identity.errands.load(Ordering::Relaxed),
    }))?;
    let (root, retired) = cut.parts();
    for (key, cell) in root.iter() {
        let (record, changes) = {
            let cell = cell.lock();
            (PartitionRecord::of(key, cell.floor, cell.commits, true), cell.dump())
        };
        let mut bytes = Vec::new();
        record.encode(&mut bytes).map_err(io::Error::other)?;
        into.put(&Frame::Partition(bytes))?;
        changes.write(|change| match change {
            Written::Row { table, key, row } => {
                let row = row.unwrap_or_default().to_vec();
                into.put(&Frame::Row { table, key: key.to_vec(), row }).map_err(Stopped::Io)
            }
            Written::Cleared { .. } => Ok(()),
        })?;
    }
    for (hash, commits) in retired {
        into.put(&Frame::Retired { hash, commits })?;
    }
    into.put(&Frame::End { frames: into.frames })?;
    into.into.finish()?.flush()
}

/// What ends the writing of rows.
enum Stopped {
    Row(RowError),
    Io(io::Error),
}

impl From<RowError> for Stopped {
    fn from(error: RowError) -> Self {
        Self::Row(error)
    }
}

impl From<Stopped> for io::Error {
    fn from(stopped: Stopped) -> Self {
        match stopped {
            Stopped::Row(error) => Self::other(error),
            Stopped::Io(error) => error,
        }
    }
}

/// Where frames are written.
struct Frames<W: Write> {
    into: GzEncoder<W>,
    frames: u64,
}

impl<W: Write> Frames<W> {
    fn put(&mut self, frame: &Frame) -> io::Result<()> {
        let bytes = postcard::to_extend(frame, Vec::new()).map_err(io::Error::other)?;
        let length = u32::try_from(bytes.len()).ok().filter(|length| *length <= LONGEST_FRAME);
        let length = length.ok_or_else(|| io::Error::other("a row is larger than an export can hold"))?;
        self.frames += 1;
        self.into.write_all(&length.to_le_bytes())?;
        self.into.write_all(&bytes)
    }
}

/// A universe that was read, before it has a name.
pub(crate) struct Imported {
    head: Head,
    pub(crate) root: Root,
    pub(crate) retired: Retired,
}

impl Imported {
    /// What it is under a name. It lies dormant.
    pub(crate) fn identity(&self, number: u64, name: UniverseName) -> Identity {
        let Head { epoch, seed, clock, requests, errands } = &self.head;
        let epoch = epoch_after(Epoch(*epoch));
        let (requests, errands) = (AtomicU64::new(*requests), AtomicU64::new(*errands));
        Identity { requests, errands, ..Identity::new(number, name, epoch, Seed(*seed), (*clock).into()) }
    }
}

/// Reads an export that holds no more than `largest` bytes.
///
/// # Errors
/// It is none, or not whole, or of a later version, or holds more.
pub(crate) fn read(from: impl Read, kinds: &Kinds, largest: u64) -> Result<Imported, ImportError> {
    let mut from = BufReader::new(GzDecoder::new(from).take(largest));
    let mut head = [0; MAGIC.len() + 4];
    from.read_exact(&mut head).map_err(damaged)?;
    let (magic, format) = head.split_at(MAGIC.len());
    let format = u32::from_le_bytes(format.try_into().map_err(damaged)?);
    match (magic == MAGIC, format) {
        (false, _) => return Err(damaged("it begins with something else")),
        (true, OLDEST..=FORMAT) => {}
        (true, ..OLDEST) => return Err(damaged(format!("format {format} is read no longer"))),
        (true, _) => {
            return Err(ImportError::Newer(format!(
                "format {format}, and this version reads up to {FORMAT}"
            )));
        }
    }
    let Frame::Universe(head) = next(&mut from)? else {
        return Err(damaged("it does not begin with a universe"));
    };
    let mut reading = Reading { kinds, root: Root::new(), retired: Retired::new(), current: None };
    for frames in 1.. {
        match next(&mut from)? {
            Frame::Universe(_) => return Err(damaged("it holds two universes")),
            Frame::Partition(record) => reading.begin(&PartitionRecord::decode(&record)?)?,
            Frame::Row { table, key, row } => reading.row(table, &key, &row)?,
            Frame::Retired { hash, commits } => drop(reading.retired.insert(hash, commits)),
            Frame::End { frames: said } if said == frames => break,
            Frame::End { .. } => return Err(damaged("frames are missing")),
        }
    }
    reading.end()?;
    // The checksum comes behind the end.
    match from.read(&mut [0]) {
        Ok(0) => Ok(Imported { head, root: reading.root, retired: reading.retired }),
        Ok(_) => Err(damaged("it goes on behind its end")),
        Err(error) => Err(damaged(error)),
    }
}

/// Reads a frame. Memory grows with what comes, not with the length that is claimed.
fn next(from: &mut BufReader<io::Take<GzDecoder<impl Read>>>) -> Result<Frame, ImportError> {
    let mut length = [0; 4];
    let read = from.read_exact(&mut length);
    if from.get_ref().limit() == 0 {
        return Err(ImportError::TooLarge);
    }
    read.map_err(damaged)?;
    let length = u32::from_le_bytes(length);
    if length > LONGEST_FRAME {
        return Err(damaged("a frame is too long"));
    }
    let mut bytes = Vec::new();
    from.by_ref().take(u64::from(length)).read_to_end(&mut bytes).map_err(damaged)?;
    if from.get_ref().limit() == 0 {
        return Err(ImportError::TooLarge);
    }
    match postcard::take_from_bytes(&bytes) {
        Ok((frame, [])) if bytes.len() as u64 == u64::from(length) => Ok(frame),
        _ => Err(damaged("a frame is not what it must be")),
    }
}

/// What was read up to now.
struct Reading<'a> {
    kinds: &'a Kinds,
    root: Root,
    retired: Retired,
    current: Option<Current<'a>>,
}

/// The partition whose rows are being read.
struct Current<'a> {
    key: crate::PartitionKey,
    known: &'a crate::kinds::Known,
    cell: Cell,
    rows: BTreeMap<u16, Rows>,
}

impl<'a> Reading<'a> {
    fn begin(&mut self, record: &PartitionRecord) -> Result<(), ImportError> {
        self.end()?;
        let known = self.kinds.get(record.kind);
        let known =
            known.ok_or_else(|| ImportError::Newer(format!("it has partitions of kind {}", record.kind)))?;
        let key = record.key(known.kind);
        if self.root.contains_key(&key) {
            return Err(damaged("it holds a partition twice"));
        }
        // A cell that every universe replaces before it writes to it.
        let mut cell = (known.make)(0, record.commits);
        cell.floor = record.floor;
        self.current = Some(Current { key, known, cell, rows: BTreeMap::new() });
        Ok(())
    }

    fn row(&mut self, table: u16, key: &[u8], row: &[u8]) -> Result<(), ImportError> {
        let current = self.current.as_mut().ok_or_else(|| damaged("a row without a partition"))?;
        let rows = current.rows.entry(table).or_default();
        rows.push(key, row);
        if rows.size() > CHUNK {
            let rows = std::mem::take(rows);
            current.absorb(table, &rows)?;
        }
        Ok(())
    }

    fn end(&mut self) -> Result<(), ImportError> {
        let Some(mut current) = self.current.take() else { return Ok(()) };
        for (table, rows) in std::mem::take(&mut current.rows) {
            current.absorb(table, &rows)?;
        }
        if current.cell.holds_rows() {
            self.root.insert(current.key, Arc::new(Mutex::new(current.cell)));
        }
        Ok(())
    }
}

impl Current<'_> {
    fn absorb(&mut self, table: u16, rows: &Rows) -> Result<(), ImportError> {
        let decoded = self.known.decode(table, rows)?;
        self.cell.absorb(table, vec![decoded]);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file of very many numbers, which are all the same: it holds far more than its length.
    fn bomb(numbers: usize) -> Vec<u8> {
        let mut file = Frames { into: GzEncoder::new(Vec::new(), Compression::best()), frames: 0 };
        file.into
            .write_all(MAGIC)
            .and_then(|()| file.into.write_all(&FORMAT.to_le_bytes()))
            .expect("it fits");
        let head = Head { epoch: 1, seed: 1, clock: ClockRecord::Frozen { at: 0 }, requests: 0, errands: 0 };
        file.put(&Frame::Universe(head)).expect("it fits");
        for _ in 0..numbers {
            file.put(&Frame::Retired { hash: 0, commits: 0 }).expect("it fits");
        }
        file.put(&Frame::End { frames: file.frames }).expect("it fits");
        file.into.finish().expect("it fits")
    }

    #[test]
    fn a_file_is_read_up_to_what_it_may_hold_and_no_further() {
        let file = bomb(100_000);
        assert!(file.len() < 10_000, "{}", file.len());
        assert!(read(&file[..], &Kinds::default(), 1 << 20).is_ok());
        for largest in 100_000..100_010 {
            let refused = read(&file[..], &Kinds::default(), largest).err().map(|error| error.to_string());
            assert!(refused.is_some_and(|sentence| sentence.contains("made to do harm")), "at {largest}");
        }
    }
}
