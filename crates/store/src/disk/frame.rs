//! Commits as bytes: what the log holds, and what is written into the tables from it.

use super::PartitionChange;
use super::record::PartitionRecord;
use crate::changes::Written;
use crate::{Row, RowError};
use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// A step of a commit. It is stored: the order of the variants must not change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Step<'a> {
    /// A partition was changed, as the steps say that follow.
    Partition {
        universe: u64,
        hash: u64,
        /// A [`PartitionRecord`].
        #[serde(borrow)]
        record: Bytes<'a>,
    },
    /// A table was cleared.
    Cleared { table: u16 },
    /// A row was put.
    Put { table: u16, key: Bytes<'a>, row: Bytes<'a> },
    /// A row was removed.
    Removed { table: u16, key: Bytes<'a> },
}

/// Bytes that are written and read as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Bytes<'a>(pub(crate) &'a [u8]);

/// Appends what a transaction did.
pub(crate) fn append(
    universe: u64,
    partitions: Vec<PartitionChange>,
    into: &mut Vec<u8>,
) -> Result<(), RowError> {
    let mut record = Vec::new();
    for PartitionChange { key, floor, commits, lives, changes } in partitions {
        record.clear();
        PartitionRecord::of(&key, floor, commits, lives).encode(&mut record)?;
        Step::Partition { universe, hash: key.hash(), record: Bytes(&record) }.append(into)?;
        changes.write(|change| Step::of(change).append(into))?;
    }
    Ok(())
}

/// Reads what [`append`] has written, step by step.
pub(crate) fn read(mut bytes: &[u8]) -> impl Iterator<Item = Result<Step<'_>, RowError>> {
    std::iter::from_fn(move || {
        if bytes.is_empty() {
            return None;
        }
        let read = postcard::take_from_bytes(bytes).map_err(RowError::Malformed);
        bytes = read.as_ref().map_or(&[], |(_, rest)| *rest);
        Some(read.map(|(step, _)| step))
    })
}

impl<'a> Step<'a> {
    fn of(change: Written<'a>) -> Self {
        match change {
            Written::Cleared { table } => Self::Cleared { table },
            Written::Row { table, key, row: Some(row) } => {
                Self::Put { table, key: Bytes(key), row: Bytes(row) }
            }
            Written::Row { table, key, row: None } => Self::Removed { table, key: Bytes(key) },
        }
    }

    fn append(&self, into: &mut Vec<u8>) -> Result<(), RowError> {
        *into = postcard::to_extend(self, std::mem::take(into)).map_err(RowError::Malformed)?;
        Ok(())
    }
}

impl Serialize for Bytes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(self.0)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Bytes<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Borrow;
        impl<'de> Visitor<'de> for Borrow {
            type Value = &'de [u8];

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("bytes")
            }

            fn visit_borrowed_bytes<E: Error>(self, bytes: &'de [u8]) -> Result<&'de [u8], E> {
                Ok(bytes)
            }
        }
        deserializer.deserialize_bytes(Borrow).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_have_this_form_and_are_read_back() {
        let steps = [
            Step::Partition { universe: 1, hash: 300, record: Bytes(b"r") },
            Step::Cleared { table: 2 },
            Step::Put { table: 3, key: Bytes(b"k"), row: Bytes(b"row") },
            Step::Removed { table: 3, key: Bytes(b"") },
        ];
        let mut bytes = Vec::new();
        steps.iter().for_each(|step| step.append(&mut bytes).expect("it can be written"));
        let frozen = [&[0, 1, 0xac, 2, 1, b'r', 1, 2, 2, 3, 1, b'k', 3][..], b"row", &[3, 3, 0]].concat();
        assert_eq!(bytes, frozen);
        let back: Vec<Step<'_>> = read(&bytes).map(|step| step.expect("it can be read")).collect();
        assert_eq!(back, steps);
        let cut: Vec<_> = read(&bytes[..bytes.len() - 1]).collect();
        assert!(cut.len() == 4 && cut[3].is_err(), "{cut:?}");
    }
}
