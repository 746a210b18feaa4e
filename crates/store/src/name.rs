//! Names of universes.

use mesh_types::is_label;
use smol_str::SmolStr;
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
