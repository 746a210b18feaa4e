//! What the edge can be told.

use std::time::Duration;

/// Limits of the listener.
#[derive(Debug, Clone)]
pub struct Limits {
    /// The largest request body, in bytes. AWS's own largest among the services here is S3's; theirs is bounded apart.
    pub body: usize,
    /// The largest file of a universe that is imported over the network, in bytes: no more than a connection may hold.
    pub import: usize,
    /// Bytes of bodies that the requests of one connection may hold together: one connection of HTTP/2 has many.
    pub connection_bodies: usize,
    /// How long a client may take to send a request's head, the first of a connection counted from its beginning.
    pub head_timeout: Duration,
    /// How long a client may take between two pieces of a body.
    pub body_timeout: Duration,
    /// How long a body may take, whatever its size.
    pub body_grace: Duration,
    /// Bytes of a body that must come in each second, on average, once the grace is over.
    pub body_rate: u32,
    /// How long running requests may take to end at a shutdown.
    pub grace: Duration,
}

impl Limits {
    /// The same for a file of a universe, which is larger than any other body.
    pub(crate) fn of_imports(&self) -> Self {
        Self { body: self.import, ..self.clone() }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body: 64 * 1024 * 1024,
            connection_bodies: 256 * 1024 * 1024,
            import: 256 * 1024 * 1024,
            head_timeout: Duration::from_secs(30),
            body_timeout: Duration::from_secs(30),
            body_grace: Duration::from_secs(30),
            body_rate: 64 * 1024,
            grace: Duration::from_millis(500),
        }
    }
}
