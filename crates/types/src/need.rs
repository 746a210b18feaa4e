//! What a transaction needs and does not have.

use std::fmt;

/// Why a transaction cannot go on: it touched a partition that it has not locked, or its universe is gone.
///
/// In the first case the transaction has noted which one: the store undoes what was done, locks the larger set in key
/// order and runs the function again. Code between the two passes the value on with `?`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Need {
    /// Another partition, to be locked with the others. Only the store ever handles it.
    Partition,
    /// The universe: it was reset, restored or deleted since the request came in. The caller gets to know.
    Universe,
    /// The disk: it has failed, and nothing can be changed until a restart. The caller gets to know.
    Storage,
}

impl fmt::Display for Need {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Partition => "another partition is needed",
            Self::Universe => "the universe is gone",
            Self::Storage => "the disk has failed",
        })
    }
}
