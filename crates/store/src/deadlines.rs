//! When which partition must be looked after.

use crate::PartitionKey;
use imbl::OrdSet;
use mesh_clock::{Wait, Waker};
use mesh_types::Timestamp;
use parking_lot::Mutex;

/// A partition has something to do at this moment.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Due {
    /// The moment.
    pub at: Timestamp,
    /// The partition.
    pub key: PartitionKey,
}

/// The deadlines of a universe: what its partitions said they want to be woken for. Persistent, so that a fork has
/// them at once. A deadline that is no longer needed is harmless: whoever is woken looks at the state.
#[derive(Debug, Default)]
pub struct Deadlines(Mutex<Inner>);

#[derive(Debug, Default)]
struct Inner {
    due: OrdSet<Due>,
    /// The scheduler, woken when an earlier deadline comes.
    watcher: Option<(Timestamp, Waker)>,
}

impl Deadlines {
    pub(crate) fn add(&self, due: Due) {
        let mut inner = self.0.lock();
        let (at, added) = (due.at, inner.due.insert(due).is_none());
        if added && let Some((_, waker)) = inner.watcher.take_if(|(until, _)| at < *until) {
            drop(inner);
            waker.wake();
        }
    }

    /// Takes the earliest deadline, if it has come at `now`.
    pub fn take(&self, now: Timestamp) -> Option<Due> {
        let mut inner = self.0.lock();
        let first = inner.due.get_min().filter(|due| due.at <= now)?.clone();
        inner.due.remove(&first);
        Some(first)
    }

    /// The moment of the earliest deadline. `wait` is ended when an earlier one comes.
    pub fn watch(&self, wait: &Wait) -> Option<Timestamp> {
        let mut inner = self.0.lock();
        let next = inner.due.get_min().map(|due| due.at);
        inner.watcher = Some((next.unwrap_or(Timestamp::MAX), wait.waker()));
        next
    }

    /// Wakes the one who watches: the universe has ended.
    pub(crate) fn end(&self) {
        let watcher = self.0.lock().watcher.take();
        if let Some((_, waker)) = watcher {
            waker.wake();
        }
    }

    /// The same deadlines for a fork.
    pub(crate) fn fork(&self) -> Self {
        Self(Mutex::new(Inner { due: self.0.lock().due.clone(), watcher: None }))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.lock().due.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
