//! The universes of the process, by name.

use crate::disk::{self, Durability, Entry, Journal, Loaded, Opened, Role, StorageBackend, StorageError};
use crate::export::{self, ImportError};
use crate::identity::Identity;
use crate::universe::{Keeping, epoch_after};
use crate::{Deadlines, Epoch, Kinds, Universe, UniverseName};
use mesh_clock::{Mode, Seed};
use mesh_types::Need;
use parking_lot::RwLock;
use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

/// All universes. There is always a `default`.
#[derive(Debug)]
pub struct Universes {
    all: RwLock<BTreeMap<UniverseName, Universe>>,
    /// States to go back to. Nothing runs in them.
    snapshots: RwLock<BTreeMap<UniverseName, Universe>>,
    keeping: Keeping,
    /// Those whose drivers ran when they were left.
    resuming: Vec<UniverseName>,
}

/// After an end that was not orderly, the numbers of requests go on behind all that can have been given since the last
/// commit.
const LOST_REQUESTS: u64 = 1 << 40;

impl Universes {
    /// The default universe alone, with this seed and clock, in memory.
    pub fn new(seed: Seed, mode: Mode) -> Self {
        Self::in_memory(seed, mode, Keeping::default())
    }

    /// The same, with partitions of these kinds only.
    pub fn of_kinds(kinds: Kinds, seed: Seed, mode: Mode) -> Self {
        Self::in_memory(seed, mode, Keeping { kinds: Some(Arc::new(kinds)), journal: None })
    }

    fn in_memory(seed: Seed, mode: Mode, keeping: Keeping) -> Self {
        let default = Universe::empty(UniverseName::DEFAULT, seed, mode, keeping.clone(), None);
        let all = RwLock::new(BTreeMap::from([(UniverseName::DEFAULT, default)]));
        Self { all, snapshots: RwLock::default(), keeping, resuming: Vec::new() }
    }

    /// The universes that are kept in a directory; a default universe with this seed where there is none.
    ///
    /// # Errors
    /// The directory cannot be used.
    pub fn open(
        directory: &Path,
        durability: Durability,
        kinds: Kinds,
        seed: Seed,
    ) -> Result<Self, StorageError> {
        Self::start(disk::open_directory(directory, &kinds)?, durability, kinds, seed)
    }

    /// The same, with backends in the place of the file and of the two halves of its log.
    ///
    /// # Errors
    /// What the backends hold cannot be used.
    pub fn open_backend(
        backend: impl StorageBackend,
        logs: [Box<dyn StorageBackend>; 2],
        durability: Durability,
        kinds: Kinds,
        seed: Seed,
    ) -> Result<Self, StorageError> {
        Self::start(disk::open_backend(backend, logs, &kinds)?, durability, kinds, seed)
    }

    fn start(opened: Opened, durability: Durability, kinds: Kinds, seed: Seed) -> Result<Self, StorageError> {
        let Opened { mut disk, universes, next_universe, was_closed } = opened;
        let kinds = Arc::new(kinds);
        let lost = if was_closed { 0 } else { LOST_REQUESTS };
        let identities = universes.into_iter().map(|loaded| {
            let identity = identity_of(&loaded, lost)?;
            Ok((identity, loaded))
        });
        let identities: Vec<(Arc<Identity>, Loaded)> = identities.collect::<Result<_, StorageError>>()?;
        identities.iter().for_each(|(identity, _)| disk.identify(identity));
        let journal = disk.start(durability, next_universe)?;
        let keeping = Keeping { journal: Some(journal.clone()), kinds: Some(Arc::clone(&kinds)) };
        // Their new epochs are on disk before any row that names one.
        journal.add(Entry::Save);
        let (mut all, mut snapshots, mut resuming) = (BTreeMap::new(), BTreeMap::new(), Vec::new());
        for (identity, loaded) in identities {
            let deadlines = Deadlines::after_a_restart(&loaded.root, &kinds, identity.clock.now());
            let universe = Universe::build(identity, loaded.root, loaded.retired, deadlines, keeping.clone());
            resuming.extend(loaded.record.is_awake.then(|| universe.name().clone()));
            let those = match loaded.record.role {
                Role::Universe => &mut all,
                Role::Snapshot => &mut snapshots,
            };
            those.insert(universe.name().clone(), universe);
        }
        all.entry(UniverseName::DEFAULT).or_insert_with(|| {
            let mode = Mode::Running { offset_micros: 0 };
            Universe::empty(UniverseName::DEFAULT, seed, mode, keeping.clone(), None)
        });
        Ok(Self { all: RwLock::new(all), snapshots: RwLock::new(snapshots), keeping, resuming })
    }

    /// Those whose drivers ran when the process before this one ended. The others lie dormant.
    pub fn resuming(&self) -> &[UniverseName] {
        &self.resuming
    }

    /// Whether their disk has failed: they can be read, and not changed.
    pub fn is_read_only(&self) -> bool {
        self.keeping.journal.as_ref().is_some_and(Journal::has_failed)
    }

    /// Waits for a failure of their disk, and tells what the disk said. Never ends where they are in memory alone.
    pub async fn failed(&self) -> String {
        match &self.keeping.journal {
            Some(journal) => journal.failed().await,
            None => std::future::pending().await,
        }
    }

    /// Has kept what they are beside their rows, after a clock was set or one was made or deleted. Waits for it where the
    /// state is kept strictly.
    ///
    /// # Errors
    /// [`Need::Storage`] where the disk has failed.
    pub async fn save(&self) -> Result<(), Need> {
        let Some(journal) = &self.keeping.journal else { return Ok(()) };
        journal.add(Entry::Save);
        journal.settled().await
    }

    /// Waits until what they have shown up to now may be told: see [`Universe::settled_on_disk`].
    ///
    /// # Errors
    /// [`Need::Storage`] where the disk has failed, and what was shown will be forgotten.
    pub async fn settled_on_disk(&self) -> Result<(), Need> {
        match &self.keeping.journal {
            Some(journal) => journal.settled().await,
            None => Ok(()),
        }
    }

    /// Writes what is not on disk yet, and ends the writing. Nothing can be changed from now on. Blocks for as long as the
    /// disk takes.
    pub fn close(&self) {
        if let Some(journal) = &self.keeping.journal {
            journal.close();
        }
    }

    /// The universe of this name.
    pub fn get(&self, name: &UniverseName) -> Option<Universe> {
        self.all.read().get(name).cloned()
    }

    /// All of them, by name.
    pub fn all(&self) -> Vec<Universe> {
        self.all.read().values().cloned().collect()
    }

    /// Makes a universe with another's state at this moment. `None` where there is no such source, or the name is
    /// taken.
    pub fn fork(&self, from: &UniverseName, name: UniverseName) -> Option<Universe> {
        let mut universes = self.all.write();
        if universes.contains_key(&name) {
            return None;
        }
        let fork = universes.get(from)?.fork(name.clone());
        universes.insert(name, fork.clone());
        Some(fork)
    }

    /// Empties a universe. Handles of the former one fail from now on.
    pub fn reset(&self, name: &UniverseName) -> Option<Universe> {
        let mut universes = self.all.write();
        let fresh = universes.get(name)?.reset();
        universes.insert(name.clone(), fresh.clone());
        Some(fresh)
    }

    /// Deletes a universe; `default` is emptied and stays. False where there is none.
    pub fn delete(&self, name: &UniverseName) -> bool {
        if *name == UniverseName::DEFAULT {
            return self.reset(name).is_some();
        }
        let removed = self.all.write().remove(name);
        removed.inspect(Universe::delete).is_some()
    }

    /// Keeps a universe's state of this moment under a name, in the place of a former one. False where there is no such
    /// universe.
    pub fn snapshot(&self, of: &UniverseName, name: UniverseName) -> bool {
        let Some(universe) = self.get(of) else { return false };
        let mut snapshots = self.snapshots.write();
        let replaces = snapshots.get(&name).map(Universe::number);
        let taken = universe.fork_as(name.clone(), Role::Snapshot, replaces, self.keeping.clone());
        if let Some(former) = snapshots.insert(name, taken) {
            former.end();
        }
        true
    }

    /// The names of the states that are kept.
    pub fn snapshots(&self) -> Vec<UniverseName> {
        self.snapshots.read().keys().cloned().collect()
    }

    /// Forgets a state that is kept. False where there is none.
    pub fn delete_snapshot(&self, name: &UniverseName) -> bool {
        let removed = self.snapshots.write().remove(name);
        removed.inspect(Universe::delete).is_some()
    }

    /// Puts a state that is kept in the place of a universe. Handles of the former one fail from now on. `None` where
    /// there is no such universe or no such state.
    pub fn restore(&self, name: &UniverseName, from: &UniverseName) -> Option<Universe> {
        let mut universes = self.all.write();
        let snapshots = self.snapshots.read();
        let (former, snapshot) = (universes.get(name)?, snapshots.get(from)?);
        former.end();
        let restored =
            snapshot.fork_as(name.clone(), Role::Universe, Some(former.number()), self.keeping.clone());
        universes.insert(name.clone(), restored.clone());
        Some(restored)
    }

    /// Makes a universe of an export, in the place of another of this name where `replace` says so. It lies dormant.
    ///
    /// # Errors
    /// The file cannot be read as a universe; the name is taken.
    pub fn import(
        &self,
        name: UniverseName,
        from: impl Read,
        replace: bool,
    ) -> Result<Universe, ImportError> {
        let is_taken = |universes: &BTreeMap<_, _>| universes.contains_key(&name) && !replace;
        if is_taken(&self.all.read()) {
            return Err(ImportError::NameTaken);
        }
        let kinds = self.keeping.kinds.clone().unwrap_or_default();
        let imported = export::read(from, &kinds, export::LARGEST)?;
        let mut universes = self.all.write();
        if is_taken(&universes) {
            return Err(ImportError::NameTaken);
        }
        let former = universes.get(&name);
        former.iter().for_each(|former| former.end());
        let replaces = former.map(Universe::number);
        let universe = Universe::import(imported, name.clone(), self.keeping.clone(), replaces);
        universes.insert(name, universe.clone());
        Ok(universe)
    }
}

impl Drop for Universes {
    fn drop(&mut self) {
        self.close();
    }
}

/// A universe as it was left, in a new epoch.
fn identity_of(loaded: &Loaded, lost: u64) -> Result<Arc<Identity>, StorageError> {
    let record = &loaded.record;
    let name = UniverseName::parse(&record.name)
        .map_err(|_| StorageError::damaged(format!("{:?} is no name of a universe", record.name)))?;
    let epoch = epoch_after(Epoch(record.epoch));
    let count = |number: u64| AtomicU64::new(number.saturating_add(lost));
    Ok(Arc::new(Identity {
        requests: count(record.requests),
        errands: count(record.errands),
        ..Identity::new(loaded.number, name, epoch, Seed(record.seed), record.clock.into())
    }))
}
