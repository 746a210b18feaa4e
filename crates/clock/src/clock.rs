//! The time of a universe: real, offset or frozen, and how it is advanced.

use crate::timers::Timers;
use crate::{Activity, Alarm, RealTime, Wait};
use mesh_types::Timestamp;
use parking_lot::{Mutex, MutexGuard};
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering, fence};
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio::sync::Notify;

/// In `frozen_at`: the clock runs.
const RUNNING: i64 = i64::MIN;

/// The longest sleep of the machine's timer. That timer stands while the machine is suspended and does not hear of a
/// machine's clock that is set; so, every so often, what is due is looked for on the clock itself.
const LONGEST_NAP: Duration = Duration::from_secs(10);

/// The clock of one universe. Cheap to clone; all clones are the same clock.
#[derive(Debug, Clone)]
pub struct Clock(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    /// Odd while the two numbers below are being changed. Whoever reads a moment in between, or across it, reads again:
    /// so no moment was ever read that is later than the one at which the clock then stands.
    changes: AtomicU64,
    /// Microseconds added to real time while the clock runs.
    offset: AtomicI64,
    /// The moment at which the clock stands, or [`RUNNING`].
    frozen_at: AtomicI64,
    timers: Arc<Timers>,
    activity: Activity,
    /// The earliest timer, or the mode, has changed.
    changed: Arc<Notify>,
    driven: AtomicBool,
    /// Held while the clock is changed.
    phase: Mutex<Phase>,
    /// One advance at a time.
    advancing: tokio::sync::Mutex<()>,
}

/// Who moves the clock.
#[derive(Debug, Clone, Copy)]
enum Phase {
    /// Nobody: what it is told holds at once.
    Rest,
    /// An advance or settle, for which it stands. What it is told meanwhile holds from the end of that on.
    Moved(Then),
    /// The universe has ended: it runs, whatever it is told.
    Ended,
}

/// How a clock goes on after an advance or settle.
#[derive(Debug, Clone, Copy)]
enum Then {
    /// It stands where it was moved to.
    Stand,
    /// It runs on from there.
    Run,
    /// It was told how.
    Go(Mode),
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
            changes: AtomicU64::new(0),
            offset: AtomicI64::new(0),
            frozen_at: AtomicI64::new(RUNNING),
            timers: Arc::default(),
            activity: Activity::default(),
            changed: Arc::default(),
            driven: AtomicBool::new(false),
            phase: Mutex::new(Phase::Rest),
            advancing: tokio::sync::Mutex::new(()),
        }));
        clock.set_mode(mode);
        clock
    }

    /// The moment it is in this universe.
    pub fn now(&self) -> Timestamp {
        self.read(|| self.moment())
    }

    /// How the clock goes.
    pub fn mode(&self) -> Mode {
        self.read(|| match self.0.frozen_at.load(Ordering::Acquire) {
            RUNNING => Mode::Running { offset_micros: self.0.offset.load(Ordering::Acquire) },
            at => Mode::Frozen { at: Timestamp::from_micros(at) },
        })
    }

    /// The moment it is, while nobody changes the clock.
    fn moment(&self) -> Timestamp {
        match self.0.frozen_at.load(Ordering::Acquire) {
            RUNNING => {
                let real = RealTime::now().as_micros();
                Timestamp::from_micros(real.saturating_add(self.0.offset.load(Ordering::Acquire)))
            }
            at => Timestamp::from_micros(at),
        }
    }

    /// Reads, again if the clock was changed meanwhile.
    fn read<T>(&self, read: impl Fn() -> T) -> T {
        loop {
            let before = self.0.changes.load(Ordering::Acquire);
            let seen = read();
            fence(Ordering::Acquire);
            if before.is_multiple_of(2) && self.0.changes.load(Ordering::Relaxed) == before {
                return seen;
            }
            // Whoever changes it holds the lock: wait for that rather than spin.
            drop(self.0.phase.lock());
        }
    }

    /// Changes how the clock goes. `how` is asked when no moment that was read before can still be in use by one who
    /// has not got it yet: a moment it reads is not before any of those.
    fn change(&self, _held: &MutexGuard<'_, Phase>, how: impl FnOnce() -> Mode) {
        self.0.changes.fetch_add(1, Ordering::SeqCst);
        fence(Ordering::SeqCst);
        match how() {
            Mode::Running { offset_micros } => {
                self.0.offset.store(offset_micros, Ordering::Release);
                self.0.frozen_at.store(RUNNING, Ordering::Release);
            }
            Mode::Frozen { at } => self.0.frozen_at.store(at.as_micros().max(RUNNING + 1), Ordering::Release),
        }
        self.0.changes.fetch_add(1, Ordering::Release);
        self.0.changed.notify_one();
    }

    /// How the clock goes when no advance or settle is under way: what a copy of it goes by.
    pub fn mode_at_rest(&self) -> Mode {
        let phase = *self.0.phase.lock();
        match (phase, self.mode()) {
            (Phase::Moved(Then::Go(mode)), _) => mode,
            (Phase::Moved(Then::Run), Mode::Frozen { at }) => Mode::Running { offset_micros: ahead(at) },
            (_, mode) => mode,
        }
    }

    /// Changes how the clock goes; while an advance or settle is under way, from its end on. A timer that is thereby due
    /// runs at once if the clock runs, and at the next [`Clock::settle`] or [`Clock::advance`] if it stands.
    pub fn set_mode(&self, mode: Mode) {
        let mut phase = self.0.phase.lock();
        match &mut *phase {
            Phase::Rest => self.change(&phase, || mode),
            Phase::Moved(then) => *then = Then::Go(mode),
            Phase::Ended => {}
        }
    }

    /// Stops the clock where it is, or where an advance that is under way leaves it.
    pub fn freeze(&self) {
        let mut phase = self.0.phase.lock();
        match &mut *phase {
            Phase::Rest => self.change(&phase, || Mode::Frozen { at: self.moment() }),
            Phase::Moved(then) => {
                *then = match *then {
                    Then::Go(Mode::Running { offset_micros }) => {
                        let at = RealTime::now().as_micros().saturating_add(offset_micros);
                        Then::Go(Mode::Frozen { at: Timestamp::from_micros(at) })
                    }
                    Then::Run | Then::Stand => Then::Stand,
                    told @ Then::Go(Mode::Frozen { .. }) => told,
                }
            }
            Phase::Ended => {}
        }
    }

    /// Lets the clock run on from where it is, or from where an advance that is under way leaves it.
    pub fn resume(&self) {
        let mut phase = self.0.phase.lock();
        match &mut *phase {
            Phase::Rest => self.run_on(&phase),
            Phase::Moved(then) => {
                *then = match *then {
                    Then::Go(Mode::Frozen { at }) => Then::Go(Mode::Running { offset_micros: ahead(at) }),
                    Then::Run | Then::Stand => Then::Run,
                    told @ Then::Go(Mode::Running { .. }) => told,
                }
            }
            Phase::Ended => {}
        }
    }

    fn run_on(&self, held: &MutexGuard<'_, Phase>) {
        self.change(held, || Mode::Running { offset_micros: ahead(self.moment()) });
    }

    /// Ends all waits for a moment, because the universe has ended. The clock runs from here on, so that no later wait
    /// lasts for ever.
    pub fn end(&self) {
        let mut phase = self.0.phase.lock();
        self.run_on(&phase);
        *phase = Phase::Ended;
        drop(phase);
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
        let phase = self.0.phase.lock();
        if matches!(*phase, Phase::Moved(_)) && at > self.now() {
            self.change(&phase, || Mode::Frozen { at });
        }
    }

    /// Stops the clock until the guard is dropped; then it goes on as before from where it was moved to, or as it was
    /// told meanwhile.
    fn stand_still(&self) -> StandStill<'_> {
        let mut phase = self.0.phase.lock();
        if matches!(*phase, Phase::Rest) {
            let ran = self.0.frozen_at.load(Ordering::Acquire) == RUNNING;
            self.change(&phase, || Mode::Frozen { at: self.moment() });
            *phase = Phase::Moved(if ran { Then::Run } else { Then::Stand });
        }
        StandStill(self)
    }
}

struct StandStill<'a>(&'a Clock);

impl Drop for StandStill<'_> {
    fn drop(&mut self) {
        let clock = self.0;
        let mut phase = clock.0.phase.lock();
        let Phase::Moved(then) = *phase else { return };
        match then {
            Then::Stand => {}
            Then::Run => clock.run_on(&phase),
            Then::Go(mode) => clock.change(&phase, || mode),
        }
        *phase = Phase::Rest;
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
            return at.since(now).clamp(Duration::from_millis(1), LONGEST_NAP);
        }
        while let Some((_, waker)) = self.0.timers.take_due(now) {
            waker.wake();
        }
        Duration::ZERO
    }
}

#[cfg(test)]
mod tests;
