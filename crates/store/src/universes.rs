//! The universes of the process, by name.

use crate::Universe;
use mesh_clock::{Mode, Seed};
use mesh_types::is_label;
use parking_lot::RwLock;
use smol_str::SmolStr;
use std::collections::BTreeMap;
use std::fmt;

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
pub struct Universes(RwLock<BTreeMap<UniverseName, Universe>>);

impl Universes {
    /// The default universe alone, with this seed and clock.
    pub fn new(seed: Seed, mode: Mode) -> Self {
        let default = Universe::new(UniverseName::DEFAULT, seed, mode);
        Self(RwLock::new(BTreeMap::from([(UniverseName::DEFAULT, default)])))
    }

    /// The universe of this name.
    pub fn get(&self, name: &UniverseName) -> Option<Universe> {
        self.0.read().get(name).cloned()
    }

    /// All of them, by name.
    pub fn all(&self) -> Vec<Universe> {
        self.0.read().values().cloned().collect()
    }

    /// Makes a universe with another's state at this moment. `None` where there is no such source, or the name is
    /// taken.
    pub fn fork(&self, from: &UniverseName, name: UniverseName) -> Option<Universe> {
        let mut universes = self.0.write();
        if universes.contains_key(&name) {
            return None;
        }
        let fork = universes.get(from)?.fork(name.clone());
        universes.insert(name, fork.clone());
        Some(fork)
    }

    /// Empties a universe. Handles of the former one fail from now on.
    pub fn reset(&self, name: &UniverseName) -> Option<Universe> {
        let mut universes = self.0.write();
        let fresh = universes.get(name)?.reset();
        universes.insert(name.clone(), fresh.clone());
        Some(fresh)
    }

    /// Deletes a universe; `default` is emptied and stays. False where there is none.
    pub fn delete(&self, name: &UniverseName) -> bool {
        if *name == UniverseName::DEFAULT {
            return self.reset(name).is_some();
        }
        let removed = self.0.write().remove(name);
        removed.inspect(Universe::end).is_some()
    }
}
