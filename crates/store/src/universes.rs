//! The universes of the process, by name.

use crate::disk::{self, Durability, Entry, Journal, Loaded, Opened, StorageBackend, StorageError};
use crate::identity::Identity;
use crate::universe::{Keeping, epoch_after};
use crate::{Deadlines, Epoch, Kinds, Universe};
use mesh_clock::{Mode, Seed};
use mesh_types::{Need, is_label};
use parking_lot::RwLock;
use smol_str::SmolStr;
use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

/// The longest name: it must fit a DNS label and an access key id.
const MAX_LENGTH: usize = 63;

/// A universe's name: lower-case letters, digits and hyphens, as in a DNS label, so that it fits a host name, a path
/// and an access key id.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UniverseName(SmolStr);

impl UniverseName {
    /// The one that exists from the start.
    pub const DEFAULT: Self = Self(SmolStr::new_static("default"));

    /// Parses a name.
    ///
    /// # Errors
    /// Anything but 1 to 63 lower-case letters, digits and hyphens that begin with a letter.
    pub fn parse(text: &str) -> Result<Self, InvalidUniverseName> {
        if is_label(text, MAX_LENGTH) { Ok(Self(SmolStr::new(text))) } else { Err(InvalidUniverseName) }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for UniverseName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for UniverseName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The text cannot be the name of a universe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidUniverseName;

impl fmt::Display for InvalidUniverseName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "a universe's name is 1 to 63 lower-case letters, digits and hyphens, beginning with a letter",
        )
    }
}

impl std::error::Error for InvalidUniverseName {}

/// All universes. There is always a `default`.
#[derive(Debug)]
pub struct Universes {
    all: RwLock<BTreeMap<UniverseName, Universe>>,
    /// Ends with the process.
    journal: Option<Journal>,
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
        let default = Universe::empty(UniverseName::DEFAULT, seed, mode, keeping, None);
        Self {
            all: RwLock::new(BTreeMap::from([(UniverseName::DEFAULT, default)])),
            journal: None,
            resuming: Vec::new(),
        }
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

    /// The same, with a backend in the place of the file.
    ///
    /// # Errors
    /// What the backend holds cannot be used.
    pub fn open_backend(
        backend: impl StorageBackend,
        durability: Durability,
        kinds: Kinds,
        seed: Seed,
    ) -> Result<Self, StorageError> {
        Self::start(disk::open_backend(backend, &kinds)?, durability, kinds, seed)
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
        let (mut all, mut resuming) = (BTreeMap::new(), Vec::new());
        for (identity, loaded) in identities {
            let deadlines = Deadlines::after_a_restart(&loaded.root, &kinds, identity.clock.now());
            let universe = Universe::build(identity, loaded.root, loaded.retired, deadlines, keeping.clone());
            resuming.extend(loaded.record.is_awake.then(|| universe.name().clone()));
            all.insert(universe.name().clone(), universe);
        }
        all.entry(UniverseName::DEFAULT).or_insert_with(|| {
            let mode = Mode::Running { offset_micros: 0 };
            Universe::empty(UniverseName::DEFAULT, seed, mode, keeping, None)
        });
        Ok(Self { all: RwLock::new(all), journal: Some(journal), resuming })
    }

    /// Those whose drivers ran when the process before this one ended. The others lie dormant.
    pub fn resuming(&self) -> &[UniverseName] {
        &self.resuming
    }

    /// Whether their disk has failed: they can be read, and not changed.
    pub fn is_read_only(&self) -> bool {
        self.journal.as_ref().is_some_and(Journal::has_failed)
    }

    /// Waits for a failure of their disk, and tells what the disk said. Never ends where they are in memory alone.
    pub async fn failed(&self) -> String {
        match &self.journal {
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
        let Some(journal) = &self.journal else { return Ok(()) };
        journal.add(Entry::Save);
        journal.settled().await
    }

    /// Writes what is not on disk yet, and ends the writing. Nothing can be changed from now on. Blocks for as long as the
    /// disk takes.
    pub fn close(&self) {
        if let Some(journal) = &self.journal {
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
