//! The timers of a clock, in the order in which they fall due.

use crate::Waker;
use mesh_types::Timestamp;
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::sync::{Arc, Weak};

/// Waits that end at a moment, ordered by moment and, among equals, by the order in which they were set.
#[derive(Debug, Default)]
pub(crate) struct Timers(Mutex<Inner>);

#[derive(Debug, Default)]
struct Inner {
    next_sequence: u64,
    due: BTreeMap<(Timestamp, u64), Waker>,
}

impl Timers {
    /// Sets a timer. The answer says whether it is now the earliest.
    pub(crate) fn set(self: &Arc<Self>, at: Timestamp, waker: Waker) -> (Alarm, bool) {
        let mut inner = self.0.lock();
        let key = (at, inner.next_sequence);
        inner.next_sequence += 1;
        inner.due.insert(key, waker);
        let earliest = inner.due.first_key_value().is_some_and(|(first, _)| *first == key);
        (Alarm { key, timers: Arc::downgrade(self) }, earliest)
    }

    /// When the earliest timer falls due.
    pub(crate) fn earliest(&self) -> Option<Timestamp> {
        self.0.lock().due.first_key_value().map(|((at, _), _)| *at)
    }

    /// Takes all timers.
    pub(crate) fn take_all(&self) -> Vec<Waker> {
        std::mem::take(&mut self.0.lock().due).into_values().collect()
    }

    /// Takes the earliest timer if it is due at `now`.
    pub(crate) fn take_due(&self, now: Timestamp) -> Option<(Timestamp, Waker)> {
        let mut inner = self.0.lock();
        let entry = inner.due.first_entry()?;
        let at = entry.key().0;
        (at <= now).then(|| (at, entry.remove()))
    }
}

/// A timer that is set. Dropping it takes the timer away.
#[derive(Debug)]
#[must_use = "dropping it takes the timer away"]
pub struct Alarm {
    key: (Timestamp, u64),
    timers: Weak<Timers>,
}

impl Drop for Alarm {
    fn drop(&mut self) {
        if let Some(timers) = self.timers.upgrade() {
            timers.0.lock().due.remove(&self.key);
        }
    }
}
