//! The time of a universe: real, offset or frozen, and how it is advanced.

use crate::timers::Timers;
use crate::{Activity, Alarm, RealTime, Wait};
use mesh_types::Timestamp;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio::sync::Notify;

/// In `frozen_at`: the clock runs.
const RUNNING: i64 = i64::MIN;

/// The clock of one universe. Cheap to clone; all clones are the same clock.
#[derive(Debug, Clone)]
pub struct Clock(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    /// Microseconds added to real time while the clock runs.
    offset: AtomicI64,
    /// The moment at which the clock stands, or [`RUNNING`].
    frozen_at: AtomicI64,
    timers: Arc<Timers>,
    activity: Activity,
    /// The earliest timer, or the mode, has changed.
    changed: Arc<Notify>,
    driven: AtomicBool,
    /// It stands for the time of an advance only, and runs on after it.
    paused: AtomicBool,
    /// One advance at a time.
    advancing: tokio::sync::Mutex<()>,
}

/// How a clock goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// With the machine's clock, this many microseconds ahead of it (zero: the same).
    Running {
        /// Microseconds ahead.
        offset_micros: i64,
    },
    /// It stands.
    Frozen {
        /// Where it stands.
        at: Timestamp,
    },
}

/// What an advance did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Advanced {
    /// The moment it is now.
    pub now: Timestamp,
    /// How many timers fell due and were run.
    pub timers: usize,
}

impl Clock {
    /// A clock in this mode, without timers.
    pub fn new(mode: Mode) -> Self {
        let clock = Self(Arc::new(Inner {
            offset: AtomicI64::new(0),
            frozen_at: AtomicI64::new(RUNNING),
            timers: Arc::default(),
            activity: Activity::default(),
            changed: Arc::default(),
            driven: AtomicBool::new(false),
            paused: AtomicBool::new(false),
            advancing: tokio::sync::Mutex::new(()),
        }));
        clock.set_mode(mode);
        clock
    }

    /// The moment it is in this universe.
    pub fn now(&self) -> Timestamp {
        match self.0.frozen_at.load(Ordering::Acquire) {
            RUNNING => {
                let real = RealTime::now().as_micros();
                Timestamp::from_micros(real.saturating_add(self.0.offset.load(Ordering::Acquire)))
            }
            at => Timestamp::from_micros(at),
        }
    }

    /// How the clock goes.
    pub fn mode(&self) -> Mode {
        match self.0.frozen_at.load(Ordering::Acquire) {
            RUNNING => Mode::Running { offset_micros: self.0.offset.load(Ordering::Acquire) },
            at => Mode::Frozen { at: Timestamp::from_micros(at) },
        }
    }

    /// How the clock goes when no advance or settle is under way: what a copy of it goes by.
    pub fn mode_at_rest(&self) -> Mode {
        match self.mode() {
            Mode::Frozen { at } if self.0.paused.load(Ordering::Acquire) => {
                Mode::Running { offset_micros: ahead(at) }
            }
            mode => mode,
        }
    }

    /// Changes how the clock goes. A timer that is thereby due runs at once if the clock runs, and at the next
    /// [`Clock::settle`] or [`Clock::advance`] if it stands.
    pub fn set_mode(&self, mode: Mode) {
        match mode {
            Mode::Running { offset_micros } => {
                self.0.offset.store(offset_micros, Ordering::Release);
                self.0.frozen_at.store(RUNNING, Ordering::Release);
            }
            Mode::Frozen { at } => self.0.frozen_at.store(at.as_micros().max(RUNNING + 1), Ordering::Release),
        }
        self.0.changed.notify_one();
    }

    /// Stops the clock where it is.
    pub fn freeze(&self) {
        self.set_mode(Mode::Frozen { at: self.now() });
    }

    /// Lets the clock run on from where it is.
    pub fn resume(&self) {
        self.run_from(self.now());
    }

    fn run_from(&self, now: Timestamp) {
        self.set_mode(Mode::Running { offset_micros: ahead(now) });
    }

    /// Ends all waits for a moment, because the universe has ended. The clock runs from here on, so that no later wait
    /// lasts for ever.
    pub fn end(&self) {
        self.resume();
        for waker in self.0.timers.take_all() {
            waker.wake();
        }
    }

    /// What runs in this universe.
    pub fn activity(&self) -> &Activity {
        &self.0.activity
    }

    /// A wait of a task that counts as running in this universe.
    pub fn wait(&self) -> Wait {
        Wait::new(&self.0.activity)
    }

    /// Ends `wait` when the clock reaches `at`, unless the alarm is dropped before; at once where it is there already,
    /// also while it stands.
    pub fn alarm(&self, at: Timestamp, wait: &Wait) -> Alarm {
        let (alarm, earliest) = self.0.timers.set(at, wait.waker());
        if at <= self.now() {
            wait.waker().wake();
            return alarm;
        }
        if !self.0.driven.swap(true, Ordering::AcqRel) {
            tokio::spawn(drive(Arc::downgrade(&self.0), Arc::clone(&self.0.changed)));
        } else if earliest {
            self.0.changed.notify_one();
        }
        alarm
    }

    /// Waits until the clock reaches `at`. The waiting task counts as running in this universe.
    pub async fn sleep_until(&self, at: Timestamp) {
        let wait = self.wait();
        let _alarm = self.alarm(at, &wait);
        wait.await;
    }

    /// Moves the clock forward by `span`: every timer that falls due on the way runs at its own moment, in order, with
    /// all that it causes, before the next. The clock then stands or runs on as it did before.
    pub async fn advance(&self, span: Duration) -> Advanced {
        let _one = self.0.advancing.lock().await;
        let target = self.now() + span;
        let stood = self.stand_still();
        let mut timers = self.run_due(target).await;
        self.move_to(target);
        timers += self.run_due(target).await;
        drop(stood);
        Advanced { now: self.now(), timers }
    }

    /// Waits until nothing runs and nothing is due.
    pub async fn settle(&self) -> Advanced {
        let _one = self.0.advancing.lock().await;
        let stood = self.stand_still();
        let timers = self.run_due(self.now()).await;
        drop(stood);
        Advanced { now: self.now(), timers }
    }

    async fn run_due(&self, target: Timestamp) -> usize {
        let mut timers = 0;
        loop {
            self.0.activity.quiet().await;
            let Some((at, waker)) = self.0.timers.take_due(target) else { return timers };
            self.move_to(at);
            timers += usize::from(waker.wake());
        }
    }

    /// Moves a standing clock forward; it never goes back.
    fn move_to(&self, at: Timestamp) {
        if at > self.now() {
            self.set_mode(Mode::Frozen { at });
        }
    }

    /// Stops the clock until the guard is dropped; then it runs on from where it was moved to, if it ran before.
    fn stand_still(&self) -> StandStill<'_> {
        let ran = matches!(self.mode(), Mode::Running { .. });
        self.0.paused.store(ran, Ordering::Release);
        self.freeze();
        StandStill { clock: self, ran }
    }
}

struct StandStill<'a> {
    clock: &'a Clock,
    ran: bool,
}

impl Drop for StandStill<'_> {
    fn drop(&mut self) {
        if self.ran {
            self.clock.resume();
            self.clock.0.paused.store(false, Ordering::Release);
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.changed.notify_one();
    }
}

/// Microseconds by which a moment is ahead of the machine's clock.
fn ahead(at: Timestamp) -> i64 {
    at.as_micros().saturating_sub(RealTime::now().as_micros())
}

/// Runs the timers of a clock while it runs by itself. Ends with the clock; sleeps while there are none.
async fn drive(clock: Weak<Inner>, changed: Arc<Notify>) {
    loop {
        let span = {
            let Some(clock) = clock.upgrade().map(Clock) else { return };
            match (clock.mode(), clock.0.timers.earliest()) {
                (Mode::Frozen { .. }, _) | (_, None) => None,
                (Mode::Running { .. }, Some(at)) => Some(clock.run_until_due(at)),
            }
        };
        match span {
            None => changed.notified().await,
            Some(Duration::ZERO) => {}
            Some(span) => tokio::select! {
                () = RealTime::sleep(span) => {}
                () = changed.notified() => {}
            },
        }
    }
}

impl Clock {
    /// Runs what is due; the span until the next moment of interest, `at`, if nothing was.
    fn run_until_due(&self, at: Timestamp) -> Duration {
        let now = self.now();
        if at > now {
            // Whole milliseconds upward: the machine's timer ticks no finer, and waking early would only wait again.
            return Duration::from_micros(
                u64::try_from(at.as_micros().saturating_sub(now.as_micros())).unwrap_or(0),
            )
            .max(Duration::from_millis(1));
        }
        while let Some((_, waker)) = self.0.timers.take_due(now) {
            waker.wake();
        }
        Duration::ZERO
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use parking_lot::Mutex;

    fn frozen() -> Clock {
        Clock::new(Mode::Frozen { at: Timestamp::from_secs(1_000) })
    }

    #[tokio::test]
    async fn a_day_of_timers_runs_in_order_each_at_its_own_moment() {
        let (clock, seen) = (frozen(), Arc::new(Mutex::new(Vec::new())));
        for hours in [5, 1, 23, 1] {
            let (clock, seen) = (clock.clone(), Arc::clone(&seen));
            let busy = clock.activity().begin();
            tokio::spawn(async move {
                clock.sleep_until(clock.now() + Duration::from_secs(hours * 3_600)).await;
                seen.lock().push((hours, clock.now().as_secs() - 1_000));
                drop(busy);
            });
        }
        let advanced = clock.advance(Duration::from_secs(86_400)).await;
        assert_eq!(advanced, Advanced { now: Timestamp::from_secs(87_400), timers: 4 });
        assert_eq!(*seen.lock(), [(1, 3_600), (1, 3_600), (5, 18_000), (23, 82_800)]);
    }

    #[tokio::test]
    async fn what_a_timer_causes_runs_within_the_same_advance() {
        let clock = frozen();
        let busy = clock.activity().begin();
        let ticks = tokio::spawn({
            let clock = clock.clone();
            async move {
                for _ in 0..10 {
                    clock.sleep_until(clock.now() + Duration::from_secs(60)).await;
                }
                drop(busy);
                clock.now()
            }
        });
        assert_eq!(clock.advance(Duration::from_secs(3_600)).await.timers, 10);
        assert_eq!(ticks.await.expect("it does not panic"), Timestamp::from_secs(1_600));
        assert_eq!(clock.now(), Timestamp::from_secs(4_600));
    }

    #[tokio::test]
    async fn a_clock_that_ran_runs_on_after_an_advance() {
        let clock = Clock::new(Mode::Running { offset_micros: 0 });
        let before = RealTime::now();
        clock.advance(Duration::from_secs(3_600)).await;
        assert!(matches!(clock.mode(), Mode::Running { offset_micros } if offset_micros >= 3_599_000_000));
        assert!(clock.now().since(before) >= Duration::from_secs(3_600));
    }

    #[tokio::test]
    async fn a_running_clock_ends_waits_by_itself() {
        let clock = Clock::new(Mode::Running { offset_micros: -5_000_000 });
        let _busy = clock.activity().begin();
        let at = clock.now() + Duration::from_millis(5);
        clock.sleep_until(at).await;
        assert!(clock.now() >= at);
    }

    #[tokio::test]
    async fn a_moment_that_has_come_is_not_waited_for() {
        let clock = frozen();
        let _busy = clock.activity().begin();
        clock.sleep_until(clock.now()).await;
        assert_eq!(clock.activity().running(), 1);
    }

    #[tokio::test]
    async fn during_an_advance_a_running_clock_is_still_one_that_runs() {
        let clock = Clock::new(Mode::Running { offset_micros: 0 });
        let busy = clock.activity().begin();
        let mut advancing = Box::pin(clock.advance(Duration::from_secs(3_600)));
        assert!(futures_poll(advancing.as_mut()).await.is_pending());
        assert!(matches!(clock.mode(), Mode::Frozen { .. }));
        assert!(matches!(clock.mode_at_rest(), Mode::Running { .. }));
        drop(busy);
        advancing.await;
        clock.freeze();
        assert!(matches!(clock.mode_at_rest(), Mode::Frozen { .. }));
    }

    async fn futures_poll<F: Future>(mut future: std::pin::Pin<&mut F>) -> std::task::Poll<F::Output> {
        std::future::poll_fn(|task| std::task::Poll::Ready(future.as_mut().poll(task))).await
    }

    #[tokio::test]
    async fn the_end_ends_waits_of_a_clock_that_stands() {
        let clock = frozen();
        let busy = clock.activity().begin();
        let sleeping = tokio::spawn({
            let clock = clock.clone();
            async move { clock.sleep_until(clock.now() + Duration::from_secs(86_400)).await }
        });
        clock.activity().quiet().await;
        clock.end();
        sleeping.await.expect("it does not panic");
        drop(busy);
        assert_eq!(clock.activity().running(), 0);
    }

    #[tokio::test]
    async fn a_dropped_alarm_does_not_ring() {
        let clock = frozen();
        let wait = clock.wait();
        drop(clock.alarm(clock.now() + Duration::from_secs(1), &wait));
        assert_eq!(clock.advance(Duration::from_secs(2)).await.timers, 0);
        assert!(!wait.is_woken());
    }
}
