//! The machine's own clock.

use mesh_types::Timestamp;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The machine's clock: for what a client or a function compares with its own (signatures, credentials' expiry,
/// timeouts of processes, the `Date` header). Everything else asks the universe's [`Clock`](crate::Clock).
#[derive(Debug, Clone, Copy)]
pub struct RealTime;

impl RealTime {
    /// The moment it is.
    pub fn now() -> Timestamp {
        #[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's clock")]
        let now = SystemTime::now();
        match now.duration_since(UNIX_EPOCH) {
            Ok(since) => Timestamp::EPOCH + since,
            Err(before) => Timestamp::EPOCH - before.duration(),
        }
    }

    /// Waits for a span of real time.
    pub async fn sleep(span: Duration) {
        #[expect(clippy::disallowed_methods, reason = "the one place that waits on the machine's clock")]
        tokio::time::sleep(span).await;
    }
}
