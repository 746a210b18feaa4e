//! A message on its way to the subscriptions of a topic: what the outbox carries.

use crate::domain::{Attributes, Content, Draft};
use mesh_store::{Row, Tx};
use mesh_types::{RequestId, Timestamp};
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use std::sync::Arc;

/// What is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    /// A published message.
    Notification,
    /// The question whether an endpoint wants a subscription.
    Confirmation,
    /// That a subscription has ended without its owner's saying so, and how he can have it again.
    Farewell,
}

impl Kind {
    /// As AWS spells it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Notification => "Notification",
            Self::Confirmation => "SubscriptionConfirmation",
            Self::Farewell => "UnsubscribeConfirmation",
        }
    }
}

/// A published message. One is shared by all deliveries that come of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notification {
    /// What it is.
    pub kind: Kind,
    /// Its id: the bits of a UUID.
    pub id: u128,
    /// When it was published.
    pub at: Timestamp,
    /// Its subject.
    pub subject: Option<Arc<str>>,
    /// What it says.
    pub content: Content,
    /// Its attributes.
    pub attributes: Attributes,
    /// `MessageGroupId`.
    pub group_id: Option<SmolStr>,
    /// `MessageDeduplicationId`, the one made of the content included.
    pub deduplication_id: Option<SmolStr>,
    /// Its number in a FIFO topic.
    pub sequence: Option<u64>,
    /// Whether it comes from the archive.
    pub is_replayed: bool,
    /// The `X-Amzn-Trace-Id` of the request.
    pub trace: Option<SmolStr>,
}

impl Row for Notification {}

impl Notification {
    /// A message with nothing but its content, published now.
    pub fn of_text(content: Content, tx: &mut Tx<'_>) -> Self {
        Self {
            kind: Kind::Notification,
            id: RequestId::from_random(tx.draw().next_u128()).bits(),
            at: tx.now(),
            subject: None,
            content,
            attributes: Attributes::new(),
            group_id: None,
            deduplication_id: None,
            sequence: None,
            is_replayed: false,
            trace: None,
        }
    }

    /// A message of a draft, published now.
    pub fn of_draft(draft: &Draft, tx: &mut Tx<'_>) -> Self {
        Self {
            subject: draft.subject.clone(),
            attributes: draft.attributes.clone(),
            group_id: draft.group_id.clone(),
            trace: draft.trace.clone(),
            ..Self::of_text(draft.content.clone(), tx)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Attribute, AttributeValue};

    #[test]
    fn a_message_is_stored_in_this_form() {
        let number = Attribute { data_type: "Number".into(), value: AttributeValue::Text("1".into()) };
        let binary = Attribute { data_type: "Binary".into(), value: AttributeValue::Binary([2, 3].into()) };
        let notification = Notification {
            kind: Kind::Notification,
            id: 5,
            at: Timestamp::from_micros(3),
            subject: Some("s".into()),
            content: Content::ByProtocol([("default".into(), "d".into())].into()),
            attributes: Attributes::from([("n".into(), number), ("b".into(), binary)]),
            group_id: Some("g".into()),
            deduplication_id: None,
            sequence: Some(7),
            is_replayed: true,
            trace: None,
        };
        let mut bytes = Vec::new();
        notification.encode(&mut bytes).expect("it can be written");
        let content = [&[1, 1, 7][..], b"default", &[1, b'd']].concat();
        let attributes =
            [&[2, 1, b'b', 6][..], b"Binary", &[1, 2, 2, 3, 1, b'n', 6], b"Number", &[0, 1, b'1']].concat();
        let frozen =
            [&[1, 0, 5, 6, 1, 1, b's'][..], &content, &attributes, &[1, 1, b'g', 0, 1, 7, 1, 0]].concat();
        assert_eq!(bytes, frozen);
        assert_eq!(Notification::decode(&bytes).expect("it can be read"), notification);
    }
}
