//! Waiting for something to be there.

use crate::{Caller, Context};
use mesh_clock::RealTime;
use mesh_store::{Partition, Signal};
use mesh_types::Timestamp;
use std::future::pending;
use std::time::Duration;

/// One look at a resource by a [`Context::long_poll`].
#[derive(Debug)]
pub struct Tried<T> {
    /// The answer, should this have been the last look.
    pub answer: T,
    /// Whether something was there.
    pub found: bool,
    /// When something that is there already becomes due, so that it is worth looking again without a signal.
    pub look_again_at: Option<Timestamp>,
}

impl Context {
    /// Looks until something is there or `patience` has passed: at once, at each `signal` of the partition, and when
    /// what is there becomes due. Nothing runs in between.
    ///
    /// Patience is universe time. A connected client's also ends after the same span of real time, since the client
    /// compares with its own clock; and it ends when the client hangs up, in which case nothing more is taken.
    ///
    /// The polling task counts as running ([`mesh_clock::Activity::begin`]) and is counted out while it waits. Who polls
    /// twice at once, in joined futures, lets each but one begin a count of its own.
    ///
    /// # Errors
    /// What `look` answers.
    pub async fn long_poll<P: Partition, T, E>(
        &self,
        key: &mesh_store::Key<P>,
        signal: Signal,
        patience: Duration,
        mut look: impl FnMut() -> Result<Tried<T>, E>,
    ) -> Result<T, E> {
        let leave = |tried: Tried<T>| {
            // Those who still wait may not know of this moment: one of them takes it over.
            if tried.look_again_at.is_some() {
                self.universe().signal(key, signal);
            }
            tried.answer
        };
        let tried = look()?;
        if tried.found || patience.is_zero() {
            return Ok(leave(tried));
        }
        let clock = self.universe().clock();
        let end = clock.now() + patience;
        let real_end = async {
            match self.caller() {
                Caller::Service { .. } => pending().await,
                Caller::Anonymous | Caller::AccessKey(_) => RealTime::sleep(patience).await,
            }
        };
        tokio::pin!(real_end);
        let mut over = false;
        loop {
            let mut wait = clock.wait();
            let listening = self.universe().listen(key, signal, &wait);
            let watched = self.hangup().ends(&wait);
            // Only now that the signal would be heard is it certain that nothing slips in between look and wait.
            let tried = look()?;
            if tried.found || over || clock.now() >= end || self.hangup().has_happened() {
                listening.heard();
                return Ok(leave(tried));
            }
            let alarm = clock.alarm(tried.look_again_at.map_or(end, |at| at.min(end)), &wait);
            tokio::select! {
                () = &mut wait => {}
                () = &mut real_end => over = true,
            }
            drop((alarm, watched, wait));
            if self.hangup().has_happened() {
                // The signal, if it was one, goes to the next who listens.
                drop(listening);
                return Ok(leave(tried));
            }
            listening.heard();
        }
    }
}
