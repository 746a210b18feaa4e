//! A partition as the universe holds it.

use crate::disk::PartitionChange;
use crate::outbox::{OUTBOX_TABLE, Outbox};
use crate::{Changes, Decoded, Key, Partition, PartitionKey, Stored};
use mesh_types::Timestamp;
use parking_lot::Mutex;
use std::any::Any;
use std::sync::Arc;

/// The lock of a partition and what it protects.
pub(crate) type SharedCell = Arc<Mutex<Cell>>;

/// The partitions of a universe.
pub(crate) type Root = imbl::OrdMap<PartitionKey, SharedCell>;

/// The commits of partitions that are no more, by the hash of their address. One that is made again under its old name
/// goes on counting, so that it does not draw its old values.
pub(crate) type Retired = imbl::OrdMap<u64, u64>;

/// A partition that a transaction locks: its address, and how it is made where it does not exist.
#[derive(Clone)]
pub(crate) struct Wanted {
    pub(crate) key: PartitionKey,
    pub(crate) make: fn(cut: u64, commits: u64) -> Cell,
}

impl Wanted {
    pub(crate) fn new<P: Partition>(key: &Key<P>) -> Self {
        Self { key: (**key).clone(), make: Cell::empty::<P> }
    }
}

/// A partition's state, with what the store keeps beside it.
pub(crate) struct Cell {
    /// The cut of the universe that made this cell. One older than its universe's is frozen.
    pub(crate) cut: u64,
    /// Taken out of the universe: whoever waited for the lock looks the partition up anew.
    pub(crate) retired: bool,
    /// The latest moment a transaction here has seen.
    pub(crate) floor: Timestamp,
    /// Numbers the transactions that drew, for their entropy.
    pub(crate) commits: u64,
    pub(crate) outbox: Outbox,
    state: Box<dyn State>,
}

impl Cell {
    /// A partition without rows.
    pub(crate) fn empty<P: Partition>(cut: u64, commits: u64) -> Self {
        Self {
            cut,
            retired: false,
            floor: Timestamp::from_micros(i64::MIN),
            commits,
            outbox: Outbox::default(),
            state: Box::new(P::default()),
        }
    }

    /// The same partition for a universe that has been cut since.
    pub(crate) fn copy(&self, cut: u64) -> Self {
        let (floor, commits) = (self.floor, self.commits);
        Self { cut, retired: false, floor, commits, outbox: self.outbox.clone(), state: self.state.copy() }
    }

    /// The state, if it is a `P`'s.
    pub(crate) fn state<P: Partition>(&self) -> Option<&P> {
        self.state.any().downcast_ref()
    }

    /// The state, if it is a `P`'s.
    pub(crate) fn state_mut<P: Partition>(&mut self) -> Option<&mut P> {
        self.state.any_mut().downcast_mut()
    }

    /// Ends a transaction: what it did stands. Only those that drew are numbered, so that what is drawn does not depend
    /// on who looked in between, or on when deliveries are sent.
    pub(crate) fn commit(&mut self, now: Timestamp, drew: bool, mut changes: Option<&mut Changes>) {
        self.commits += u64::from(drew);
        self.floor = now;
        self.state.commit(changes.as_deref_mut());
        self.outbox.commit(OUTBOX_TABLE, changes);
    }

    /// Ends a transaction: what it did is undone.
    pub(crate) fn rollback(&mut self) {
        self.state.rollback();
        self.outbox.rollback();
    }

    /// What the journal takes of a commit.
    pub(crate) fn change(&self, key: &PartitionKey, changes: Changes) -> PartitionChange {
        let (floor, commits, lives) = (self.floor, self.commits, self.holds_rows());
        PartitionChange { key: key.clone(), floor, commits, lives, changes }
    }

    /// Notes all of its rows.
    pub(crate) fn dump(&self) -> Changes {
        let mut changes = Changes::default();
        self.state.dump(&mut changes);
        Stored::dump(&self.outbox, OUTBOX_TABLE, &mut changes);
        changes
    }

    /// Takes all rows of a table away, outside any transaction.
    pub(crate) fn empty_table(&mut self, table: u16) {
        match table {
            OUTBOX_TABLE => self.outbox = Outbox::default(),
            table => self.state.empty_table(table),
        }
    }

    /// Takes rows that were read from disk, over those that are there.
    pub(crate) fn absorb(&mut self, table: u16, rows: Vec<Decoded>) {
        match table {
            OUTBOX_TABLE => Stored::absorb(&mut self.outbox, rows),
            table => self.state.absorb(table, rows),
        }
    }

    /// Whether the partition exists.
    pub(crate) fn holds_rows(&self) -> bool {
        self.state.holds_rows() || self.outbox.holds_rows()
    }
}

/// A [`Partition`] of whatever type.
trait State: Send + Sync {
    fn any(&self) -> &dyn Any;
    fn any_mut(&mut self) -> &mut dyn Any;
    fn copy(&self) -> Box<dyn State>;
    fn commit(&mut self, changes: Option<&mut Changes>);
    fn rollback(&mut self);
    fn holds_rows(&self) -> bool;
    fn dump(&self, into: &mut Changes);
    fn empty_table(&mut self, table: u16);
    fn absorb(&mut self, table: u16, rows: Vec<Decoded>);
}

impl<P: Partition> State for P {
    fn any(&self) -> &dyn Any {
        self
    }

    fn any_mut(&mut self) -> &mut dyn Any {
        self
    }

    fn copy(&self) -> Box<dyn State> {
        Box::new(self.clone())
    }

    fn commit(&mut self, changes: Option<&mut Changes>) {
        Partition::commit(self, changes);
    }

    fn rollback(&mut self) {
        Partition::rollback(self);
    }

    fn holds_rows(&self) -> bool {
        Partition::holds_rows(self)
    }

    fn dump(&self, into: &mut Changes) {
        Partition::dump(self, into);
    }

    fn empty_table(&mut self, table: u16) {
        Partition::empty_table(self, table);
    }

    fn absorb(&mut self, table: u16, rows: Vec<Decoded>) {
        Partition::absorb(self, table, rows);
    }
}
