//! One wait for the first of several events.

use crate::Activity;
use parking_lot::Mutex;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

/// A wait for the first of several events: a signal, a timer, the end of a resource.
///
/// Each event holds a [`Waker`]. While the task waits it is not counted as running; the event that ends the wait
/// counts it in before it wakes it, so there is no instant at which woken work looks like quiet.
#[derive(Debug)]
pub struct Wait {
    shared: Arc<Shared>,
}

/// Ends a [`Wait`].
#[derive(Debug, Clone)]
pub struct Waker(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    activity: Activity,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    phase: Phase,
    task: Option<std::task::Waker>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// The task runs; it has not begun to wait.
    Running,
    /// The task waits and is not counted.
    Parked {
        /// Whether it was counted before, and so is again when it goes on.
        counted: bool,
    },
    /// An event came; the task is counted.
    Woken,
    /// The wait is over.
    Over,
}

impl Wait {
    /// A wait of a task that is counted as running in `activity`.
    pub fn new(activity: &Activity) -> Self {
        let state = Mutex::new(State { phase: Phase::Running, task: None });
        Self { shared: Arc::new(Shared { activity: activity.clone(), state }) }
    }

    /// What an event holds in order to end this wait.
    pub fn waker(&self) -> Waker {
        Waker(Arc::clone(&self.shared))
    }

    /// Whether an event has come.
    pub fn is_woken(&self) -> bool {
        self.shared.state.lock().phase == Phase::Woken
    }
}

impl Waker {
    /// Ends the wait. False where it was ended before, by another event or because the waiting task is gone.
    pub fn wake(&self) -> bool {
        let mut state = self.0.state.lock();
        match state.phase {
            Phase::Running => {
                state.phase = Phase::Woken;
                true
            }
            Phase::Parked { counted } => {
                state.phase = Phase::Woken;
                if counted {
                    self.0.activity.enter();
                }
                let task = state.task.take();
                drop(state);
                if let Some(task) = task {
                    task.wake();
                }
                true
            }
            Phase::Woken | Phase::Over => false,
        }
    }
}

impl Future for Wait {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut state = self.shared.state.lock();
        match state.phase {
            Phase::Running => {
                state.task = Some(cx.waker().clone());
                // Under the lock: an event must not count the task in before it has been counted out.
                state.phase = Phase::Parked { counted: self.shared.activity.leave() };
                Poll::Pending
            }
            Phase::Parked { .. } => {
                state.task = Some(cx.waker().clone());
                Poll::Pending
            }
            Phase::Woken | Phase::Over => Poll::Ready(()),
        }
    }
}

impl Drop for Wait {
    fn drop(&mut self) {
        let mut state = self.shared.state.lock();
        if state.phase == (Phase::Parked { counted: true }) {
            // The task goes on without the event (its other branch won, or it is being dropped): it counts again.
            self.shared.activity.enter();
        }
        state.phase = Phase::Over;
        state.task = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_waiting_task_does_not_count_and_a_woken_one_does() {
        let activity = Activity::default();
        let busy = activity.begin();
        let wait = Wait::new(&activity);
        let waker = wait.waker();
        let task = tokio::spawn(async move {
            wait.await;
            drop(busy);
        });
        activity.quiet().await;
        assert!(waker.wake());
        assert_eq!(activity.running(), 1, "counted before it has run");
        task.await.expect("it does not panic");
        assert_eq!(activity.running(), 0);
        assert!(!waker.wake(), "the wait is over");
    }

    #[tokio::test]
    async fn an_event_before_the_wait_begins_is_not_lost() {
        let activity = Activity::default();
        let _busy = activity.begin();
        let wait = Wait::new(&activity);
        assert!(wait.waker().wake());
        wait.await;
        assert_eq!(activity.running(), 1);
    }

    #[tokio::test]
    async fn waits_that_one_task_joins_leave_the_count_right() {
        let activity = Activity::default();
        let busy = activity.begin();
        let (one, other) = (Wait::new(&activity), Wait::new(&activity));
        let wakers = [one.waker(), other.waker()];
        let task = tokio::spawn(async move {
            tokio::join!(one, other);
            drop(busy);
        });
        activity.quiet().await;
        wakers.iter().for_each(|waker| assert!(waker.wake()));
        task.await.expect("it does not panic");
        assert_eq!(activity.running(), 0);
    }

    #[tokio::test]
    async fn a_wait_that_is_given_up_leaves_the_count_right() {
        let activity = Activity::default();
        let busy = activity.begin();
        let task = tokio::spawn({
            let wait = Wait::new(&activity);
            async move {
                let _busy = busy;
                wait.await;
            }
        });
        activity.quiet().await;
        task.abort();
        assert!(task.await.is_err_and(|error| error.is_cancelled()));
        assert_eq!(activity.running(), 0);
    }
}
