//! The record: what was called, what was delivered, what was done outside, and how each ended.

use mesh_store::{Cause, DeliveryId, Epoch, Universe, UniverseName};
use mesh_types::{AccountId, RequestId, Timestamp};
use parking_lot::Mutex;
use smallvec::SmallVec;
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
    /// A delivery came to its end, or failed and is tried again.
    Delivery(DeliveryEntry),
    /// Something was done outside the process.
    Outside(OutsideEntry),
    /// A fault was injected.
    Fault(FaultEntry),
}

/// What a call is about, by ids of 128 bits: the messages that it sent or received.
pub type Subjects = SmallVec<[u128; 1]>;

/// An operation was called: by a client, by a service, by a delivery. A request to a deployed API is a call of
/// `execute-api`.
#[derive(Debug, Clone)]
pub struct CallEntry {
    /// Orders the entries of all workers.
    pub sequence: u64,
    /// In which universe.
    pub universe: UniverseName,
    /// In which epoch of it: a universe that was reset has another.
    pub epoch: Epoch,
    /// In which account.
    pub account: AccountId,
    /// The request's id.
    pub request_id: RequestId,
    /// What caused it; a client's request names itself.
    pub cause: Cause,
    /// The `X-Amzn-Trace-Id` that came with it. A function's calls carry that of their invocation.
    pub trace: Option<SmolStr>,
    /// What it is about, where the operation told.
    pub subjects: Subjects,
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

/// A delivery came to its end, or failed and is tried again.
#[derive(Debug, Clone)]
pub struct DeliveryEntry {
    /// Orders the entries of all workers.
    pub sequence: u64,
    /// In which universe.
    pub universe: UniverseName,
    /// In which epoch of it.
    pub epoch: Epoch,
    /// The delivery.
    pub id: DeliveryId,
    /// What caused it.
    pub cause: Cause,
    /// Where it went: `sqs SendMessage`.
    pub to: SmolStr,
    /// When, in universe time.
    pub at: Timestamp,
    /// How it ended, or when it is tried again.
    pub outcome: Outcome,
}

/// A fault was injected.
#[derive(Debug, Clone)]
pub struct FaultEntry {
    /// Orders the entries of all workers.
    pub sequence: u64,
    /// In which universe.
    pub universe: UniverseName,
    /// In which epoch of it.
    pub epoch: Epoch,
    /// The rule.
    pub rule: SmolStr,
    /// What it did: `error=ThrottlingException`.
    pub effect: SmolStr,
    /// The API of the call that it struck.
    pub service: &'static str,
    /// The operation.
    pub operation: &'static str,
    /// The id of the call's request.
    pub request_id: RequestId,
    /// What caused the call.
    pub cause: Cause,
    /// When, in universe time.
    pub at: Timestamp,
}

/// Something was done outside the process, through [`Context::outside`](crate::Context::outside).
#[derive(Debug, Clone)]
pub struct OutsideEntry {
    /// Orders the entries of all workers.
    pub sequence: u64,
    /// In which universe.
    pub universe: UniverseName,
    /// In which epoch of it.
    pub epoch: Epoch,
    /// What caused it.
    pub cause: Cause,
    /// What was done.
    pub deed: Deed,
    /// With what: an address, a program, a purpose.
    pub what: SmolStr,
    /// When it was done or begun, in real time.
    pub at: Timestamp,
    /// The sentence with which it failed, if it did.
    pub error: Option<SmolStr>,
}

/// What can be done outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    /// A request was sent to another server.
    Http,
    /// A child process was started.
    Process,
    /// A port was opened.
    Listen,
    /// A directory was made.
    Scratch,
}

/// How a delivery ended, or why it has not.
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
    /// It failed and is tried again: the one of these that is not the end.
    Waiting {
        /// Attempts made.
        after: u32,
        /// What the last one was answered.
        last_error: SmolStr,
        /// When it is tried again, in universe time.
        until: Timestamp,
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

    /// All entries of a universe that are still kept, oldest first. Those of its former life, before a reset, are not its.
    pub fn of(&self, universe: &Universe) -> Vec<Entry> {
        let mut entries: Vec<Entry> = Vec::new();
        let epoch = universe.epoch();
        for shard in &self.shards {
            entries.extend(shard.lock().iter().filter(|entry| entry.epoch() == epoch).cloned());
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
            Self::Outside(entry) => entry.sequence,
            Self::Fault(entry) => entry.sequence,
        }
    }

    /// In which universe it happened.
    pub fn universe(&self) -> &UniverseName {
        match self {
            Self::Call(entry) => &entry.universe,
            Self::Delivery(entry) => &entry.universe,
            Self::Outside(entry) => &entry.universe,
            Self::Fault(entry) => &entry.universe,
        }
    }

    /// In which epoch of the universe.
    fn epoch(&self) -> Epoch {
        match self {
            Self::Call(entry) => entry.epoch,
            Self::Delivery(entry) => entry.epoch,
            Self::Outside(entry) => entry.epoch,
            Self::Fault(entry) => entry.epoch,
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
