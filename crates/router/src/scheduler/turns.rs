//! Whose turn it is: which partitions have something to do, how much of it may run at once, and what must wait for
//! something before it.

use mesh_store::{Handling, PartitionKey};
use smol_str::SmolStr;
use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

/// What may run at once in a universe: deliveries and drivers.
pub(super) const LIMIT: usize = 512;

/// What makes deliveries of one partition wait for one another: API and operation that they go to, and the key that the
/// receiver made of each.
pub(crate) type Order = (&'static str, &'static str, SmolStr);

/// The turns of a universe's partitions.
#[derive(Default)]
pub(super) struct Turns {
    partitions: BTreeMap<PartitionKey, Partition>,
    /// Those that have something to start, each once.
    ready: VecDeque<PartitionKey>,
    running: usize,
    /// Those that were looked at for deliveries that wait to be tried again since before this scheduler began. What came
    /// to wait later has its lane, with which its partition stays.
    known: BTreeSet<PartitionKey>,
}

#[derive(Default)]
struct Partition {
    /// Kept for as long as something is to be started, so that a fork has the deadline again.
    handling: Option<Handling>,
    is_ready: bool,
    has_turn: bool,
    running: usize,
    driver: Driver,
    lanes: HashMap<Order, Lane>,
    /// Deliveries that were kept back and whose turn it is now.
    freed: VecDeque<(u64, Order)>,
}

/// The driver of a partition runs once at a time.
#[derive(Default, Clone, Copy, PartialEq, Eq)]
enum Driver {
    #[default]
    Rests,
    Wanted,
    Runs,
    RunsAndIsWanted,
}

/// Deliveries of one partition that go one after another.
struct Lane {
    /// The one that must end before the others begin; it may be waiting to be tried again.
    head: u64,
    behind: BTreeSet<u64>,
}

/// What a partition may start now.
pub(super) struct Turn {
    pub(super) key: PartitionKey,
    pub(super) handling: Handling,
    /// At most so many deliveries.
    pub(super) room: usize,
    /// These before others.
    pub(super) freed: Vec<(u64, Order)>,
    pub(super) is_known: bool,
    pub(super) wants_driver: bool,
}

impl Turns {
    /// A deadline of a partition has come.
    pub(super) fn come(&mut self, handling: Handling) {
        let key = handling.due().key.clone();
        let partition = self.partitions.entry(key.clone()).or_default();
        partition.handling = Some(handling);
        partition.driver = match partition.driver {
            Driver::Rests | Driver::Wanted => Driver::Wanted,
            Driver::Runs | Driver::RunsAndIsWanted => Driver::RunsAndIsWanted,
        };
        partition.queue(key, &mut self.ready);
    }

    /// The turn of the next partition, of at most `most` deliveries. A partition may have no more running than are free:
    /// so one that starts more than can run, or what never ends, leaves room for others, and so do several.
    pub(super) fn next(&mut self, most: usize) -> Option<Turn> {
        let free = LIMIT.saturating_sub(self.running);
        let may_start = |key: &PartitionKey| self.partitions.get(key).is_some_and(|it| it.running < free);
        let key = self.ready.remove(self.ready.iter().position(may_start)?)?;
        let partition = self.partitions.get_mut(&key)?;
        (partition.is_ready, partition.has_turn) = (false, true);
        let handling = partition.handling.clone()?;
        let room = most.min((free - partition.running).div_ceil(2));
        let freed = partition.freed.drain(..room.min(partition.freed.len())).collect();
        let wants_driver = partition.driver == Driver::Wanted;
        let is_known = self.known.contains(&key);
        Some(Turn { key, handling, room, freed, is_known, wants_driver })
    }

    /// A partition was looked at for what waits since before this scheduler began.
    pub(super) fn know(&mut self, key: &PartitionKey) {
        self.known.insert(key.clone());
    }

    /// The turn is over. `has_more`: deliveries are due that had no room. `again`: the next turn is this partition's too.
    pub(super) fn over(&mut self, key: &PartitionKey, has_more: bool, again: bool) {
        let Some(partition) = self.partitions.get_mut(key) else { return };
        partition.has_turn = false;
        if has_more || !partition.freed.is_empty() || partition.driver == Driver::Wanted {
            partition.queue(key.clone(), &mut self.ready);
            if again && self.ready.back() == Some(key) {
                self.ready.rotate_right(1);
            }
        } else if !partition.is_ready {
            partition.handling = None;
        }
        self.forget(key);
    }

    /// Whether a delivery may start. If not, it is kept back until it may. `exists` tells whether a delivery is still
    /// owed: one that was taken back ends nothing.
    pub(super) fn may_start(
        &mut self,
        key: &PartitionKey,
        order: &Order,
        number: u64,
        exists: impl Fn(u64) -> bool,
    ) -> bool {
        let Some(partition) = self.partitions.get_mut(key) else { return true };
        let lane = partition.lanes.entry(order.clone());
        let lane = lane.or_insert_with(|| Lane { head: number, behind: BTreeSet::new() });
        if !exists(lane.head) {
            lane.behind.retain(|behind| exists(*behind));
            lane.head = number;
            if let Some(next) = lane.behind.pop_first() {
                lane.head = next;
                partition.freed.push_back((next, order.clone()));
            }
        }
        if lane.head != number {
            lane.behind.insert(number);
        }
        lane.head == number
    }

    /// A delivery starts.
    pub(super) fn start(&mut self, key: &PartitionKey) {
        self.running += 1;
        if let Some(partition) = self.partitions.get_mut(key) {
            partition.running += 1;
        }
    }

    /// A driver starts.
    pub(super) fn start_driver(&mut self, key: &PartitionKey) {
        self.start(key);
        if let Some(partition) = self.partitions.get_mut(key) {
            partition.driver = Driver::Runs;
        }
    }

    /// There is nothing to drive.
    pub(super) fn skip_driver(&mut self, key: &PartitionKey) {
        if let Some(partition) = self.partitions.get_mut(key) {
            partition.driver = Driver::Rests;
        }
    }

    /// What was started has ended; of a delivery, `done` says in which order it was and that it will not be tried again.
    pub(super) fn end(&mut self, handling: &Handling, done: Option<&Order>) {
        let key = &handling.due().key;
        self.running = self.running.saturating_sub(1);
        let Some(partition) = self.partitions.get_mut(key) else { return };
        partition.running = partition.running.saturating_sub(1);
        if done.is_some_and(|order| partition.pass(order)) {
            partition.handling.get_or_insert_with(|| handling.clone());
            partition.queue(key.clone(), &mut self.ready);
        }
        self.forget(key);
    }

    /// The first of an order is no longer owed: the next is.
    pub(super) fn pass(&mut self, key: &PartitionKey, order: &Order) {
        if let Some(partition) = self.partitions.get_mut(key) {
            partition.pass(order);
        }
    }

    /// A driver has ended.
    pub(super) fn end_driver(&mut self, handling: &Handling) {
        let key = &handling.due().key;
        if let Some(partition) = self.partitions.get_mut(key) {
            let again = partition.driver == Driver::RunsAndIsWanted;
            partition.driver = if again { Driver::Wanted } else { Driver::Rests };
            if again {
                partition.handling.get_or_insert_with(|| handling.clone());
                partition.queue(key.clone(), &mut self.ready);
            }
        }
        self.end(handling, None);
    }

    fn forget(&mut self, key: &PartitionKey) {
        let is_over = |it: &Partition| {
            !it.is_ready
                && !it.has_turn
                && it.running == 0
                && it.lanes.is_empty()
                && it.driver == Driver::Rests
        };
        if self.partitions.get(key).is_some_and(is_over) {
            self.partitions.remove(key);
        }
    }
}

impl Partition {
    /// Frees the next of an order; whether there is one.
    fn pass(&mut self, order: &Order) -> bool {
        let Some(lane) = self.lanes.get_mut(order) else { return false };
        let Some(next) = lane.behind.pop_first() else {
            self.lanes.remove(order);
            return false;
        };
        lane.head = next;
        self.freed.push_back((next, order.clone()));
        true
    }

    fn queue(&mut self, key: PartitionKey, ready: &mut VecDeque<PartitionKey>) {
        if !std::mem::replace(&mut self.is_ready, true) {
            ready.push_back(key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mesh_clock::{Mode, Seed};
    use mesh_store::{PartitionKind, Universe, UniverseName, Universes};
    use mesh_types::{AccountId, Region, Timestamp};

    const NOW: Timestamp = Timestamp::from_secs(1_000);

    /// The next turn, after a deadline of the partition has come.
    fn turn(turns: &mut Turns, universe: &Universe, key: &PartitionKey) -> Turn {
        universe.wake_at(NOW, key.clone());
        turns.come(universe.take_due().expect("it is due"));
        turns.next(1).expect("it has its turn")
    }

    #[test]
    fn a_partition_that_was_looked_through_is_known_after_it_has_rested() {
        let universes = Universes::new(Seed(7), Mode::Frozen { at: NOW });
        let universe = universes.get(&UniverseName::DEFAULT).expect("it is there");
        let kind = PartitionKind::new(1, "sender");
        let key = PartitionKey::new(kind, AccountId::DEFAULT, Region::DEFAULT, "p".into());
        let mut turns = Turns::default();
        for is_known in [false, true] {
            assert_eq!(turn(&mut turns, &universe, &key).is_known, is_known);
            turns.know(&key);
            turns.skip_driver(&key);
            turns.over(&key, false, false);
            assert!(turns.partitions.is_empty(), "it rests");
        }
    }
}
