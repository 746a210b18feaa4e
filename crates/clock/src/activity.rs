//! Is anything still running?

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::Notify;

/// Counts what runs in a universe: requests, deliveries, invocations, drivers. What waits on a [`Wait`](crate::Wait)
/// is not counted.
#[derive(Debug, Clone, Default)]
pub struct Activity(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    running: AtomicUsize,
    /// How many wait for quiet, so that the usual case, none, costs nothing.
    watchers: AtomicUsize,
    quiet: Notify,
}

impl Activity {
    /// Counts one more until the guard is dropped.
    #[must_use]
    pub fn begin(&self) -> Busy {
        self.enter();
        Busy(self.clone())
    }

    /// How many run now.
    pub fn running(&self) -> usize {
        self.0.running.load(Ordering::SeqCst)
    }

    /// Waits until nothing runs.
    pub async fn quiet(&self) {
        let _watching = Watching::begin(&self.0);
        loop {
            let quiet = self.0.quiet.notified();
            tokio::pin!(quiet);
            quiet.as_mut().enable();
            if self.running() == 0 {
                return;
            }
            quiet.await;
        }
    }

    pub(crate) fn enter(&self) {
        self.0.running.fetch_add(1, Ordering::SeqCst);
    }

    pub(crate) fn leave(&self) {
        let before = self.0.running.fetch_sub(1, Ordering::SeqCst);
        debug_assert!(before > 0, "what begins to wait was counted as running");
        if before == 1 && self.0.watchers.load(Ordering::SeqCst) > 0 {
            self.0.quiet.notify_waiters();
        }
    }
}

/// Something runs, until this is dropped.
#[derive(Debug)]
pub struct Busy(Activity);

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.leave();
    }
}

struct Watching<'a>(&'a Inner);

impl<'a> Watching<'a> {
    fn begin(inner: &'a Inner) -> Self {
        inner.watchers.fetch_add(1, Ordering::SeqCst);
        Self(inner)
    }
}

impl Drop for Watching<'_> {
    fn drop(&mut self) {
        self.0.watchers.fetch_sub(1, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn quiet_comes_when_the_last_one_ends() {
        let activity = Activity::default();
        activity.quiet().await;
        let (first, second) = (activity.begin(), activity.begin());
        let waiting = tokio::spawn({
            let activity = activity.clone();
            async move { activity.quiet().await }
        });
        drop(first);
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());
        drop(second);
        waiting.await.expect("it does not panic");
        assert_eq!(activity.running(), 0);
    }
}
