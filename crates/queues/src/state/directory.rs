//! The queues of an account in a Region, by name.

use super::older::Entry1;
use crate::domain::QueueName;
use mesh_router::Context;
use mesh_store::{Key, Row, RowError, Table, indexes, partition};
use mesh_types::{AccountId, Region, Timestamp};
use serde::{Deserialize, Serialize};

partition! {
    /// The queues of an account in a Region.
    pub struct Directory = 101 "queue directory" {
        /// By name.
        1 queues: Table<QueueName, Entry, EntryIndexes>,
    }
}

indexes! {
    /// Queues by where their dead letters go.
    pub struct EntryIndexes of Table<QueueName, Entry> {
        /// The dead-letter queue, then the queue.
        by_dead_letters: (QueueName, QueueName) =
            |name, entry| entry.dead_letters.clone().map(|target| (target, name.clone())),
    }
}

impl Directory {
    /// Whether a queue sends its dead letters to this one.
    pub fn is_dead_letter_queue(&self, name: &QueueName) -> bool {
        let from = (name.clone(), QueueName::of_existing(""));
        self.queues.by().by_dead_letters.range(from..).next().is_some_and(|((target, _), _)| target == name)
    }
}

/// A queue exists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Since when.
    pub created_at: Timestamp,
    /// Where its dead letters go.
    pub dead_letters: Option<QueueName>,
}

impl Row for Entry {
    const LAYOUT: u8 = 2;

    fn read_older(layout: u8, bytes: &[u8]) -> Result<Self, RowError> {
        match layout {
            1 => postcard::from_bytes::<Entry1>(bytes).map(Self::from).map_err(RowError::Malformed),
            layout => Err(RowError::UnknownLayout { layout, known: Self::LAYOUT }),
        }
    }
}

/// The directory of the account and Region that the context names.
pub fn key(cx: &Context) -> Key<Directory> {
    key_of(cx.account(), cx.region())
}

/// The directory of an account in a Region.
pub fn key_of(account: AccountId, region: &Region) -> Key<Directory> {
    Key::new(account, region.clone(), "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_stored_in_this_form_and_one_of_the_first_layout_is_read() {
        let created_at = Timestamp::from_micros(1);
        let entry = Entry { created_at, dead_letters: Some(QueueName::of_existing("d")) };
        let mut bytes = Vec::new();
        entry.encode(&mut bytes).expect("it can be written");
        assert_eq!(bytes, [2, 2, 1, 1, b'd']);
        assert_eq!(Entry::decode(&bytes).expect("it can be read"), entry);
        let older = Entry { created_at, dead_letters: None };
        assert_eq!(Entry::decode(&[1, 2]).expect("it can be read"), older);
    }
}
