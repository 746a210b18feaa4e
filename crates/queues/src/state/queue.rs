//! A queue: its settings and its messages.

use super::message_indexes::MessageIndexes;
use super::older::{Message1, Settings1, Settings2, Settings3};
use super::sent::{Attempt, AttemptIndexes, DeduplicationKey, LastSequence, Recent, RecentIndexes};
use crate::domain::{Attributes, QueueSettings};
use mesh_store::{Row, RowError, Signal, Single, Table, partition};
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
        /// What was sent to a FIFO queue in the last five minutes, delivered and deleted or not.
        3 recent: Table<DeduplicationKey, Recent, RecentIndexes>,
        /// The receives of a FIFO queue that may be tried again, by the receiver's id for them.
        4 attempts: Table<SmolStr, Attempt, AttemptIndexes>,
        /// The last sequence of a FIFO queue.
        5 last_sequence: Single<LastSequence>,
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
    /// When it was received last.
    pub received_at: Option<Timestamp>,
    /// How often it was received.
    pub receives: u32,
    /// Names the latest receipt.
    pub receipt: u64,
}

impl Message {
    /// Whether it was moved here from a queue whose dead letters come here.
    pub fn is_dead_letter(&self) -> bool {
        self.extras.as_deref().is_some_and(|extras| extras.source.is_some())
    }

    /// Its group, where it is in a FIFO queue: there every message has a deduplication id, and only there.
    pub fn fifo_group(&self) -> Option<&SmolStr> {
        let extras = self.extras.as_deref().filter(|extras| extras.deduplication_id.is_some())?;
        extras.group_id.as_ref()
    }

    /// Whether it was never received and was held back.
    pub fn is_delayed(&self) -> bool {
        self.receives == 0 && self.visible_at > self.sent_at
    }
}

impl Row for Message {
    const LAYOUT: u8 = 2;

    fn read_older(layout: u8, bytes: &[u8]) -> Result<Self, RowError> {
        match layout {
            1 => postcard::from_bytes::<Message1>(bytes).map(Self::from).map_err(RowError::Malformed),
            layout => Err(RowError::UnknownLayout { layout, known: Self::LAYOUT }),
        }
    }
}

/// What most messages do not have.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extras {
    /// The sender's own attributes.
    pub attributes: Attributes,
    /// `AWSTraceHeader`.
    pub trace_header: Option<SmolStr>,
    /// `MessageGroupId`: in a standard queue, for fair queues.
    pub group_id: Option<SmolStr>,
    /// `MessageDeduplicationId`, the one made of the body included.
    pub deduplication_id: Option<SmolStr>,
    /// `DeadLetterQueueSourceArn`: the queue from which it was moved here.
    pub source: Option<SmolStr>,
}

impl Row for QueueSettings {
    const LAYOUT: u8 = 4;

    fn read_older(layout: u8, bytes: &[u8]) -> Result<Self, RowError> {
        match layout {
            1 => postcard::from_bytes::<Settings1>(bytes).map(Self::from).map_err(RowError::Malformed),
            2 => postcard::from_bytes::<Settings2>(bytes).map(Self::from).map_err(RowError::Malformed),
            3 => postcard::from_bytes::<Settings3>(bytes).map(Self::from).map_err(RowError::Malformed),
            layout => Err(RowError::UnknownLayout { layout, known: Self::LAYOUT }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Fifo, QueueAttributes, RedrivePolicy, Tags};

    fn message() -> Message {
        let (group_id, deduplication_id, source) = (Some("g".into()), Some("d".into()), Some("s".into()));
        Message {
            id: 1,
            body: "hello".into(),
            body_digest: [2; 16],
            extras: Some(Arc::new(Extras { group_id, deduplication_id, source, ..Extras::default() })),
            sender: AccountId::DEFAULT,
            sent_at: Timestamp::from_micros(3),
            visible_at: Timestamp::from_micros(4),
            first_received_at: None,
            received_at: Some(Timestamp::from_micros(7)),
            receives: 5,
            receipt: 6,
        }
    }

    #[test]
    fn a_message_is_stored_in_this_form() {
        let (message, mut bytes) = (message(), Vec::new());
        message.encode(&mut bytes).expect("it can be written");
        let (extras, account) = ([1, 0, 0, 1, 1, b'g', 1, 1, b'd', 1, 1, b's', 12], b"000000000000");
        let frozen = [&[2, 1, 5][..], b"hello", &[2; 16], &extras, account, &[6, 8, 0, 1, 14, 5, 6]].concat();
        assert_eq!(bytes, frozen);
        assert_eq!(Message::decode(&bytes).expect("it can be read"), message);
    }

    #[test]
    fn a_message_of_the_first_layout_is_read() {
        let (extras, account) = ([1, 0, 0, 1, 1, b'g', 12], b"000000000000");
        let older = [&[1, 1, 5][..], b"hello", &[2; 16], &extras, account, &[6, 8, 1, 14, 5, 6]].concat();
        let extras = Some(Arc::new(Extras { group_id: Some("g".into()), ..Extras::default() }));
        let first_received_at = Some(Timestamp::from_micros(7));
        let expected = Message { extras, first_received_at, ..message() };
        assert_eq!(Message::decode(&older).expect("it can be read"), expected);
    }

    #[test]
    fn settings_are_stored_in_this_form_and_those_of_earlier_layouts_are_read() {
        let plain = QueueAttributes { delay_seconds: Some(9), ..QueueAttributes::default() };
        let redrive = Some(RedrivePolicy { target: "t".into(), max_receives: 7 });
        let attributes = QueueAttributes { redrive, fifo: Some(Fifo::default()), ..plain.clone() };
        let (created_at, tags) = (Timestamp::from_micros(1), Tags::from([("k".into(), "v".into())]));
        let settings =
            QueueSettings { created_at, modified_at: created_at, purged_at: None, attributes, tags };
        let mut bytes = Vec::new();
        settings.encode(&mut bytes).expect("it can be written");
        let tags = [1, 1, b'k', 1, b'v'];
        assert_eq!(
            bytes,
            [&[4, 2, 2, 0, 1, 9, 0, 0, 0, 0, 0, 1, 1, b't', 7, 0, 1, 0, 0, 0][..], &tags].concat()
        );
        assert_eq!(QueueSettings::decode(&bytes).expect("it can be read"), settings);
        let attributes = QueueAttributes { fifo: None, ..settings.attributes };
        let settings = QueueSettings { attributes, ..settings };
        let third = [&[3, 2, 2, 0, 1, 9, 0, 0, 0, 0, 0, 1, 1, b't', 7, 0][..], &tags].concat();
        assert_eq!(QueueSettings::decode(&third).expect("it can be read"), settings);
        let settings = QueueSettings { attributes: plain, ..settings };
        let second = [&[2, 2, 2, 0, 1, 9, 0, 0, 0, 0, 0][..], &tags].concat();
        assert_eq!(QueueSettings::decode(&second).expect("it can be read"), settings);
        let first = [&[1, 2, 1, 9, 0, 0, 0, 0, 0][..], &tags].concat();
        assert_eq!(QueueSettings::decode(&first).expect("it can be read"), settings);
    }
}
