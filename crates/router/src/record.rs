//! The record: what was called, what was delivered, and how each ended.

use mesh_store::{Cause, DeliveryId, UniverseName};
use mesh_types::{AccountId, RequestId, Timestamp};
use parking_lot::Mutex;
use smol_str::SmolStr;
use std::cell::Cell;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

/// Entries kept for each worker.
const CAPACITY: usize = 4_096;

/// Sees each entry as it is made.
pub type Observer = Box<dyn Fn(&Entry) + Send + Sync>;

/// A bounded ring of entries for each worker thread; the oldest fall out.
pub struct Record {
    sequence: AtomicU64,
    shards: Box<[Mutex<VecDeque<Entry>>]>,
    observer: Option<Observer>,
}

/// Something that happened.
#[derive(Debug, Clone)]
pub enum Entry {
    /// An operation was called.
    Call(CallEntry),
    /// A delivery came to its end.
    Delivery(DeliveryEntry),
}

/// An operation was called.
#[derive(Debug, Clone)]
pub struct CallEntry {
    /// Orders the entries of all workers.
    pub sequence: u64,
    /// In which universe.
    pub universe: UniverseName,
    /// In which account.
    pub account: AccountId,
    /// The request's id.
    pub request_id: RequestId,
    /// What caused it.
    pub cause: Cause,
    /// The API.
    pub service: &'static str,
    /// The operation.
    pub operation: SmolStr,
    /// When it came in, in real time.
    pub arrived_at: Timestamp,
    /// How long it took.
    pub took: Duration,
    /// The HTTP status of its answer.
    pub status: u16,
    /// The error's code, where it was one.
    pub error: Option<&'static str>,
}

/// A delivery came to its end.
#[derive(Debug, Clone)]
pub struct DeliveryEntry {
    /// Orders the entries of all workers.
    pub sequence: u64,
    /// In which universe.
    pub universe: UniverseName,
    /// The delivery.
    pub id: DeliveryId,
    /// What caused it.
    pub cause: Cause,
    /// Where it went: `sqs SendMessage`.
    pub to: SmolStr,
    /// When it ended, in universe time.
    pub at: Timestamp,
    /// How it ended.
    pub outcome: Outcome,
}

/// How a delivery ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It was taken.
    Delivered,
    /// A filter policy held it back.
    Filtered {
        /// The policy.
        policy: SmolStr,
        /// The key that did not match.
        key: SmolStr,
        /// The value it had.
        value: SmolStr,
    },
    /// A permission refused it.
    Refused {
        /// Which.
        by: SmolStr,
    },
    /// It failed for good.
    Failed {
        /// Attempts made.
        after: u32,
        /// What the last one was answered.
        last_error: SmolStr,
    },
    /// It failed and was put into a dead-letter queue.
    DeadLettered {
        /// Which.
        queue: SmolStr,
    },
}

impl Record {
    /// A record for this many workers. `observer` sees each entry as it is made.
    pub fn new(workers: usize, observer: Option<Observer>) -> Self {
        let shards = (0..workers.max(1)).map(|_| Mutex::default()).collect();
        Self { sequence: AtomicU64::new(0), shards, observer }
    }

    /// The number of the next entry.
    pub(crate) fn next(&self) -> u64 {
        self.sequence.fetch_add(1, Ordering::Relaxed)
    }

    /// Adds an entry.
    pub(crate) fn add(&self, entry: Entry) {
        if let Some(observer) = &self.observer {
            observer(&entry);
        }
        let mut shard = self.shards[worker() % self.shards.len()].lock();
        if shard.len() == CAPACITY {
            shard.pop_front();
        }
        shard.push_back(entry);
    }

    /// All entries of a universe that are still kept, oldest first.
    pub fn of(&self, universe: &UniverseName) -> Vec<Entry> {
        let mut entries: Vec<Entry> = Vec::new();
        for shard in &self.shards {
            entries.extend(shard.lock().iter().filter(|entry| entry.universe() == universe).cloned());
        }
        entries.sort_unstable_by_key(Entry::sequence);
        entries
    }

    /// Forgets the entries of a universe.
    pub fn forget(&self, universe: &UniverseName) {
        for shard in &self.shards {
            shard.lock().retain(|entry| entry.universe() != universe);
        }
    }
}

impl Entry {
    /// Orders the entries of all workers.
    pub fn sequence(&self) -> u64 {
        match self {
            Self::Call(entry) => entry.sequence,
            Self::Delivery(entry) => entry.sequence,
        }
    }

    /// In which universe it happened.
    pub fn universe(&self) -> &UniverseName {
        match self {
            Self::Call(entry) => &entry.universe,
            Self::Delivery(entry) => &entry.universe,
        }
    }
}

/// The number of this thread among those that ever recorded.
fn worker() -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    thread_local! {
        static WORKER: Cell<Option<usize>> = const { Cell::new(None) };
    }
    WORKER.with(|worker| {
        worker.get().unwrap_or_else(|| {
            let number = NEXT.fetch_add(1, Ordering::Relaxed);
            worker.set(Some(number));
            number
        })
    })
}
