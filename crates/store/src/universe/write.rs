//! Transactions over a universe: which cells they lock, and how they end.

use super::Universe;
use crate::cell::{Cell, Root, SharedCell, Wanted};
use crate::disk::Journal;
use crate::tx::{Effects, Guard, Reach};
use crate::{Cause, Changes, Key, Outbox, Partition, PartitionKey, Tx};
use mesh_types::{Need, Timestamp};
use parking_lot::Mutex;
use smallvec::{SmallVec, smallvec};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// How one attempt at a transaction ended.
enum Attempt<T> {
    Done(T),
    /// It needs these partitions too.
    Needs(SmallVec<[Wanted; 1]>),
}

impl Universe {
    /// Runs a transaction that begins with one partition. `work` may run several times: it must leave nothing behind
    /// but what it writes to its states and to its [`Tx`].
    ///
    /// # Errors
    /// What `work` answers, after everything was undone; [`Need::Universe`] after the universe's end, [`Need::Storage`]
    /// once its disk has failed.
    ///
    /// # Panics
    /// Where `work` does, after everything was undone.
    pub fn write<P: Partition, R, E: From<Need>>(
        &self,
        key: &Key<P>,
        cause: Cause,
        mut work: impl FnMut(&mut P, &mut Tx<'_>) -> Result<R, E>,
    ) -> Result<R, E> {
        self.admit()?;
        let mut wanted: SmallVec<[Wanted; 1]> = smallvec![Wanted::new(key)];
        loop {
            match self.attempt(&wanted, key, cause, &mut work) {
                Attempt::Done(answer) => return answer,
                Attempt::Needs(more) => {
                    wanted.extend(more);
                    wanted.sort_unstable_by(|one, other| one.key.cmp(&other.key));
                    wanted.dedup_by(|one, other| one.key == other.key);
                }
            }
        }
    }

    /// Works on the deliveries that a partition owes, whatever its type. For the dispatcher.
    ///
    /// # Errors
    /// As [`Universe::write`].
    pub fn outbox<R>(
        &self,
        key: &PartitionKey,
        work: impl FnOnce(&mut Outbox, Timestamp) -> R,
    ) -> Result<R, Need> {
        self.admit()?;
        let _shared = self.0.cutting.read();
        if self.is_gone() {
            return Err(Need::Universe);
        }
        let Some(mut cell) = self.lock_existing(key) else {
            return Ok(work(&mut Outbox::default(), self.clock().now()));
        };
        let now = self.clock().now().max(cell.floor);
        let answer = work(&mut cell.outbox, now);
        match &self.0.journal {
            None => cell.commit(now, false, None),
            Some(journal) => {
                let mut changes = Changes::default();
                cell.commit(now, false, Some(&mut changes));
                let change = cell.change(key, changes);
                journal.commit(self.number(), vec![change]);
            }
        }
        if !cell.holds_rows() {
            self.retire(key, &mut cell);
        }
        Ok(answer)
    }

    fn attempt<P: Partition, R, E: From<Need>>(
        &self,
        wanted: &[Wanted],
        main: &PartitionKey,
        cause: Cause,
        work: &mut impl FnMut(&mut P, &mut Tx<'_>) -> Result<R, E>,
    ) -> Attempt<Result<R, E>> {
        let shared = self.0.cutting.read();
        if self.is_gone() {
            return Attempt::Done(Err(Need::Universe.into()));
        }
        let guards = wanted.iter().map(|wanted| self.lock(wanted)).collect();
        let context = (self.epoch(), self.seed(), cause);
        let mut tx = Tx::begin(wanted, guards, self.clock().now(), context);
        let index = wanted.iter().position(|wanted| wanted.key == *main).unwrap_or(0);
        let answer = catch_unwind(AssertUnwindSafe(|| tx.with(index, &mut *work)));
        match answer {
            // Also where `work` did not pass the need on: it has not seen what it asked for.
            Ok(_) if tx.is_in_need() => {
                tx.rollback(|key, cell| self.retire(key, cell));
                Attempt::Needs(tx.take_needed())
            }
            Ok(Ok(answer)) => {
                let journal = self.0.journal.as_ref().map(|journal| (journal, self.number()));
                let effects = tx.commit(&self.0.deadlines, journal, |key, cell| self.retire(key, cell));
                drop(shared);
                self.perform(&effects);
                Attempt::Done(Ok(answer))
            }
            Ok(Err(error)) => {
                tx.rollback(|key, cell| self.retire(key, cell));
                Attempt::Done(Err(error))
            }
            Err(panic) => {
                tx.rollback(|key, cell| self.retire(key, cell));
                resume_unwind(panic)
            }
        }
    }

    /// Lets a transaction begin, where the disk lets it.
    fn admit(&self) -> Result<(), Need> {
        self.0.journal.as_ref().map_or(Ok(()), Journal::admit)
    }

    fn perform(&self, effects: &Effects) {
        for (hash, signal, reach) in &effects.signals {
            match reach {
                Reach::One => self.0.signals.wake_one(*hash, *signal),
                Reach::All => self.0.signals.wake_all(*hash, *signal),
            }
        }
    }

    /// Locks a partition for a transaction: makes it where it does not exist, and replaces a frozen cell by its copy.
    fn lock(&self, wanted: &Wanted) -> Guard {
        loop {
            if let Some(guard) = self.lock_existing(&wanted.key) {
                return guard;
            }
            let mut retired = self.0.root_writer.lock();
            let mut root = Root::clone(&self.0.root.load());
            if !root.contains_key(&wanted.key) {
                self.check_kind(&wanted.key);
                let commits = retired.remove(&wanted.key.hash()).unwrap_or(0);
                let cell = (wanted.make)(self.0.cut.load(Ordering::Relaxed), commits);
                root.insert(wanted.key.clone(), Arc::new(Mutex::new(cell)));
                self.0.root.store(Arc::new(root));
            }
        }
    }

    /// A kind that nobody made known could not be read again.
    fn check_kind(&self, key: &PartitionKey) {
        let is_known = self.0.kinds.as_ref().is_none_or(|kinds| kinds.get(key.kind().number()).is_some());
        assert!(
            is_known,
            "the kind of partition {:?} is not registered: Registry::partition",
            key.kind().name()
        );
    }

    fn lock_existing(&self, key: &PartitionKey) -> Option<Guard> {
        loop {
            let cell = self.0.root.load().get(key).cloned()?;
            let guard = cell.lock_arc();
            let cut = self.0.cut.load(Ordering::Relaxed);
            if guard.retired {
                continue;
            }
            if guard.cut >= cut {
                return Some(guard);
            }
            let copy = guard.copy(cut);
            drop(guard);
            self.replace(key, &cell, copy);
        }
    }

    /// Puts the copy of a frozen cell in its place, unless another writer was first.
    fn replace(&self, key: &PartitionKey, frozen: &SharedCell, copy: Cell) {
        let _writer = self.0.root_writer.lock();
        let mut root = Root::clone(&self.0.root.load());
        if root.get(key).is_some_and(|current| Arc::ptr_eq(current, frozen)) {
            root.insert(key.clone(), Arc::new(Mutex::new(copy)));
            self.0.root.store(Arc::new(root));
        }
    }

    /// Takes a partition without rows out of the universe. Its lock is held.
    fn retire(&self, key: &PartitionKey, cell: &mut Guard) {
        cell.retired = true;
        let mut retired = self.0.root_writer.lock();
        if cell.commits > 0 {
            retired.insert(key.hash(), cell.commits);
        }
        let mut root = Root::clone(&self.0.root.load());
        root.remove(key);
        self.0.root.store(Arc::new(root));
    }
}
