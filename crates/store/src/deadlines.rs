//! When which partition must be looked after.

use crate::cell::Root;
use crate::{Kinds, PartitionKey, Universe};
use imbl::{OrdMap, OrdSet};
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
    /// Those that have come and are being handled, each with how many handle it.
    handled: OrdMap<Due, usize>,
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

    /// Takes the earliest deadline, if it has come at `now`, and notes that it is being handled.
    pub(crate) fn take(&self, now: Timestamp) -> Option<Due> {
        let mut inner = self.0.lock();
        let first = inner.due.get_min().filter(|due| due.at <= now)?.clone();
        inner.due.remove(&first);
        *inner.handled.entry(first.clone()).or_insert(0) += 1;
        Some(first)
    }

    fn handle(&self, due: &Due) {
        *self.0.lock().handled.entry(due.clone()).or_insert(0) += 1;
    }

    fn end_handling(&self, due: &Due) {
        let handled = &mut self.0.lock().handled;
        let others = handled.get(due).map_or(0, |count| count - 1);
        if others == 0 {
            handled.remove(due);
        } else {
            handled.insert(due.clone(), others);
        }
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

    /// The same deadlines for a fork. Those that are being handled have come for the fork too: nobody handles them
    /// there.
    pub(crate) fn fork(&self) -> Self {
        let inner = self.0.lock();
        let mut due = inner.due.clone();
        due.extend(inner.handled.keys().cloned());
        Self(Mutex::new(Inner { due, ..Inner::default() }))
    }

    /// The deadlines of a state that comes from a disk or a file, where they are not kept: who owes something is looked
    /// after when that is due, and who has a driver at once. A driver looks at its state and says when it wants to be
    /// called next.
    pub(crate) fn after_a_restart(root: &Root, kinds: &Kinds, now: Timestamp) -> Self {
        let mut due = OrdSet::new();
        for (key, cell) in root {
            let is_driven = kinds.get(key.kind().number()).is_some_and(|known| known.is_driven);
            let cell = cell.lock();
            let has_lost = !cell.outbox.by().by_sending.is_empty();
            let owed = cell.outbox.by().by_due.first().map(|((at, _), _)| *at);
            let at = if is_driven || has_lost { Some(now) } else { owed };
            due.extend(at.map(|at| Due { at, key: key.clone() }));
        }
        Self(Mutex::new(Inner { due, ..Inner::default() }))
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

/// A deadline that has come, until this and its clones are dropped. A universe that is forked off before has it again.
#[derive(Debug)]
pub struct Handling {
    universe: Universe,
    due: Due,
}

impl Handling {
    pub(crate) fn first(universe: &Universe, now: Timestamp) -> Option<Self> {
        let due = universe.deadlines().take(now)?;
        Some(Self { universe: universe.clone(), due })
    }

    /// The deadline.
    pub fn due(&self) -> &Due {
        &self.due
    }
}

impl Clone for Handling {
    fn clone(&self) -> Self {
        self.universe.deadlines().handle(&self.due);
        Self { universe: self.universe.clone(), due: self.due.clone() }
    }
}

impl Drop for Handling {
    fn drop(&mut self) {
        self.universe.deadlines().end_handling(&self.due);
    }
}
