//! The caller is gone.

use mesh_clock::{Wait, Waker};
use parking_lot::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

/// Tells the waits of a request that its caller has hung up. Its transactions are not touched by that.
#[derive(Debug, Default)]
pub struct Hangup {
    hung_up: AtomicBool,
    waits: Mutex<Waits>,
}

#[derive(Debug, Default)]
struct Waits {
    next: u64,
    ended: Vec<(u64, Waker)>,
}

/// A wait that ends when the caller hangs up, for as long as this is kept.
#[derive(Debug)]
#[must_use = "dropping it takes the wait away"]
pub struct Watched<'a> {
    hangup: &'a Hangup,
    ticket: u64,
}

impl Hangup {
    /// The caller is gone.
    pub fn happen(&self) {
        self.hung_up.store(true, Ordering::SeqCst);
        let waits = std::mem::take(&mut self.waits.lock().ended);
        for (_, waker) in waits {
            waker.wake();
        }
    }

    /// Whether the caller is gone.
    pub fn has_happened(&self) -> bool {
        self.hung_up.load(Ordering::SeqCst)
    }

    /// Whether a wait is on that he would end.
    pub(crate) fn is_waiting(&self) -> bool {
        !self.waits.lock().ended.is_empty()
    }

    /// Ends `wait` when the caller hangs up; at once where he has.
    pub fn ends(&self, wait: &Wait) -> Watched<'_> {
        let mut waits = self.waits.lock();
        let ticket = waits.next;
        waits.next += 1;
        waits.ended.push((ticket, wait.waker()));
        drop(waits);
        if self.has_happened() {
            self.happen();
        }
        Watched { hangup: self, ticket }
    }
}

impl Drop for Watched<'_> {
    fn drop(&mut self) {
        let mut waits = self.hangup.waits.lock();
        if let Some(at) = waits.ended.iter().position(|(ticket, _)| *ticket == self.ticket) {
            waits.ended.swap_remove(at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mesh_clock::Activity;

    #[test]
    fn a_wait_that_is_over_takes_no_other_with_it() {
        let (hangup, activity) = (Hangup::default(), Activity::default());
        let (over, waits) = (Wait::new(&activity), Wait::new(&activity));
        let watched = hangup.ends(&over);
        let _still = hangup.ends(&waits);
        drop(watched);
        hangup.happen();
        assert!(waits.is_woken() && !over.is_woken());
        let late = Wait::new(&activity);
        let _watched = hangup.ends(&late);
        assert!(late.is_woken(), "the caller has gone before");
    }
}
