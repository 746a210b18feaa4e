//! How many messages a queue has.

use super::failure::NoSuchQueue;
use crate::state::queue::{Message, QueueState, Sequence};
use mesh_types::Timestamp;
use std::ops::Bound;

/// The messages of a queue by whether they can be received.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    /// Those that can be.
    pub visible: u64,
    /// Those that were received and are hidden.
    pub in_flight: u64,
    /// Those that are held back after they were sent.
    pub delayed: u64,
}

impl QueueState {
    /// Counts the messages; nothing where some past their retention must be taken away first: then call again.
    ///
    /// # Errors
    /// There is no such queue.
    pub fn counts(&mut self, now: Timestamp) -> Result<Option<Counts>, NoSuchQueue> {
        let retention = self.existing()?.attributes.retention();
        if self.expire(now, retention) {
            return Ok(None);
        }
        let (in_flight, delayed) = (self.in_flight(now), self.delayed(now));
        Ok(Some(Counts { visible: self.visible_count(now), in_flight, delayed }))
    }

    /// The messages that can be received, those past their retention too that were not taken away yet.
    pub(super) fn visible_count(&self, now: Timestamp) -> u64 {
        let all = u64::try_from(self.messages.len()).unwrap_or(u64::MAX);
        all.saturating_sub(self.in_flight(now) + self.delayed(now))
    }

    /// The messages that were received and are hidden.
    pub(super) fn in_flight(&self, now: Timestamp) -> u64 {
        let (beyond, end) = self.messages.by().received.beyond(now);
        beyond + self.between(now, end, |message| message.receives > 0)
    }

    fn delayed(&self, now: Timestamp) -> u64 {
        let (beyond, end) = self.messages.by().delayed.beyond(now);
        beyond + self.between(now, end, Message::is_delayed)
    }

    /// The messages that become visible after one moment and not after another.
    fn between(&self, now: Timestamp, end: Timestamp, is_meant: impl Fn(&Message) -> bool) -> u64 {
        let range = (Bound::Excluded((now, Sequence::MAX)), Bound::Included((end, Sequence::MAX)));
        let hidden = self.messages.by().by_visibility.range(range);
        let is_meant = |sequence: &Sequence| self.messages.get(sequence).is_some_and(&is_meant);
        hidden.filter(|(_, sequence)| is_meant(sequence)).map(|_| 1).sum()
    }
}
