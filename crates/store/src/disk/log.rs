//! The log: what strict callers wait for.
//!
//! A batch of commits is one frame, written behind the one before it and synced: one write, where the tables would take
//! dozens of pages. What the frames hold goes into the tables later, many at once. The log has two halves. While one is
//! filled, what the other holds gets into the tables; then it is written over from its beginning. Frames are numbered
//! without a gap, so that what was written over is told from what was not.

use super::{StorageBackend, StorageError};
use std::collections::BTreeMap;
use xxhash_rust::xxh3::xxh3_64_with_seed;

/// Bytes of a half, unless a single frame has more. A process that is killed leaves no more than two of them to be read at its next start.
const HALF: u64 = 16 << 20;

/// A half grows by so many bytes at once, and keeps what it has: a sync that need not wait for the file system to note a
/// new place on the disk takes a tenth of the time while the tables are synced too.
const GROWTH: usize = 256 << 10;

/// Before what a frame holds: its length (four bytes), its number and its checksum (eight each), little-endian.
const HEADER: usize = 20;

/// The log, to be written.
#[derive(Debug)]
pub(crate) struct Log {
    halves: [Half; 2],
    /// Which half is being filled.
    current: usize,
    last: u64,
}

#[derive(Debug)]
struct Half {
    backend: Box<dyn StorageBackend>,
    length: u64,
    end: u64,
    /// The number of its last frame.
    last: u64,
}

/// Commits that were logged together.
#[derive(Debug)]
pub(crate) struct Frame {
    number: u64,
    bytes: Vec<u8>,
}

impl Frame {
    /// Its place among all frames.
    pub(crate) fn number(&self) -> u64 {
        self.number
    }

    /// An empty one.
    pub(crate) fn new() -> Self {
        Self { number: 0, bytes: vec![0; HEADER] }
    }

    /// What it holds, to be appended to.
    pub(crate) fn bytes(&mut self) -> &mut Vec<u8> {
        &mut self.bytes
    }

    /// What it holds.
    pub(crate) fn content(&self) -> &[u8] {
        self.bytes.get(HEADER..).unwrap_or_default()
    }

    fn seal(&mut self, number: u64) {
        self.number = number;
        let (header, content) = self.bytes.split_at_mut(HEADER);
        let length = u32::try_from(content.len()).unwrap_or(u32::MAX);
        header[..4].copy_from_slice(&length.to_le_bytes());
        header[4..12].copy_from_slice(&number.to_le_bytes());
        header[12..].copy_from_slice(&xxh3_64_with_seed(content, number).to_le_bytes());
    }

    /// Reads the frame at the beginning of these bytes; none where there is no whole one.
    fn read(bytes: &[u8]) -> Option<(Self, &[u8])> {
        let length = usize::try_from(u32::from_le_bytes(bytes.get(..4)?.try_into().ok()?)).ok()?;
        let number = u64::from_le_bytes(bytes.get(4..12)?.try_into().ok()?);
        let checksum = u64::from_le_bytes(bytes.get(12..HEADER)?.try_into().ok()?);
        let end = HEADER.checked_add(length)?;
        let content = bytes.get(HEADER..end)?;
        let is_whole = number > 0 && checksum == xxh3_64_with_seed(content, number);
        is_whole.then(|| (Self { number, bytes: bytes[..end].to_vec() }, &bytes[end..]))
    }
}

impl Log {
    /// A log that holds nothing that counts; its next frame is the one after `last`.
    pub(crate) fn new(backends: [Box<dyn StorageBackend>; 2], last: u64) -> Result<Self, StorageError> {
        let half = |backend: Box<dyn StorageBackend>| {
            let length = backend.len().map_err(failed)?;
            Ok::<_, StorageError>(Half { backend, length, end: 0, last: 0 })
        };
        let [one, other] = backends;
        Ok(Self { halves: [half(one)?, half(other)?], current: 0, last })
    }

    /// The frame that must be in the tables before this one can be logged, if there is one.
    pub(crate) fn must_be_applied(&self, frame: &Frame) -> Option<u64> {
        let is_full = self.halves[self.current].end + frame.bytes.len() as u64 > HALF;
        is_full.then(|| self.halves[1 - self.current].last)
    }

    /// Appends a frame and syncs.
    pub(crate) fn append(&mut self, frame: &mut Frame) -> Result<(), StorageError> {
        frame.seal(self.last + 1);
        if self.must_be_applied(frame).is_some() {
            self.current = 1 - self.current;
            self.halves[self.current].end = 0;
        }
        let half = &mut self.halves[self.current];
        half.append(&frame.bytes).map_err(failed)?;
        (half.last, self.last) = (frame.number, frame.number);
        Ok(())
    }
}

impl Half {
    fn append(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        let end = self.end + bytes.len() as u64;
        while end > self.length {
            self.backend.set_len(self.length + GROWTH as u64)?;
            self.backend.write(self.length, &vec![0; GROWTH])?;
            self.length += GROWTH as u64;
        }
        self.backend.write(self.end, bytes)?;
        self.backend.sync_data()?;
        self.end = end;
        Ok(())
    }
}

/// The frames after this one, in their order.
pub(crate) fn frames_after(
    backends: &[Box<dyn StorageBackend>; 2],
    applied: u64,
) -> Result<Vec<Frame>, StorageError> {
    let mut frames = BTreeMap::new();
    for backend in backends {
        let length = usize::try_from(backend.len().map_err(failed)?).unwrap_or(usize::MAX);
        let mut bytes = vec![0; length];
        backend.read(0, &mut bytes).map_err(failed)?;
        let mut rest = &bytes[..];
        let mut expected = None;
        while let Some((frame, behind)) = Frame::read(rest) {
            // Behind the last one may lie what was written before.
            if expected.is_some_and(|expected| expected != frame.number) {
                break;
            }
            expected = Some(frame.number + 1);
            if frame.number > applied {
                frames.insert(frame.number, frame);
            }
            rest = behind;
        }
    }
    let has_gap = frames.keys().zip(applied + 1..).any(|(number, expected)| *number != expected);
    if has_gap {
        return Err(StorageError::damaged("a part of its log is missing"));
    }
    Ok(frames.into_values().collect())
}

fn failed(error: std::io::Error) -> StorageError {
    StorageError::Failed(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use redb::backends::InMemoryBackend;

    fn backends() -> [Box<dyn StorageBackend>; 2] {
        [Box::new(InMemoryBackend::new()), Box::new(InMemoryBackend::new())]
    }

    fn frame(content: &[u8]) -> Frame {
        let mut frame = Frame::new();
        frame.bytes().extend_from_slice(content);
        frame
    }

    /// The same bytes, in backends of their own.
    fn copy(log: &Log) -> [Box<dyn StorageBackend>; 2] {
        let copies = backends();
        for (half, copy) in log.halves.iter().zip(&copies) {
            let mut bytes = vec![0; usize::try_from(half.length).expect("it is small")];
            half.backend.read(0, &mut bytes).expect("it can be read");
            copy.set_len(half.length).expect("it can grow");
            copy.write(0, &bytes).expect("it can be written");
        }
        copies
    }

    fn numbers(log: &Log, applied: u64) -> Vec<u64> {
        let frames = frames_after(&copy(log), applied).expect("it is whole");
        frames.iter().map(|frame| frame.number).collect()
    }

    #[test]
    fn what_was_appended_is_read_and_what_is_in_the_tables_is_not() {
        let mut log = Log::new(backends(), 7).expect("it can be had");
        for content in [&b"one"[..], b"", b"three"] {
            log.append(&mut frame(content)).expect("it can be written");
        }
        let frames = frames_after(&copy(&log), 8).expect("it is whole");
        let contents: Vec<_> = frames.iter().map(|frame| (frame.number, frame.content())).collect();
        assert_eq!(contents, [(9, &b""[..]), (10, b"three")]);
        assert!(frames_after(&copy(&log), 6).is_err(), "a frame is missing");
    }

    #[test]
    fn a_frame_that_is_cut_or_changed_is_not_read() {
        let mut log = Log::new(backends(), 0).expect("it can be had");
        log.append(&mut frame(b"whole")).expect("it can be written");
        let end = log.halves[0].end;
        log.append(&mut frame(b"changed")).expect("it can be written");
        log.halves[0].backend.write(end + HEADER as u64, b"C").expect("it can be written");
        assert_eq!(numbers(&log, 0), [1]);
    }

    #[test]
    fn the_halves_are_written_by_turns_and_over_again() {
        let mut log = Log::new(backends(), 0).expect("it can be had");
        let large = || frame(&vec![1; 6 << 20]);
        let mut waited = Vec::new();
        for number in 1..=7_u64 {
            let mut next = large();
            waited.extend(log.must_be_applied(&next).map(|applied| (number, applied)));
            log.append(&mut next).expect("it can be written");
        }
        assert_eq!(waited, [(3, 0), (5, 2), (7, 4)]);
        assert_eq!(numbers(&log, 4), [5, 6, 7]);
    }
}
