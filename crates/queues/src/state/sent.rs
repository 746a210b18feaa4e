//! What a FIFO queue remembers of what it has taken and given, for five minutes.

use super::queue::Sequence;
use mesh_store::{Row, indexes};
use mesh_types::Timestamp;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// A group, empty where the whole queue is meant, and a deduplication id.
pub type DeduplicationKey = (SmolStr, SmolStr);

/// A message was sent: another with the same deduplication id is not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recent {
    /// Its id: the bits of a UUID.
    pub id: u128,
    /// Its sequence.
    pub sequence: Sequence,
    /// When.
    pub at: Timestamp,
}

impl Row for Recent {}

indexes! {
    /// Sent messages by age.
    pub struct RecentIndexes of Table<DeduplicationKey, Recent> {
        /// When they were sent.
        by_age: (Timestamp, DeduplicationKey) = |key, recent| Some((recent.at, key.clone())),
    }
}

/// A receive that may be tried again, by its attempt's id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// When.
    pub at: Timestamp,
    /// What it got.
    pub messages: Vec<Taken>,
}

impl Row for Attempt {}

/// A message as a receive left it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taken {
    /// The message.
    pub sequence: Sequence,
    /// Its receipt.
    pub receipt: u64,
    /// Until when it is hidden.
    pub visible_at: Timestamp,
}

indexes! {
    /// Attempts by age.
    pub struct AttemptIndexes of Table<SmolStr, Attempt> {
        /// When they were made.
        by_age: (Timestamp, SmolStr) = |id, attempt| Some((attempt.at, id.clone())),
    }
}

/// The sequence of the message that was sent last, deleted or not: no other has it again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastSequence(pub Sequence);

impl Row for LastSequence {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_stored_in_this_form() {
        fn check<R: Row + PartialEq + std::fmt::Debug>(row: &R, frozen: &[u8]) {
            let mut bytes = Vec::new();
            row.encode(&mut bytes).expect("it can be written");
            assert_eq!(bytes, frozen);
            assert_eq!(R::decode(&bytes).expect("it can be read"), *row);
        }
        let at = Timestamp::from_micros(1);
        check(&Recent { id: 3, sequence: 4, at }, &[1, 3, 4, 2]);
        let taken = Taken { sequence: 5, receipt: 6, visible_at: at };
        check(&Attempt { at, messages: vec![taken] }, &[1, 2, 1, 5, 6, 2]);
        check(&LastSequence(7), &[1, 7]);
    }
}
