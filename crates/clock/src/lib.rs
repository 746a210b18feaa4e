//! The clock of a universe: its time, its timers, its waits, whether anything in it is still running, and its seeded
//! entropy.
//!
//! A universe's time is real, offset from real, or frozen ([`Clock`]). Whoever waits for a moment or for an event
//! waits on a [`Wait`]; while it waits it does not count as running ([`Activity`]), and whoever ends the wait counts it
//! in again before waking it. So "nothing is running and nothing is due" is a fact that can be waited for, and
//! [`Clock::advance`] can run each timer at its own moment, with all that it causes, before the next.
//!
//! This is the one crate that reads the machine's clock ([`RealTime`]).

mod activity;
mod clock;
mod entropy;
mod real;
mod timers;
mod wait;

pub use activity::{Activity, Busy};
pub use clock::{Advanced, Clock, Mode};
pub use entropy::{Draw, Seed};
pub use real::RealTime;
pub use timers::Alarm;
pub use wait::{Wait, Waker};
