//! What the edge can be told.

use std::time::Duration;

/// Limits of the listener.
#[derive(Debug, Clone)]
pub struct Limits {
    /// The largest request body, in bytes. AWS's own largest among the services here is S3's; theirs is bounded apart.
    pub body: usize,
    /// How long a client may take to send a request's head.
    pub head_timeout: Duration,
    /// How long a client may take between two pieces of a body.
    pub body_timeout: Duration,
    /// How long running requests may take to end at a shutdown.
    pub grace: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body: 64 * 1024 * 1024,
            head_timeout: Duration::from_secs(30),
            body_timeout: Duration::from_secs(30),
            grace: Duration::from_millis(500),
        }
    }
}
