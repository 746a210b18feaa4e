//! Waiting until something holds.

use crate::control::Refused;
use crate::universe::Universe;
use http::{Method, StatusCode};
use mesh_clock::RealTime;
use serde_json::Value;
use std::time::Duration;

/// How far the clock is advanced between two looks.
const STEP: Duration = Duration::from_secs(1);

/// How long is waited between two looks at first, and at most.
const PAUSES: (Duration, Duration) = (Duration::from_millis(10), Duration::from_millis(250));

impl Universe {
    /// Waits until a condition has something, and returns that.
    ///
    /// While the clock stands, nothing is waited for: the universe settles, and then its clock is advanced by a second,
    /// again and again, until `within` of its time has passed. While it runs, the universe settles and the condition is
    /// looked at until `within` of real time has passed.
    ///
    /// # Errors
    /// The condition never had anything (the status is 408); the universe is gone.
    pub async fn wait_for<T>(
        &self,
        within: Duration,
        condition: impl AsyncFnMut() -> Option<T>,
    ) -> Result<T, Refused> {
        let stands = self.clock().is_frozen().await?;
        let found = match stands {
            true => self.advance_until(within, condition).await?,
            false => self.look(within, condition).await?,
        };
        found.ok_or_else(|| {
            let time = if stands { "its own time" } else { "real time" };
            let name = self.name();
            let sentence =
                format!("What is waited for in the universe {name} did not come in {within:?} of {time}.");
            Refused::ours(StatusCode::REQUEST_TIMEOUT, sentence)
        })
    }

    async fn advance_until<T>(
        &self,
        within: Duration,
        mut condition: impl AsyncFnMut() -> Option<T>,
    ) -> Result<Option<T>, Refused> {
        self.settle().await?;
        let mut left = within;
        loop {
            let found = condition().await;
            if found.is_some() || left.is_zero() {
                return Ok(found);
            }
            let by = left.min(STEP);
            self.clock().advance(by).await?;
            left -= by;
        }
    }

    async fn look<T>(
        &self,
        within: Duration,
        mut condition: impl AsyncFnMut() -> Option<T>,
    ) -> Result<Option<T>, Refused> {
        let (end, (mut pause, longest)) = (RealTime::now() + within, PAUSES);
        loop {
            let (found, left) = (condition().await, end.since(RealTime::now()));
            if found.is_some() || left.is_zero() {
                return Ok(found);
            }
            let wait = pause.min(left);
            let path = format!("/settle?timeout={}us", wait.as_micros());
            match self.ask(Method::POST, &path, Value::Null).await {
                Ok(_) => self.control().pause(wait).await,
                // What still runs may have brought it about all the same.
                Err(refused) if refused.status == StatusCode::GATEWAY_TIMEOUT => {}
                Err(refused) => return Err(refused),
            }
            pause = longest.min(2 * pause);
        }
    }
}
