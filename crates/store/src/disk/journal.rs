//! What commits hand to the disk, and how whoever must waits for it.

use super::record::Role;
use crate::cell::Retired;
use crate::identity::Identity;
use crate::{Changes, PartitionKey};
use mesh_clock::RealTime;
use mesh_types::{Need, Timestamp};
use parking_lot::{Condvar, Mutex};
use std::fmt;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;
use tokio::sync::{Notify, watch};

/// When what was acknowledged is on disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Durability {
    /// Within 50 ms.
    #[default]
    Relaxed,
    /// Before it is acknowledged.
    Strict,
}

/// How often what is relaxed is synced.
const PACE: Duration = Duration::from_millis(50);

/// What waits for the disk may keep so many bytes; then commits wait.
const ROOM: usize = 64 << 20;

/// A batch of so many bytes is written at once, also where it is relaxed.
const FULL: usize = 8 << 20;

/// The longest that a strict batch waits for those that answered last time to come again.
const LONGEST_GATHERING: Duration = Duration::from_millis(5);

/// The way to the disk. Cheap to clone; all clones are the same one.
#[derive(Clone)]
pub(crate) struct Journal(Arc<Shared>);

struct Shared {
    durability: Durability,
    queue: Mutex<Queue>,
    /// The writer waits for entries.
    filled: Condvar,
    /// Commits wait for room.
    room: Condvar,
    /// The bytes that are queued or being written.
    weight: AtomicUsize,
    has_failed: AtomicBool,
    /// The newest entry.
    sequence: AtomicU64,
    /// The newest entry on disk.
    durable: AtomicU64,
    /// The newest of which all who waited were told.
    told: AtomicU64,
    /// Waited on for the disk to be further.
    moved: Notify,
    /// What the disk said.
    failure: watch::Sender<Option<String>>,
    /// Numbers universes.
    universes: AtomicU64,
    writer: Mutex<Option<std::thread::JoinHandle<()>>>,
}

#[derive(Default)]
struct Queue {
    entries: Vec<Entry>,
    weight: usize,
    /// The writer sleeps until there are so many entries; zero where it does not sleep.
    wanted: usize,
    /// Somebody waits for the disk.
    is_urgent: bool,
    is_closing: bool,
}

/// What the journal takes, in the order in which it happened.
pub(crate) enum Entry {
    /// A transaction.
    Commit { universe: u64, partitions: Vec<PartitionChange> },
    /// A universe is made.
    Make(Making),
    /// A clock was set: what universes are beside their rows is looked at.
    Save,
    /// A universe is no more.
    Remove { universe: u64 },
}

/// A universe that is made, whole or not at all.
pub(crate) struct Making {
    pub(crate) identity: Arc<Identity>,
    pub(crate) role: Role,
    pub(crate) base: Base,
    /// The universe in whose place it is.
    pub(crate) replaces: Option<u64>,
}

/// What a universe begins with.
pub(crate) enum Base {
    /// Nothing.
    Empty,
    /// What another has at this moment.
    Fork(u64),
    /// These rows, and what is known of partitions that are no more.
    Rows { partitions: Vec<PartitionChange>, retired: Retired },
}

/// What a transaction did to a partition.
pub(crate) struct PartitionChange {
    pub(crate) key: PartitionKey,
    pub(crate) floor: Timestamp,
    pub(crate) commits: u64,
    pub(crate) lives: bool,
    pub(crate) changes: Changes,
}

/// What the writer works on at once.
pub(crate) struct Batch {
    pub(crate) entries: Vec<Entry>,
    /// The newest of them.
    sequence: u64,
    weight: usize,
}

/// What the writer remembers of the batches before.
#[derive(Default)]
pub(crate) struct Pace {
    entries: usize,
    entries_before: usize,
    took: Duration,
}

impl Entry {
    fn weight(&self) -> usize {
        let of = |partitions: &[PartitionChange]| partitions.iter().map(|one| one.changes.weight()).sum();
        match self {
            Self::Commit { partitions, .. } => of(partitions),
            Self::Make(Making { base: Base::Rows { partitions, .. }, .. }) => of(partitions),
            Self::Make(_) | Self::Save | Self::Remove { .. } => 0,
        }
    }
}

impl Journal {
    /// A journal; universes are numbered from `first_universe` on.
    pub(crate) fn new(durability: Durability, first_universe: u64) -> Self {
        Self(Arc::new(Shared {
            durability,
            queue: Mutex::default(),
            filled: Condvar::new(),
            room: Condvar::new(),
            weight: AtomicUsize::new(0),
            has_failed: AtomicBool::new(false),
            sequence: AtomicU64::new(0),
            durable: AtomicU64::new(0),
            told: AtomicU64::new(0),
            moved: Notify::new(),
            failure: watch::Sender::new(None),
            universes: AtomicU64::new(first_universe),
            writer: Mutex::new(None),
        }))
    }

    /// Notes the thread that writes.
    pub(crate) fn written_by(&self, writer: std::thread::JoinHandle<()>) {
        *self.0.writer.lock() = Some(writer);
    }

    /// The number of a new universe.
    pub(crate) fn next_universe(&self) -> u64 {
        self.0.universes.fetch_add(1, Ordering::Relaxed)
    }

    /// Lets a transaction begin, before it locks anything: waits until there is room.
    ///
    /// # Errors
    /// [`Need::Storage`] once the disk has failed.
    pub(crate) fn admit(&self) -> Result<(), Need> {
        if self.0.weight.load(Ordering::Relaxed) > ROOM {
            let mut queue = self.0.queue.lock();
            while self.0.weight.load(Ordering::Relaxed) > ROOM && !self.has_failed() {
                self.0.room.wait(&mut queue);
            }
        }
        if self.has_failed() { Err(Need::Storage) } else { Ok(()) }
    }

    /// Whether the disk has failed.
    pub(crate) fn has_failed(&self) -> bool {
        self.0.has_failed.load(Ordering::Acquire)
    }

    /// Queues what a transaction did, if it did anything. Called as [`Journal::add`] is.
    pub(crate) fn commit(&self, universe: u64, partitions: Vec<PartitionChange>) {
        if !partitions.is_empty() {
            self.add(Entry::Commit { universe, partitions });
        }
    }

    /// Queues an entry. Called under the locks that order it: what was seen by another stands before it.
    pub(crate) fn add(&self, entry: Entry) {
        let weight = entry.weight();
        let mut queue = self.0.queue.lock();
        self.0.sequence.fetch_add(1, Ordering::SeqCst);
        if self.has_failed() {
            return;
        }
        self.0.weight.fetch_add(weight, Ordering::Relaxed);
        queue.entries.push(entry);
        queue.weight += weight;
        if queue.wanted > 0 && (queue.entries.len() >= queue.wanted || queue.weight > FULL) {
            self.0.filled.notify_one();
        }
    }

    /// Waits, in strict mode, until all is on disk that was committed up to now.
    ///
    /// # Errors
    /// [`Need::Storage`] where it will not be, because the disk has failed.
    pub(crate) async fn settled(&self) -> Result<(), Need> {
        match self.0.durability {
            Durability::Strict => self.synced().await,
            Durability::Relaxed => Ok(()),
        }
    }

    /// Waits until all is on disk that was committed up to now.
    ///
    /// # Errors
    /// As [`Journal::settled`].
    pub(crate) async fn synced(&self) -> Result<(), Need> {
        let target = self.0.sequence.load(Ordering::SeqCst);
        let is_reached = || self.0.durable.load(Ordering::SeqCst) >= target;
        if is_reached() {
            return Ok(());
        }
        if self.0.durability == Durability::Relaxed {
            self.0.queue.lock().is_urgent = true;
            self.0.filled.notify_one();
        }
        loop {
            let mut moved = pin!(self.0.moved.notified());
            // From here on no move is missed.
            moved.as_mut().enable();
            if is_reached() {
                return Ok(());
            }
            if self.has_failed() {
                return Err(Need::Storage);
            }
            moved.await;
            self.tell();
        }
    }

    /// Wakes everybody who waits for the disk, once for each time that it has moved. The writer itself wakes one of them only: to
    /// wake many takes long from a thread that is not one of theirs, and it has more to write.
    fn tell(&self) {
        let durable = self.0.durable.load(Ordering::SeqCst);
        if self.0.told.fetch_max(durable, Ordering::SeqCst) < durable {
            self.0.moved.notify_waiters();
        }
    }

    /// Writes what is queued, and ends the writer. Nothing is taken afterwards.
    pub(crate) fn close(&self) {
        self.0.queue.lock().is_closing = true;
        self.0.filled.notify_one();
        let writer = self.0.writer.lock().take();
        // One that panicked has said so as a failure.
        writer.map(std::thread::JoinHandle::join);
    }

    /// For the writer: what is to be written next; none at the end.
    pub(crate) fn next(&self, pace: &Pace) -> Option<Batch> {
        let mut queue = self.0.queue.lock();
        self.sleep(&mut queue, 1, None);
        match self.0.durability {
            Durability::Relaxed => self.sleep(&mut queue, usize::MAX, Some(PACE)),
            // Those who were answered together come again together: one sync for all of them, not one for the first. But
            // not for all there are: half of them work while the other half waits.
            Durability::Strict => {
                let patience = (pace.took / 2).min(LONGEST_GATHERING);
                self.sleep(&mut queue, pace.wanted(), Some(patience));
            }
        }
        let entries = std::mem::take(&mut queue.entries);
        let weight = std::mem::take(&mut queue.weight);
        queue.is_urgent = false;
        if entries.is_empty() {
            return None;
        }
        Some(Batch { entries, weight, sequence: self.0.sequence.load(Ordering::SeqCst) })
    }

    /// Whether the writer has nothing to do.
    pub(crate) fn is_idle(&self) -> bool {
        let queue = self.0.queue.lock();
        queue.entries.is_empty() && !queue.is_closing
    }

    fn sleep(
        &self,
        queue: &mut parking_lot::MutexGuard<'_, Queue>,
        wanted: usize,
        patience: Option<Duration>,
    ) {
        let until = patience.map(|patience| RealTime::now() + patience);
        loop {
            let has_come = queue.entries.len() >= wanted
                || queue.is_closing
                || (queue.is_urgent && !queue.entries.is_empty())
                || queue.weight > FULL;
            if has_come {
                break;
            }
            queue.wanted = wanted;
            match until {
                None => self.0.filled.wait(queue),
                Some(until) => {
                    let left = until.since(RealTime::now());
                    if left.is_zero() || self.0.filled.wait_for(queue, left).timed_out() {
                        break;
                    }
                }
            }
        }
        queue.wanted = 0;
    }

    /// For the writer: a batch is on disk.
    pub(crate) fn written(&self, batch_sequence: u64, weight: usize) {
        self.0.weight.fetch_sub(weight, Ordering::Relaxed);
        drop(self.0.queue.lock());
        self.0.room.notify_all();
        self.0.durable.store(batch_sequence, Ordering::SeqCst);
        self.0.moved.notify_one();
    }

    /// Waits for a failure of the disk, and tells what it said.
    pub(crate) async fn failed(&self) -> String {
        let mut failure = self.0.failure.subscribe();
        // The sender lives as long as this.
        let failed = failure.wait_for(Option::is_some).await;
        failed.ok().and_then(|failure| failure.clone()).unwrap_or_default()
    }

    /// For the writer: the disk has failed, nothing more gets there.
    pub(crate) fn fail(&self, sentence: String) {
        let mut queue = self.0.queue.lock();
        self.0.has_failed.store(true, Ordering::Release);
        queue.entries = Vec::new();
        drop(queue);
        self.0.room.notify_all();
        self.0.moved.notify_waiters();
        self.0.failure.send_if_modified(|failure| {
            let is_first = failure.is_none();
            failure.get_or_insert(sentence);
            is_first
        });
    }
}

impl fmt::Debug for Journal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let entries = self.0.sequence.load(Ordering::Relaxed);
        let durable = self.0.durable.load(Ordering::Relaxed);
        write!(f, "{durable} of {entries} entries on disk")
    }
}

impl Batch {
    /// What [`Journal::written`] is told of it.
    pub(crate) fn mark(&self) -> (u64, usize) {
        (self.sequence, self.weight)
    }
}

impl Pace {
    /// How many entries a batch should have: half of what two together have.
    fn wanted(&self) -> usize {
        (self.entries + self.entries_before).div_ceil(2)
    }

    /// Notes how many entries the last batch had, and how long it took.
    pub(crate) fn note(&mut self, entries: usize, took: Duration) {
        *self = Self { entries, entries_before: self.entries, took };
    }
}
