//! A transaction: what a synchronous function sees of the world, and what it leaves to be done outside.

use crate::cell::{Cell, Wanted};
use crate::disk::{Journal, PartitionChange};
use crate::outbox::{Delivery, DeliveryId, Pending};
use crate::{Changes, Deadlines, Due, Epoch, Key, Partition, PartitionKey, Signal};
use mesh_clock::{Draw, Seed};
use mesh_types::{Need, Timestamp};
use parking_lot::{ArcMutexGuard, RawMutex};
use serde::{Deserialize, Serialize};
use smallvec::SmallVec;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

/// A partition locked by a transaction.
pub(crate) type Guard = ArcMutexGuard<RawMutex, Cell>;

/// What set a transaction going.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Cause {
    /// A request, by its id.
    Request(u128),
    /// A delivery.
    Delivery(DeliveryId),
    /// A deadline of a partition.
    Deadline,
}

/// A running transaction.
pub struct Tx<'a> {
    now: Timestamp,
    /// The clock's own moment: earlier than `now` where the clock was set back.
    clock: Timestamp,
    epoch: Epoch,
    cause: Cause,
    held: SmallVec<[Held<'a>; 1]>,
    /// The partition whose state is in hand.
    current: usize,
    effects: Effects,
    needed: SmallVec<[Wanted; 1]>,
}

struct Held<'a> {
    key: &'a PartitionKey,
    draw: Draw,
    /// Absent while the state is in hand.
    cell: Option<Guard>,
}

/// What is done after the commit.
#[derive(Default)]
pub(crate) struct Effects {
    pub(crate) signals: SmallVec<[(u64, Signal, Reach); 2]>,
    deadlines: SmallVec<[Due; 1]>,
    /// Partitions whose outbox is emptied, before what is owed is added.
    forgiven: SmallVec<[usize; 1]>,
    owed: Vec<(usize, Pending)>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    One,
    All,
}

impl<'a> Tx<'a> {
    /// Begins a transaction over these locked partitions, in the order of `wanted`.
    pub(crate) fn begin(
        wanted: &'a [Wanted],
        guards: SmallVec<[Guard; 1]>,
        clock: Timestamp,
        (epoch, seed, cause): (Epoch, Seed, Cause),
    ) -> Self {
        let now = guards.iter().map(|cell| cell.floor).fold(clock, Timestamp::max);
        let held = |(wanted, cell): (&'a Wanted, Guard)| {
            let draw = Draw::new(seed, wanted.key.hash(), cell.commits);
            Held { key: &wanted.key, draw, cell: Some(cell) }
        };
        let held = wanted.iter().zip(guards).map(held).collect();
        let (effects, needed) = (Effects::default(), SmallVec::new());
        Self { now, clock, epoch, cause, held, current: 0, effects, needed }
    }

    /// The moment of this transaction: read after the locks were held, and never before an earlier transaction's.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// What rows that say "being worked on" are marked with: an older mark has lost its worker.
    pub fn epoch(&self) -> Epoch {
        self.epoch
    }

    /// What set this transaction going.
    pub fn cause(&self) -> Cause {
        self.cause
    }

    /// Ids and dice of the partition in hand.
    pub fn draw(&mut self) -> &mut Draw {
        &mut self.held[self.current].draw
    }

    /// Wakes, after the commit, the one who has waited longest for this signal of the partition in hand.
    pub fn signal(&mut self, signal: Signal) {
        let hash = self.held[self.current].key.hash();
        self.effects.signals.push((hash, signal, Reach::One));
    }

    /// Wakes, after the commit, all who wait for this signal of the partition in hand.
    pub fn signal_all(&mut self, signal: Signal) {
        let hash = self.held[self.current].key.hash();
        self.effects.signals.push((hash, signal, Reach::All));
    }

    /// Has the driver of the partition in hand called when the clock reaches `at`.
    pub fn wake_at(&mut self, at: Timestamp) {
        let key = self.held[self.current].key.clone();
        self.effects.deadlines.push(Due { at, key });
    }

    /// Writes a delivery into the outbox of the partition in hand.
    pub fn owe(&mut self, delivery: Delivery) -> DeliveryId {
        let id = DeliveryId(self.draw().next_u128());
        let pending = Pending { id, delivery, cause: self.cause, failures: 0, due: self.now, sending: None };
        self.effects.owed.push((self.current, pending));
        self.wake_at(self.clock);
        id
    }

    /// Takes back all that the partition in hand owes: its resource is deleted. A delivery that is under way arrives.
    pub fn forgive(&mut self) {
        self.effects.owed.retain(|(index, _)| *index != self.current);
        self.effects.forgiven.push(self.current);
    }

    /// Works on another partition.
    ///
    /// # Errors
    /// [`Need`] where it is not locked yet: pass it on, the transaction then runs again with it.
    ///
    /// # Panics
    /// Where the partition is already in hand: two states of one partition cannot be.
    pub fn on<P: Partition, R>(
        &mut self,
        key: &Key<P>,
        work: impl FnOnce(&mut P, &mut Self) -> R,
    ) -> Result<R, Need> {
        let Some(index) = self.held.iter().position(|held| *held.key == **key) else {
            self.needed.push(Wanted::new(key));
            return Err(Need::Partition);
        };
        Ok(self.with(index, work))
    }

    /// Takes a partition in hand, and puts it back even if `work` panics, so that it can be undone.
    pub(crate) fn with<P: Partition, R>(
        &mut self,
        index: usize,
        work: impl FnOnce(&mut P, &mut Self) -> R,
    ) -> R {
        let mut cell = self.held[index].cell.take().expect("a partition is not taken in hand twice");
        let outer = std::mem::replace(&mut self.current, index);
        let state = cell.state_mut::<P>().expect("a key leads to a state of its type");
        let answer = catch_unwind(AssertUnwindSafe(|| work(state, self)));
        self.current = outer;
        self.held[index].cell = Some(cell);
        answer.unwrap_or_else(|panic| resume_unwind(panic))
    }

    /// The partitions that were wished for.
    pub(crate) fn take_needed(&mut self) -> SmallVec<[Wanted; 1]> {
        std::mem::take(&mut self.needed)
    }

    /// Whether a partition was wished for that is not locked.
    pub(crate) fn is_in_need(&self) -> bool {
        !self.needed.is_empty()
    }

    /// Undoes everything. `retire` is told of partitions that were only made to be looked at.
    pub(crate) fn rollback(&mut self, mut retire: impl FnMut(&PartitionKey, &mut Guard)) {
        for held in &mut self.held {
            if let Some(cell) = &mut held.cell {
                cell.rollback();
                if !cell.holds_rows() {
                    retire(held.key, cell);
                }
            }
        }
    }

    /// Lets everything stand. Deadlines are noted at once, under the locks, so that a fork sees them with the rows, and so
    /// is what the journal takes; the answer holds what is left to do after the locks are free, and `retire` is told of
    /// partitions left empty.
    pub(crate) fn commit(
        mut self,
        deadlines: &Deadlines,
        journal: Option<(&Journal, u64)>,
        mut retire: impl FnMut(&PartitionKey, &mut Guard),
    ) -> Effects {
        for index in std::mem::take(&mut self.effects.forgiven) {
            if let Some(cell) = &mut self.held[index].cell {
                cell.outbox.clear();
            }
        }
        for (index, pending) in std::mem::take(&mut self.effects.owed) {
            if let Some(cell) = &mut self.held[index].cell {
                let next = cell.outbox.last().map_or(0, |(last, _)| last + 1);
                cell.outbox.insert(next, pending);
            }
        }
        match journal {
            None => self.held.iter_mut().for_each(|held| held.commit(self.now, None)),
            Some((journal, universe)) => {
                let changed = self.held.iter_mut().filter_map(|held| held.commit_noting(self.now)).collect();
                journal.commit(universe, changed);
            }
        }
        for held in &mut self.held {
            if let Some(cell) = &mut held.cell
                && !cell.holds_rows()
            {
                retire(held.key, cell);
            }
        }
        for due in std::mem::take(&mut self.effects.deadlines) {
            deadlines.add(due);
        }
        self.effects
    }
}

impl Held<'_> {
    fn commit(&mut self, now: Timestamp, changes: Option<&mut Changes>) {
        if let Some(cell) = &mut self.cell {
            cell.commit(now, self.draw.has_drawn(), changes);
        }
    }

    /// Commits, and answers what the journal takes: nothing where nothing was changed or drawn.
    fn commit_noting(&mut self, now: Timestamp) -> Option<PartitionChange> {
        let mut changes = Changes::default();
        self.commit(now, Some(&mut changes));
        let is_noted = !changes.is_empty() || self.draw.has_drawn();
        self.cell.as_ref().filter(|_| is_noted).map(|cell| cell.change(self.key, changes))
    }
}
