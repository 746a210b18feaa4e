//! Is anything still running?

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::Notify;

/// What runs when the one who asks is alone.
const ALONE: usize = 1;

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
        self.at_most(0).await;
    }

    /// Waits until nothing runs but the task that asks, which is counted.
    pub async fn alone(&self) {
        self.at_most(ALONE).await;
    }

    async fn at_most(&self, count: usize) {
        let _watching = Watching::begin(&self.0);
        loop {
            let quiet = self.0.quiet.notified();
            tokio::pin!(quiet);
            quiet.as_mut().enable();
            if self.running() <= count {
                return;
            }
            quiet.await;
        }
    }

    pub(crate) fn enter(&self) {
        self.0.running.fetch_add(1, Ordering::SeqCst);
    }

    /// Counts one less. False where nothing was counted: two waits of one task were waited for at once, and the second
    /// has no count of its own to give back. It must not be counted in again either.
    pub(crate) fn leave(&self) -> bool {
        let less = |running: usize| running.checked_sub(1);
        let Ok(before) = self.0.running.fetch_update(Ordering::SeqCst, Ordering::SeqCst, less) else {
            tracing::error!(
                "a task waits that was not counted as running; each branch of joined waits begins a count of its own"
            );
            return false;
        };
        if before <= ALONE + 1 && self.0.watchers.load(Ordering::SeqCst) > 0 {
            self.0.quiet.notify_waiters();
        }
        true
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
    async fn one_who_is_counted_can_wait_to_be_alone() {
        let activity = Activity::default();
        let (_own, other) = (activity.begin(), activity.begin());
        let waiting = tokio::spawn({
            let activity = activity.clone();
            async move { activity.alone().await }
        });
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());
        drop(other);
        waiting.await.expect("it does not panic");
        assert_eq!(activity.running(), 1);
    }

    #[test]
    fn what_was_not_counted_leaves_no_debt() {
        let activity = Activity::default();
        assert!(!activity.leave());
        assert_eq!(activity.running(), 0);
        let busy = activity.begin();
        assert_eq!(activity.running(), 1);
        drop(busy);
        assert_eq!(activity.running(), 0);
    }

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
