//! What publishing does: each subscription that wants a message is owed it.

use super::Draft;
use super::failure::{InvalidParameter, NoSuchTopic};
use crate::state::notification::Notification;
use crate::state::recipients::Recipient;
use crate::state::topic::TopicState;
use mesh_store::{Delivery, Retry, Row, Target, Tx};
use mesh_types::{AccountId, Region};
use smol_str::SmolStr;
use std::sync::Arc;

/// The service that owes, as the outbox names it.
pub(crate) const SERVICE: SmolStr = SmolStr::new_static("sns");

/// A message was published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    /// Its id: the bits of a UUID.
    pub id: u128,
}

/// Where a topic is, as its deliveries name it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) account: AccountId,
    pub(crate) region: &'a Region,
}

impl TopicState {
    /// Publishes a message.
    ///
    /// # Errors
    /// There is no such topic; the message has what only FIFO topics take.
    pub(crate) fn publish<E>(&self, draft: &Draft, place: Place<'_>, tx: &mut Tx<'_>) -> Result<Published, E>
    where
        E: From<NoSuchTopic> + From<InvalidParameter>,
    {
        self.existing()?;
        if draft.deduplication_id.is_some() {
            let reason =
                "The request includes MessageDeduplicationId parameter that is not valid for this topic type";
            return Err(InvalidParameter::because("MessageDeduplicationId", reason).into());
        }
        let id = tx.draw().next_u128();
        let Draft { subject, content, attributes, group_id, deduplication_id, trace, size: _ } =
            draft.clone();
        let notification = Notification {
            id,
            at: tx.now(),
            subject,
            content,
            attributes,
            group_id,
            deduplication_id,
            sequence: None,
            trace,
        };
        let mut payload = None;
        for recipient in self.subscriptions.by().recipients.values() {
            let payload = payload.get_or_insert_with(|| encoded(&notification));
            tx.owe(errand(recipient, payload, place));
        }
        Ok(Published { id })
    }
}

fn encoded(notification: &Notification) -> Arc<[u8]> {
    let mut bytes = Vec::new();
    // postcard refuses sequences of unknown length alone, and there are none.
    let _written = notification.encode(&mut bytes);
    bytes.into()
}

fn errand(recipient: &Recipient, payload: &Arc<[u8]>, place: Place<'_>) -> Delivery {
    let to = Target::Errand {
        service: SERVICE,
        account: place.account,
        region: place.region.clone(),
        to: recipient.to.clone(),
        about: recipient.arn.clone(),
        order: None,
    };
    Delivery { to, payload: Arc::clone(payload), retry: Retry::NONE }
}
