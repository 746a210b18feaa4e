//! How many batches are worked on at once.

use crate::limits::BATCHES;
use mesh_clock::{Clock, Waker};
use mesh_types::Timestamp;
use parking_lot::Mutex;
use std::sync::Arc;
use std::time::Duration;

/// How long a backlog lasts until more may be worked on at once.
const STEP: Duration = Duration::from_secs(1);

/// The slots of a mapping. Where it has no limit of its own there are few at first, and more for as long as all are taken.
#[derive(Debug)]
pub(super) struct Slots(Mutex<State>);

#[derive(Debug)]
struct State {
    taken: usize,
    limit: usize,
    is_fixed: bool,
    /// Since when all have been taken, or when there last came more.
    full_since: Option<Timestamp>,
    waker: Option<Waker>,
}

/// A slot is taken until this is dropped.
#[derive(Debug)]
pub(super) struct Slot(Arc<Slots>);

impl Slots {
    pub(super) fn new(maximum: Option<u32>) -> Self {
        let (first, _, _) = BATCHES;
        let fixed = maximum.and_then(|maximum| usize::try_from(maximum).ok());
        Self(Mutex::new(State {
            taken: 0,
            limit: fixed.unwrap_or(first),
            is_fixed: fixed.is_some(),
            full_since: None,
            waker: None,
        }))
    }

    /// Takes a slot, when one is free. The waiting task counts as running.
    pub(super) async fn take(self: &Arc<Self>, clock: &Clock) -> Slot {
        loop {
            let wait = clock.wait();
            let Some(grows_at) = self.try_take(clock.now(), wait.waker()) else {
                return Slot(Arc::clone(self));
            };
            let _alarm = grows_at.map(|at| clock.alarm(at, &wait));
            wait.await;
        }
    }

    /// The queue was found empty: there is no backlog.
    pub(super) fn rest(&self) {
        let mut state = self.0.lock();
        if !state.is_fixed {
            (state.limit, _, _) = BATCHES;
        }
        state.full_since = None;
    }

    /// Takes a slot; if none is free, the moment at which there will be more, if ever, and `waker` is told of one before.
    fn try_take(&self, now: Timestamp, waker: Waker) -> Option<Option<Timestamp>> {
        let (_, more, most) = BATCHES;
        let mut state = self.0.lock();
        if state.taken >= state.limit && !state.is_fixed {
            let since = *state.full_since.get_or_insert(now);
            if since + STEP <= now {
                state.limit = (state.limit + more).min(most);
                state.full_since = Some(now);
            }
        }
        if state.taken < state.limit {
            state.taken += 1;
            return None;
        }
        state.waker = Some(waker);
        let grows = !state.is_fixed && state.limit < most;
        Some(state.full_since.filter(|_| grows).map(|since| since + STEP))
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut state = self.0.0.lock();
        state.taken -= 1;
        let waker = state.waker.take();
        drop(state);
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mesh_clock::Mode;

    fn clock() -> Clock {
        Clock::new(Mode::Frozen { at: Timestamp::from_secs(1_000) })
    }

    #[tokio::test]
    async fn a_fixed_number_is_never_exceeded() {
        let (slots, clock) = (Arc::new(Slots::new(Some(2))), clock());
        let (one, _two) = (slots.take(&clock).await, slots.take(&clock).await);
        let now = clock.now() + Duration::from_secs(3_600);
        assert_eq!(slots.try_take(now, clock.wait().waker()), Some(None));
        drop(one);
        assert_eq!(slots.try_take(now, clock.wait().waker()), None);
    }

    #[tokio::test]
    async fn a_backlog_brings_more_slots_until_the_queue_is_empty() {
        let (slots, clock) = (Arc::new(Slots::new(None)), clock());
        let mut taken = Vec::new();
        for _ in 0..5 {
            taken.push(slots.take(&clock).await);
        }
        let now = clock.now();
        assert_eq!(slots.try_take(now, clock.wait().waker()), Some(Some(now + STEP)));
        assert_eq!(slots.try_take(now + STEP, clock.wait().waker()), None);
        assert_eq!(slots.0.lock().limit, 10);
        slots.rest();
        assert_eq!(slots.0.lock().limit, 5);
    }
}
