//! Looking at messages without receiving them: for people, not for receivers.

use crate::state::queue::{Message, QueueState, Sequence};
use mesh_types::Timestamp;
use std::ops::Bound;
use std::sync::Arc;

/// A message as it lies in a queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Peeked {
    /// Its place.
    pub sequence: Sequence,
    /// The message.
    pub message: Arc<Message>,
    /// Whether it can be received.
    pub standing: Standing,
}

/// Whether a message can be received.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It can be; in a FIFO queue, unless others of its group are in flight.
    Visible,
    /// It was received and is hidden.
    InFlight,
    /// It is held back after it was sent.
    Delayed,
}

impl QueueState {
    /// The messages behind a place, in the order in which they were sent, at most so many. Nothing is changed by it: no
    /// receive is counted, and those past their retention are left out but not taken away.
    pub fn peek(&self, after: Option<Sequence>, limit: usize, now: Timestamp) -> Vec<Peeked> {
        let Some(settings) = self.settings.get() else { return Vec::new() };
        let retention = settings.attributes.retention();
        let behind = after.map_or(Bound::Unbounded, Bound::Excluded);
        let show = |(sequence, message): (&Sequence, &Message)| {
            let standing = match (message.visible_at > now, message.receives) {
                (false, _) => Standing::Visible,
                (true, 0) => Standing::Delayed,
                (true, _) => Standing::InFlight,
            };
            let message = self.messages.get_shared(sequence)?;
            Some(Peeked { sequence: *sequence, message, standing })
        };
        let kept = |(_, message): &(&Sequence, &Message)| message.sent_at + retention > now;
        self.messages.range((behind, Bound::Unbounded)).filter(kept).filter_map(show).take(limit).collect()
    }
}
