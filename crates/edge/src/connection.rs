//! What the requests of one connection share.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// One connection: whether a request has come over it, and how much of bodies it has under way.
#[derive(Debug)]
pub(crate) struct Connection {
    has_spoken: AtomicBool,
    /// Bytes of bodies that may still be held.
    room: AtomicUsize,
}

/// Bytes of a connection that are held until this is dropped.
#[derive(Debug)]
pub(crate) struct Held<'a> {
    connection: &'a Connection,
    bytes: usize,
}

impl Connection {
    /// A connection whose requests may together hold this many bytes of bodies.
    pub(crate) fn new(room: usize) -> Self {
        Self { has_spoken: AtomicBool::new(false), room: AtomicUsize::new(room) }
    }

    /// A request has come.
    pub(crate) fn speaks(&self) {
        self.has_spoken.store(true, Ordering::Relaxed);
    }

    /// Whether a request has come.
    pub(crate) fn has_spoken(&self) -> bool {
        self.has_spoken.load(Ordering::Relaxed)
    }

    /// Nothing, to which bytes are added.
    pub(crate) fn hold(&self) -> Held<'_> {
        Held { connection: self, bytes: 0 }
    }
}

impl Held<'_> {
    /// Holds this many bytes more. False where there is no room for them.
    #[must_use]
    pub(crate) fn add(&mut self, bytes: usize) -> bool {
        let less = |room: usize| room.checked_sub(bytes);
        let has_room = self.connection.room.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less).is_ok();
        if has_room {
            self.bytes += bytes;
        }
        has_room
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        if self.bytes > 0 {
            self.connection.room.fetch_add(self.bytes, Ordering::Relaxed);
        }
    }
}
