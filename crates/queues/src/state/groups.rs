//! The message groups of a FIFO queue, by when they can be received from.

use super::queue::{Message, Sequence};
use mesh_store::imbl::{OrdMap, OrdSet};
use mesh_types::Timestamp;
use smol_str::SmolStr;

/// The groups of the messages of a FIFO queue. A group can be received from when its first message is visible and none
/// of it is in flight; finding the next such group costs the same for ten and for a hundred thousand groups.
#[derive(Debug, Default, Clone)]
pub struct Groups {
    /// Every message in its place in its group, with when it is visible.
    members: OrdMap<(SmolStr, Sequence), Timestamp>,
    /// Those that were received, by when they are visible again.
    received: OrdSet<(SmolStr, Timestamp, Sequence)>,
    /// Each group by when it can be received from, and by its first message.
    free: OrdMap<(Timestamp, Sequence), SmolStr>,
}

impl Groups {
    /// The moment at which the next group can be received from.
    pub fn next_free_at(&self) -> Option<Timestamp> {
        self.free.get_min().map(|((at, _), _)| *at)
    }

    /// The messages of the groups that can be received from, group by group, in their order.
    pub fn visible(&self, now: Timestamp) -> impl Iterator<Item = Sequence> {
        let groups = self.free.range(..=(now, Sequence::MAX)).map(|(_, group)| group);
        groups.flat_map(move |group| {
            // What follows a message that is held back waits for it.
            self.members_of(group).take_while(move |(_, at)| *at <= now).map(|(sequence, _)| sequence)
        })
    }

    /// Follows a message from one value to another.
    pub(super) fn follow(&mut self, sequence: Sequence, former: Option<&Message>, current: Option<&Message>) {
        let Some(group) = current.or(former).and_then(Message::fifo_group).cloned() else { return };
        let before = self.free_at(&group);
        if let Some(message) = former {
            self.members.remove(&(group.clone(), sequence));
            self.received.remove(&(group.clone(), message.visible_at, sequence));
        }
        if let Some(message) = current {
            self.members.insert((group.clone(), sequence), message.visible_at);
            if message.receives > 0 {
                self.received.insert((group.clone(), message.visible_at, sequence));
            }
        }
        let after = self.free_at(&group);
        if before == after {
            return;
        }
        if let Some(before) = before {
            self.free.remove(&before);
        }
        if let Some(after) = after {
            self.free.insert(after, group);
        }
    }

    /// When a group can be received from, and its first message.
    fn free_at(&self, group: &SmolStr) -> Option<(Timestamp, Sequence)> {
        let (first, visible_at) = self.members_of(group).next()?;
        let every = (group.clone(), Timestamp::from_micros(i64::MIN), 0)
            ..=(group.clone(), Timestamp::MAX, Sequence::MAX);
        let last = self.received.range(every).next_back();
        Some((last.map_or(visible_at, |(_, at, _)| visible_at.max(*at)), first))
    }

    fn members_of(&self, group: &SmolStr) -> impl Iterator<Item = (Sequence, Timestamp)> {
        let every = (group.clone(), 0)..=(group.clone(), Sequence::MAX);
        self.members.range(every).map(|((_, sequence), at)| (*sequence, *at))
    }
}
