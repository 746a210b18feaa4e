//! What a universe is beside its rows.

use crate::{Epoch, UniverseName};
use mesh_clock::{Clock, Mode, Seed};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Name, seed, clock and counters of a universe: shared with the journal, which keeps them on disk.
pub(crate) struct Identity {
    /// Its number on disk; zero in memory.
    pub(crate) number: u64,
    pub(crate) name: UniverseName,
    pub(crate) epoch: Epoch,
    pub(crate) seed: Seed,
    pub(crate) clock: Clock,
    pub(crate) requests: AtomicU64,
    /// Numbers what runs by itself.
    pub(crate) errands: AtomicU64,
    /// Whether its drivers run.
    pub(crate) awake: AtomicBool,
}

impl Identity {
    /// A universe that nobody has called yet.
    pub(crate) fn new(number: u64, name: UniverseName, epoch: Epoch, seed: Seed, mode: Mode) -> Self {
        let (clock, requests, errands) = (Clock::new(mode), AtomicU64::new(0), AtomicU64::new(0));
        Self { number, name, epoch, seed, clock, requests, errands, awake: AtomicBool::new(false) }
    }

    /// The same under another name: a fork goes on counting where its origin stood.
    pub(crate) fn fork(&self, number: u64, name: UniverseName, epoch: Epoch) -> Self {
        let count = |counter: &AtomicU64| AtomicU64::new(counter.load(Ordering::Relaxed));
        Self {
            requests: count(&self.requests),
            errands: count(&self.errands),
            ..Self::new(number, name, epoch, self.seed, self.clock.mode_at_rest())
        }
    }
}
