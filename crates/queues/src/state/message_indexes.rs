//! What is kept beside the messages of a queue, as a function of them.

use super::groups::Groups;
use super::queue::{Message, Sequence};
use super::tally::Tally;
use mesh_store::{Index, Indexes};
use mesh_types::Timestamp;

/// Messages by what operations ask.
#[derive(Debug, Default, Clone)]
pub struct MessageIndexes {
    /// When they are, or become, visible; among equals, in the order in which they were sent.
    pub by_visibility: Index<(Timestamp, Sequence), Sequence>,
    /// When those were sent that came from another queue: they are older than those beside them.
    pub moved: Index<(Timestamp, Sequence), Sequence>,
    /// When those become visible that were never received and were held back.
    pub delayed: Tally,
    /// When those become visible that were received.
    pub received: Tally,
    /// The groups, in a FIFO queue.
    pub groups: Groups,
}

impl Indexes<Sequence, Message> for MessageIndexes {
    fn follow(&mut self, key: &Sequence, former: Option<&Message>, current: Option<&Message>) {
        let visibility = |message: Option<&Message>| message.map(|message| (message.visible_at, *key));
        self.by_visibility.follow(key, visibility(former), visibility(current));
        let moved = |message: Option<&Message>| {
            message.filter(|message| message.is_dead_letter()).map(|message| (message.sent_at, *key))
        };
        self.moved.follow(key, moved(former), moved(current));
        let delayed = |message: Option<&Message>| {
            message.filter(|message| message.is_delayed()).map(|message| message.visible_at)
        };
        self.delayed.follow(delayed(former), delayed(current));
        let received = |message: Option<&Message>| {
            message.filter(|message| message.receives > 0).map(|message| message.visible_at)
        };
        self.received.follow(received(former), received(current));
        self.groups.follow(*key, former, current);
    }
}
