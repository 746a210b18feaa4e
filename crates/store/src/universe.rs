//! A universe: everything, once.

use crate::cell::{Cell, Root, SharedCell, Wanted};
use crate::signals::Signals;
use crate::tx::{Effects, Guard, Reach};
use crate::{
    Cause, Deadlines, Handling, Key, Listening, Live, Outbox, Partition, PartitionKey, Signal, Tx,
    UniverseName, reclaim,
};
use arc_swap::ArcSwap;
use crossbeam_utils::sync::ShardedLock;
use mesh_clock::{Clock, Mode, Seed, Wait};
use mesh_types::{Need, Timestamp};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use smallvec::{SmallVec, smallvec};
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Cuts and epochs are numbered through all universes of the process.
static NEXT: AtomicU64 = AtomicU64::new(1);

fn next_number() -> u64 {
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// Grows with each fork, restore, import and restart. A row that says "being worked on" in an older epoch has lost
/// its worker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Epoch(pub u64);

/// A universe: state, clock, entropy. Cheap to clone; all clones are the same one.
///
/// After a reset, restore or deletion the old handle remains, and its every transaction fails with
/// [`Need::Universe`].
#[derive(Clone)]
pub struct Universe(Arc<Inner>);

struct Inner {
    name: UniverseName,
    epoch: Epoch,
    seed: Seed,
    clock: Clock,
    root: ArcSwap<Root>,
    /// Held while the root is replaced by a changed one.
    root_writer: Mutex<()>,
    /// Cells made before this cut are shared with another universe and frozen.
    cut: AtomicU64,
    /// Shared by transactions, exclusive for a cut.
    cutting: ShardedLock<()>,
    gone: AtomicBool,
    /// Whether its drivers run.
    awake: AtomicBool,
    births: AtomicU64,
    requests: AtomicU64,
    /// Numbers what runs by itself.
    errands: AtomicU64,
    deadlines: Deadlines,
    signals: Signals,
    live: Live,
}

/// How one attempt at a transaction ended.
enum Attempt<T> {
    Done(T),
    /// It needs these partitions too.
    Needs(SmallVec<[Wanted; 1]>),
}

impl Universe {
    /// An empty universe.
    pub fn new(name: UniverseName, seed: Seed, mode: Mode) -> Self {
        Self(Arc::new(Inner {
            name,
            epoch: Epoch(next_number()),
            seed,
            clock: Clock::new(mode),
            root: ArcSwap::default(),
            root_writer: Mutex::new(()),
            cut: AtomicU64::new(next_number()),
            cutting: ShardedLock::new(()),
            gone: AtomicBool::new(false),
            awake: AtomicBool::new(false),
            births: AtomicU64::new(0),
            requests: AtomicU64::new(0),
            errands: AtomicU64::new(0),
            deadlines: Deadlines::default(),
            signals: Signals::default(),
            live: Live::default(),
        }))
    }

    /// Another universe with this one's state at this moment. The cost does not depend on the state; transactions
    /// wait for as long as the running ones take.
    pub fn fork(&self, name: UniverseName) -> Self {
        let exclusive = self.0.cutting.write();
        // Only now: of two forks at once, the later cut must have the greater number.
        let cut = next_number();
        self.0.cut.store(cut, Ordering::Relaxed);
        let fork = Self(Arc::new(Inner {
            name,
            epoch: Epoch(next_number()),
            seed: self.0.seed,
            clock: Clock::new(self.0.clock.mode_at_rest()),
            root: ArcSwap::new(self.0.root.load_full()),
            root_writer: Mutex::new(()),
            cut: AtomicU64::new(cut),
            cutting: ShardedLock::new(()),
            gone: AtomicBool::new(false),
            awake: AtomicBool::new(false),
            births: AtomicU64::new(self.0.births.load(Ordering::Relaxed)),
            requests: AtomicU64::new(self.0.requests.load(Ordering::Relaxed)),
            errands: AtomicU64::new(self.0.errands.load(Ordering::Relaxed)),
            deadlines: self.0.deadlines.fork(),
            signals: Signals::default(),
            live: Live::default(),
        }));
        drop(exclusive);
        fork
    }

    /// An empty universe in place of this one, with its name and seed; its clock runs with the machine's. This one
    /// is gone.
    pub fn reset(&self) -> Self {
        self.end();
        Self::new(self.0.name.clone(), self.0.seed, Mode::Running { offset_micros: 0 })
    }

    /// Ends this universe: waits end, transactions fail, the state is freed in the background.
    pub fn end(&self) {
        let exclusive = self.0.cutting.write();
        self.0.gone.store(true, Ordering::Relaxed);
        let root = self.0.root.swap(Arc::default());
        drop(exclusive);
        reclaim::later(root);
        self.0.signals.wake_everyone();
        self.0.deadlines.end();
        self.0.clock.end();
    }

    /// Its name.
    pub fn name(&self) -> &UniverseName {
        &self.0.name
    }

    /// The seed of its entropy.
    pub fn seed(&self) -> Seed {
        self.0.seed
    }

    /// Its clock.
    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// Its epoch.
    pub fn epoch(&self) -> Epoch {
        self.0.epoch
    }

    /// Whether it was reset, restored over or deleted.
    pub fn is_gone(&self) -> bool {
        self.0.gone.load(Ordering::Relaxed)
    }

    /// Notes that its drivers run from now on. True for the first caller, who has to start them: a new universe, a
    /// fork too, lies dormant until its first request, settle or advance.
    pub fn awaken(&self) -> bool {
        !self.0.awake.load(Ordering::Relaxed) && !self.0.awake.swap(true, Ordering::AcqRel)
    }

    /// Whether both handles are the same universe, and not one and its successor after a reset.
    pub fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// When its partitions want to be looked after.
    pub fn deadlines(&self) -> &Deadlines {
        &self.0.deadlines
    }

    /// What services keep for it while the process runs.
    pub fn live(&self) -> &Live {
        &self.0.live
    }

    /// How many wait for a signal: long polls, mostly.
    pub fn waiting(&self) -> usize {
        self.0.signals.waiting()
    }

    /// How many partitions exist.
    pub fn partitions(&self) -> usize {
        self.0.root.load().len()
    }

    /// The latest moment that a transaction has seen, in any partition: before it, time cannot be set back for all.
    pub fn floor(&self) -> Option<Timestamp> {
        let root = self.0.root.load_full();
        // one that no transaction has committed to has none
        let floors = root.values().map(|cell| cell.lock().floor).filter(|at| at.as_micros() > i64::MIN);
        floors.max()
    }

    /// 128 bits for the id of the next request: under one seed, the same for the same number of requests before.
    pub fn draw_request_id(&self) -> u128 {
        let number = self.0.requests.fetch_add(1, Ordering::Relaxed);
        mesh_clock::Draw::new(self.0.seed, u64::MAX, number).next_u128()
    }

    /// 128 bits for the id of a call that is made by itself, by a delivery or a driver. Numbered apart, so that the ids
    /// of requests do not depend on when those run.
    pub fn draw_errand_id(&self) -> u128 {
        let number = self.0.errands.fetch_add(1, Ordering::Relaxed);
        mesh_clock::Draw::new(self.0.seed, u64::MAX - 1, number).next_u128()
    }

    /// Takes the earliest deadline, if it has come.
    pub fn take_due(&self) -> Option<Handling> {
        Handling::first(self, self.0.clock.now())
    }

    /// Lets a signal of a partition end `wait`.
    pub fn listen<'a>(&'a self, key: &PartitionKey, signal: Signal, wait: &Wait) -> Listening<'a> {
        self.0.signals.listen(key, signal, wait)
    }

    /// Wakes the one who has waited longest for a signal, outside any transaction: one who leaves passes on what he had
    /// to watch.
    pub fn signal(&self, key: &PartitionKey, signal: Signal) {
        self.0.signals.wake_one(key.hash(), signal);
    }

    /// Reads a partition under its lock; one without rows reads as empty. Long reads take a table's snapshot and walk
    /// it outside.
    ///
    /// # Errors
    /// [`Need::Universe`] after the universe's end.
    pub fn read<P: Partition, R>(
        &self,
        key: &Key<P>,
        read: impl FnOnce(&P, Timestamp) -> R,
    ) -> Result<R, Need> {
        let found = self.0.root.load().get(&**key).cloned();
        // Asked after the look: an end in between would show every partition as empty.
        if self.is_gone() {
            return Err(Need::Universe);
        }
        let Some(cell) = found else { return Ok(read(&P::default(), self.0.clock.now())) };
        let cell = cell.lock();
        let now = self.0.clock.now().max(cell.floor);
        Ok(match cell.state::<P>() {
            Some(state) => read(state, now),
            None => read(&P::default(), now),
        })
    }

    /// Runs a transaction that begins with one partition. `work` may run several times: it must leave nothing behind
    /// but what it writes to its states and to its [`Tx`].
    ///
    /// # Errors
    /// What `work` answers, after everything was undone; [`Need::Universe`] after the universe's end.
    ///
    /// # Panics
    /// Where `work` does, after everything was undone.
    pub fn write<P: Partition, R, E: From<Need>>(
        &self,
        key: &Key<P>,
        cause: Cause,
        mut work: impl FnMut(&mut P, &mut Tx<'_>) -> Result<R, E>,
    ) -> Result<R, E> {
        let mut wanted: SmallVec<[Wanted; 1]> = smallvec![Wanted::new(key)];
        // Kept through all attempts: what is drawn in a partition that this transaction makes stays the same.
        let mut birth = None;
        loop {
            match self.attempt(&wanted, key, cause, &mut birth, &mut work) {
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
    /// [`Need::Universe`] after the universe's end.
    pub fn outbox<R>(
        &self,
        key: &PartitionKey,
        work: impl FnOnce(&mut Outbox, Timestamp) -> R,
    ) -> Result<R, Need> {
        let _shared = self.0.cutting.read();
        if self.is_gone() {
            return Err(Need::Universe);
        }
        let Some(mut cell) = self.lock_existing(key) else {
            return Ok(work(&mut Outbox::default(), self.0.clock.now()));
        };
        let now = self.0.clock.now().max(cell.floor);
        let answer = work(&mut cell.outbox, now);
        cell.commit_outbox(now);
        if !cell.holds_rows() {
            self.retire(key, &mut cell);
        }
        Ok(answer)
    }

    /// Has a partition looked after at a moment. For the dispatcher; services use [`Tx::wake_at`].
    pub fn wake_at(&self, at: Timestamp, key: PartitionKey) {
        self.0.deadlines.add(crate::Due { at, key });
    }

    fn attempt<P: Partition, R, E: From<Need>>(
        &self,
        wanted: &[Wanted],
        main: &PartitionKey,
        cause: Cause,
        birth: &mut Option<u64>,
        work: &mut impl FnMut(&mut P, &mut Tx<'_>) -> Result<R, E>,
    ) -> Attempt<Result<R, E>> {
        let shared = self.0.cutting.read();
        if self.is_gone() {
            return Attempt::Done(Err(Need::Universe.into()));
        }
        let guards = wanted.iter().map(|wanted| self.lock(wanted, birth)).collect();
        let context = (self.0.epoch, self.0.seed, cause);
        let mut tx = Tx::begin(wanted, guards, self.0.clock.now(), context);
        let index = wanted.iter().position(|wanted| wanted.key == *main).unwrap_or(0);
        let answer = catch_unwind(AssertUnwindSafe(|| tx.with(index, &mut *work)));
        match answer {
            // Also where `work` did not pass the need on: it has not seen what it asked for.
            Ok(_) if tx.is_in_need() => {
                tx.rollback(|key, cell| self.retire(key, cell));
                Attempt::Needs(tx.take_needed())
            }
            Ok(Ok(answer)) => {
                let effects = tx.commit(&self.0.deadlines, |key, cell| self.retire(key, cell));
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

    fn perform(&self, effects: &Effects) {
        for (hash, signal, reach) in &effects.signals {
            match reach {
                Reach::One => self.0.signals.wake_one(*hash, *signal),
                Reach::All => self.0.signals.wake_all(*hash, *signal),
            }
        }
    }

    /// Locks a partition for a transaction: makes it where it does not exist, and replaces a frozen cell by its copy.
    /// The partitions that one transaction makes share its birth number.
    fn lock(&self, wanted: &Wanted, birth: &mut Option<u64>) -> Guard {
        loop {
            if let Some(guard) = self.lock_existing(&wanted.key) {
                return guard;
            }
            let _writer = self.0.root_writer.lock();
            let mut root = Root::clone(&self.0.root.load());
            if !root.contains_key(&wanted.key) {
                let birth = *birth.get_or_insert_with(|| self.0.births.fetch_add(1, Ordering::Relaxed));
                let cell = (wanted.make)(self.0.cut.load(Ordering::Relaxed), birth);
                root.insert(wanted.key.clone(), Arc::new(Mutex::new(cell)));
                self.0.root.store(Arc::new(root));
            }
        }
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
        let _writer = self.0.root_writer.lock();
        let mut root = Root::clone(&self.0.root.load());
        root.remove(key);
        self.0.root.store(Arc::new(root));
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        reclaim::later(self.root.swap(Arc::default()));
    }
}

impl fmt::Debug for Universe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "universe {} ({} partitions)", self.0.name, self.partitions())
    }
}
