//! The kinds of partition that there are: how a number on disk becomes a type.

use crate::cell::Cell;
use crate::outbox::{OUTBOX_TABLE, Outbox};
use crate::{Decoded, Partition, PartitionKind, RowError, Rows, Stored};
use std::collections::BTreeMap;
use std::fmt;

/// The kinds of partition that the services have. A store that keeps its state on disk must know all of them.
#[derive(Default, Clone)]
pub struct Kinds(BTreeMap<u16, Known>);

/// A kind of partition.
#[derive(Clone, Copy)]
pub(crate) struct Known {
    pub(crate) kind: PartitionKind,
    pub(crate) make: fn(cut: u64, commits: u64) -> Cell,
    decode: fn(table: u16, rows: &Rows) -> Result<Decoded, RowError>,
    /// Whether somebody looks after its deadlines.
    pub(crate) is_driven: bool,
}

impl Kinds {
    /// Makes a kind known.
    ///
    /// # Panics
    /// Where another kind has its number.
    pub fn add<P: Partition>(&mut self) {
        self.entry::<P>();
    }

    /// Makes a kind known whose deadlines somebody looks after: each of its partitions is looked after once after a
    /// restart.
    ///
    /// # Panics
    /// As [`Kinds::add`].
    pub fn add_driven<P: Partition>(&mut self) {
        self.entry::<P>().is_driven = true;
    }

    fn entry<P: Partition>(&mut self) -> &mut Known {
        let (kind, make, decode) =
            (P::KIND, Cell::empty::<P> as fn(u64, u64) -> Cell, P::decode as fn(_, &_) -> _);
        let known = self.0.entry(kind.number()).or_insert(Known { kind, make, decode, is_driven: false });
        assert_eq!(known.kind, kind, "two kinds of partition have one number");
        known
    }

    /// The kind of this number.
    pub(crate) fn get(&self, number: u16) -> Option<&Known> {
        self.0.get(&number)
    }
}

impl Known {
    /// Reads rows of one of its tables.
    pub(crate) fn decode(&self, table: u16, rows: &Rows) -> Result<Decoded, RowError> {
        match table {
            OUTBOX_TABLE => <Outbox as Stored>::decode(rows),
            table => (self.decode)(table, rows),
        }
    }
}

impl fmt::Debug for Kinds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.values().map(|known| known.kind)).finish()
    }
}
