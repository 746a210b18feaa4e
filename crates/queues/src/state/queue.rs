//! A queue: its settings and its messages.

use crate::domain::{Attributes, QueueSettings};
use mesh_store::{Row, Signal, Single, Table, indexes, partition};
use mesh_types::{AccountId, Timestamp};
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use std::sync::Arc;

/// Something about the queue's messages has changed: one came, one will be visible at another moment than was known,
/// or the queue is no more.
pub const CHANGED: Signal = Signal(1);

partition! {
    /// A queue.
    pub struct QueueState = 102 "queue" {
        /// Its attributes and tags. A queue without settings does not exist.
        1 settings: Single<QueueSettings>,
        /// Its messages, in the order in which they were sent.
        2 messages: Table<Sequence, Message, MessageIndexes>,
    }
}

indexes! {
    /// Messages by what operations ask.
    pub struct MessageIndexes of Table<Sequence, Message> {
        /// When they are, or become, visible; among equals, in the order in which they were sent.
        by_visibility: (Timestamp, Sequence) = |sequence, message| Some((message.visible_at, *sequence)),
    }
}

/// Orders the messages of a queue by when they were sent: microseconds since the epoch, or one more than the last.
pub type Sequence = u64;

/// A message in a queue. A copy is cheap: what is large is shared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Its id: the bits of a UUID.
    pub id: u128,
    /// Its body.
    pub body: Arc<str>,
    /// MD5 of the body.
    pub body_digest: [u8; 16],
    /// What most messages do not have.
    pub extras: Option<Arc<Extras>>,
    /// Who sent it.
    pub sender: AccountId,
    /// When it was sent.
    pub sent_at: Timestamp,
    /// From when on it can be received.
    pub visible_at: Timestamp,
    /// When it was received for the first time.
    pub first_received_at: Option<Timestamp>,
    /// How often it was received.
    pub receives: u32,
    /// Names the latest receipt.
    pub receipt: u64,
}

impl Row for Message {}

/// What most messages do not have.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extras {
    /// The sender's own attributes.
    pub attributes: Attributes,
    /// `AWSTraceHeader`.
    pub trace_header: Option<SmolStr>,
    /// `MessageGroupId`: in a standard queue, for fair queues.
    pub group_id: Option<SmolStr>,
}

impl Row for QueueSettings {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_stored_in_this_form() {
        let message = Message {
            id: 1,
            body: "hello".into(),
            body_digest: [2; 16],
            extras: None,
            sender: AccountId::DEFAULT,
            sent_at: Timestamp::from_micros(3),
            visible_at: Timestamp::from_micros(4),
            first_received_at: None,
            receives: 5,
            receipt: 6,
        };
        let mut bytes = Vec::new();
        message.encode(&mut bytes).expect("it can be written");
        let frozen = [&[1, 1, 5][..], b"hello", &[2; 16], &[0, 12], b"000000000000", &[6, 8, 0, 5, 6]];
        assert_eq!(bytes, frozen.concat());
        assert_eq!(Message::decode(&bytes).expect("it can be read"), message);
    }
}
