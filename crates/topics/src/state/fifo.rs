//! What a FIFO topic remembers of its messages.

use mesh_store::Row;
use mesh_types::Timestamp;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// The number of a topic's first message: they have twenty digits.
pub const FIRST_SEQUENCE: u64 = 10_000_000_000_000_000_000;

/// How far messages are numbered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Numbering {
    /// The number of the last one.
    pub last: u64,
}

impl Row for Numbering {}

/// A message that was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deduplicated {
    /// When.
    pub at: Timestamp,
    /// Its id.
    pub id: u128,
    /// Its number.
    pub sequence: u64,
}

impl Row for Deduplicated {}

mesh_store::indexes! {
    /// Messages that were taken, by what forgetting asks.
    pub struct DeduplicationIndexes of Table<SmolStr, Deduplicated> {
        /// When.
        by_time: (Timestamp, SmolStr) = |key, row| Some((row.at, key.clone())),
    }
}

/// That messages are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Archive {
    /// For so many days.
    pub days: u16,
    /// Since when.
    pub since: Timestamp,
}
