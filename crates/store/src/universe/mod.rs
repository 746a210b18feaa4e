//! A universe: everything, once.

use crate::cell::{Retired, Root, SharedCell};
use crate::disk::{Base, Entry, Journal, Making, Role};
use crate::export::{self, Imported};
use crate::identity::Identity;
use crate::signals::Signals;
use crate::{
    Deadlines, Handling, Key, Kinds, Listening, Live, Partition, PartitionKey, Signal, UniverseName, reclaim,
};
use arc_swap::ArcSwap;
use crossbeam_utils::sync::ShardedLock;
use mesh_clock::{Clock, Mode, Seed, Wait};
use mesh_types::{Need, Timestamp};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

mod write;

/// Cuts and epochs are numbered through all universes of the process.
static NEXT: AtomicU64 = AtomicU64::new(1);

fn next_number() -> u64 {
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// The epoch of a state that comes from a disk or a file, after those that it has seen.
pub(crate) fn epoch_after(last: Epoch) -> Epoch {
    NEXT.fetch_max(last.0.saturating_add(1), Ordering::Relaxed);
    Epoch(next_number())
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
    identity: Arc<Identity>,
    root: ArcSwap<Root>,
    /// Held while the root is replaced by a changed one.
    root_writer: Mutex<Retired>,
    /// Cells made before this cut are shared with another universe and frozen.
    cut: AtomicU64,
    /// Shared by transactions, exclusive for a cut.
    cutting: ShardedLock<()>,
    gone: AtomicBool,
    deadlines: Deadlines,
    signals: Signals,
    live: Live,
    /// The way to the disk, where the state is kept there.
    journal: Option<Journal>,
    /// The kinds of partition that there can be, where that is known.
    kinds: Option<Arc<Kinds>>,
}

/// What a universe keeps its state with.
#[derive(Debug, Default, Clone)]
pub(crate) struct Keeping {
    pub(crate) journal: Option<Journal>,
    pub(crate) kinds: Option<Arc<Kinds>>,
}

impl Keeping {
    /// The number of a new universe on disk.
    fn number(&self) -> u64 {
        self.journal.as_ref().map_or(0, Journal::next_universe)
    }
}

impl Universe {
    /// An empty universe, in memory alone.
    pub fn new(name: UniverseName, seed: Seed, mode: Mode) -> Self {
        Self::empty(name, seed, mode, Keeping::default(), None)
    }

    /// An empty universe, in the place of another where there is one.
    pub(crate) fn empty(
        name: UniverseName,
        seed: Seed,
        mode: Mode,
        keeping: Keeping,
        replaces: Option<u64>,
    ) -> Self {
        let identity = Arc::new(Identity::new(keeping.number(), name, Epoch(next_number()), seed, mode));
        let universe = Self::build(identity, Root::new(), Retired::new(), Deadlines::default(), keeping);
        universe.journal_making(Role::Universe, Base::Empty, replaces);
        universe
    }

    /// A universe of these parts. Its cells are frozen, as far as there are any: each writer copies what it writes to.
    pub(crate) fn build(
        identity: Arc<Identity>,
        root: Root,
        retired: Retired,
        deadlines: Deadlines,
        keeping: Keeping,
    ) -> Self {
        let Keeping { journal, kinds } = keeping;
        Self(Arc::new(Inner {
            identity,
            root: ArcSwap::from_pointee(root),
            root_writer: Mutex::new(retired),
            cut: AtomicU64::new(next_number()),
            cutting: ShardedLock::new(()),
            gone: AtomicBool::new(false),
            deadlines,
            signals: Signals::default(),
            live: Live::default(),
            journal,
            kinds,
        }))
    }

    /// Another universe with this one's state at this moment. The cost does not depend on the state; transactions
    /// wait for as long as the running ones take.
    pub fn fork(&self, name: UniverseName) -> Self {
        self.fork_as(name, Role::Universe, None, self.keeping())
    }

    /// A fork that is for something else, in the place of another universe, or not kept where this one is.
    pub(crate) fn fork_as(
        &self,
        name: UniverseName,
        role: Role,
        replaces: Option<u64>,
        keeping: Keeping,
    ) -> Self {
        let exclusive = self.0.cutting.write();
        // Only now: of two forks at once, the later cut must have the greater number.
        let cut = next_number();
        self.0.cut.store(cut, Ordering::Relaxed);
        let identity = Arc::new(self.0.identity.fork(keeping.number(), name, Epoch(next_number())));
        let root = Root::clone(&self.0.root.load());
        let retired = self.0.root_writer.lock().clone();
        let fork = Self::build(identity, root, retired, self.0.deadlines.fork(), keeping);
        fork.journal_making(role, Base::Fork(self.number()), replaces);
        drop(exclusive);
        fork
    }

    fn journal_making(&self, role: Role, base: Base, replaces: Option<u64>) {
        if let Some(journal) = &self.0.journal {
            let identity = Arc::clone(&self.0.identity);
            journal.add(Entry::Make(Making { identity, role, base, replaces }));
        }
    }

    /// An empty universe in place of this one, with its name and seed; its clock runs with the machine's. This one
    /// is gone.
    pub fn reset(&self) -> Self {
        self.end();
        let mode = Mode::Running { offset_micros: 0 };
        Self::empty(self.name().clone(), self.seed(), mode, self.keeping(), Some(self.number()))
    }

    /// Ends this universe and takes it from the disk.
    pub(crate) fn delete(&self) {
        self.end();
        if let Some(journal) = &self.0.journal {
            journal.add(Entry::Remove { universe: self.number() });
        }
    }

    /// Ends this universe: waits end, transactions fail, the state is freed in the background. On disk it stays.
    pub fn end(&self) {
        let exclusive = self.0.cutting.write();
        self.0.gone.store(true, Ordering::Relaxed);
        let root = self.0.root.swap(Arc::default());
        drop(exclusive);
        reclaim::later(root);
        self.0.signals.wake_everyone();
        self.0.deadlines.end();
        self.clock().end();
    }

    /// The state of this moment, in memory alone and for nobody to call.
    pub(crate) fn cut_in_memory(&self) -> Self {
        self.fork_as(self.name().clone(), Role::Snapshot, None, Keeping::default())
    }

    /// Its cells, and what is known of partitions that are no more.
    pub(crate) fn parts(&self) -> (Root, Retired) {
        (Root::clone(&self.0.root.load()), self.0.root_writer.lock().clone())
    }

    pub(crate) fn identity(&self) -> &Identity {
        &self.0.identity
    }

    /// Writes it as it is at this moment: rows, clock, deliveries that are owed. What comes is compressed, and secret if
    /// anything in it is.
    ///
    /// # Errors
    /// What `into` answers.
    pub fn export(&self, into: impl std::io::Write) -> std::io::Result<()> {
        export::write(self, into)
    }

    /// A universe that was read from a file, in the place of another where there is one. It lies dormant.
    pub(crate) fn import(
        imported: Imported,
        name: UniverseName,
        keeping: Keeping,
        replaces: Option<u64>,
    ) -> Self {
        let identity = Arc::new(imported.identity(keeping.number(), name));
        let kinds = keeping.kinds.clone().unwrap_or_default();
        let deadlines = Deadlines::after_a_restart(&imported.root, &kinds, identity.clock.now());
        let universe = Self::build(identity, imported.root, imported.retired, deadlines, keeping);
        if universe.0.journal.is_some() {
            let (root, retired) = universe.parts();
            let change = |(key, cell): (&PartitionKey, &SharedCell)| {
                let cell = cell.lock();
                cell.change(key, cell.dump())
            };
            let partitions = root.iter().map(change).collect();
            universe.journal_making(Role::Universe, Base::Rows { partitions, retired }, replaces);
        }
        universe
    }

    /// Its number on disk.
    pub(crate) fn number(&self) -> u64 {
        self.0.identity.number
    }

    pub(crate) fn keeping(&self) -> Keeping {
        Keeping { journal: self.0.journal.clone(), kinds: self.0.kinds.clone() }
    }

    /// Waits until what it has shown up to now may be told: where it is kept strictly, until that is on disk.
    ///
    /// # Errors
    /// [`Need::Storage`] where the disk has failed, and what was shown will be forgotten.
    pub async fn settled_on_disk(&self) -> Result<(), Need> {
        match &self.0.journal {
            Some(journal) => journal.settled().await,
            None => Ok(()),
        }
    }

    /// Whether its disk has failed: it can be read, and not changed.
    pub fn is_read_only(&self) -> bool {
        self.0.journal.as_ref().is_some_and(Journal::has_failed)
    }

    /// Its name.
    pub fn name(&self) -> &UniverseName {
        &self.0.identity.name
    }

    /// The seed of its entropy.
    pub fn seed(&self) -> Seed {
        self.0.identity.seed
    }

    /// Its clock.
    pub fn clock(&self) -> &Clock {
        &self.0.identity.clock
    }

    /// Its epoch.
    pub fn epoch(&self) -> Epoch {
        self.0.identity.epoch
    }

    /// Whether it was reset, restored over or deleted.
    pub fn is_gone(&self) -> bool {
        self.0.gone.load(Ordering::Relaxed)
    }

    /// Notes that its drivers run from now on. True for the first caller, who has to start them: a new universe, a
    /// fork too, lies dormant until its first request, settle or advance.
    pub fn awaken(&self) -> bool {
        !self.0.identity.awake.load(Ordering::Relaxed) && !self.0.identity.awake.swap(true, Ordering::AcqRel)
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
        let number = self.0.identity.requests.fetch_add(1, Ordering::Relaxed);
        mesh_clock::Draw::new(self.0.identity.seed, u64::MAX, number).next_u128()
    }

    /// 128 bits for the id of a call that is made by itself, by a delivery or a driver. Numbered apart, so that the ids
    /// of requests do not depend on when those run.
    pub fn draw_errand_id(&self) -> u128 {
        let number = self.0.identity.errands.fetch_add(1, Ordering::Relaxed);
        mesh_clock::Draw::new(self.0.identity.seed, u64::MAX - 1, number).next_u128()
    }

    /// Takes the earliest deadline, if it has come.
    pub fn take_due(&self) -> Option<Handling> {
        Handling::first(self, self.0.identity.clock.now())
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
        let Some(cell) = found else { return Ok(read(&P::default(), self.0.identity.clock.now())) };
        let cell = cell.lock();
        let now = self.0.identity.clock.now().max(cell.floor);
        Ok(match cell.state::<P>() {
            Some(state) => read(state, now),
            None => read(&P::default(), now),
        })
    }

    /// Has a partition looked after at a moment. For the dispatcher; services use [`Tx::wake_at`].
    pub fn wake_at(&self, at: Timestamp, key: PartitionKey) {
        self.0.deadlines.add(crate::Due { at, key });
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        reclaim::later(self.root.swap(Arc::default()));
    }
}

impl fmt::Debug for Universe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "universe {} ({} partitions)", self.name(), self.partitions())
    }
}
