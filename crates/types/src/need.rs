//! A transaction's wish for another partition.

/// What a function inside a transaction returns when it touched a partition that is not locked yet.
///
/// The transaction has noted which one. It undoes what was done, locks the larger set in key order and runs the
/// function again, so nobody but the store ever handles this value: pass it on with `?`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub struct Need(());

impl Need {
    /// Made by the store's transaction, and by tests of code that passes it on.
    pub const fn another_partition() -> Self {
        Self(())
    }
}
