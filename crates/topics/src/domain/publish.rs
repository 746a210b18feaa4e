//! What publishing does: each subscription that wants a message is owed it.

use super::failure::{InvalidParameter, NoSuchTopic};
use super::fifo::Admission;
use super::{Candidate, Content, Draft, TopicAddress};
use crate::state::notification::{Kind, Notification};
use crate::state::subscription::Subscription;
use crate::state::topic::TopicState;
use mesh_router::Decided;
use mesh_store::{Delivery, DeliveryId, Retry, Row, Target, Tx};
use mesh_types::{AccountId, Region, RequestId};
use smol_str::{SmolStr, format_smolstr};
use std::sync::Arc;

/// The service that owes, as the outbox names it.
pub(crate) const SERVICE: SmolStr = SmolStr::new_static("sns");

/// A message was published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    /// Its id: the bits of a UUID.
    pub id: u128,
    /// Its number in a FIFO topic.
    pub sequence: Option<u64>,
    /// What became of it for subscriptions that did not want it.
    pub decided: Vec<Decided>,
}

/// Where a topic is, as its deliveries name it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) account: AccountId,
    pub(crate) region: &'a Region,
}

impl<'a> Place<'a> {
    pub(crate) fn of(topic: &'a TopicAddress) -> Self {
        Self { account: topic.key.account(), region: topic.key.region() }
    }
}

impl TopicState {
    /// Publishes a message: each subscription that wants it is owed it.
    ///
    /// # Errors
    /// There is no such topic; the message has what its kind of topic does not take, or lacks what it does.
    pub(crate) fn publish<E>(
        &mut self,
        draft: &Draft,
        place: Place<'_>,
        tx: &mut Tx<'_>,
    ) -> Result<Published, E>
    where
        E: From<NoSuchTopic> + From<InvalidParameter>,
    {
        let attributes = &self.existing()?.attributes;
        let ticket = match attributes.is_fifo() {
            true => match self.admit(draft, tx)? {
                Admission::Known(published) => return Ok(published),
                Admission::New(ticket) => Some(ticket),
            },
            false if draft.deduplication_id.is_some() => {
                let reason = "The request includes MessageDeduplicationId parameter that is not valid for this topic type";
                return Err(InvalidParameter::because("MessageDeduplicationId", reason).into());
            }
            false => None,
        };
        let sequence = ticket.as_ref().map(|ticket| ticket.sequence);
        let is_wanted = ticket.is_some() || !self.subscriptions.by().recipients.is_empty();
        if !is_wanted {
            let id = RequestId::from_random(tx.draw().next_u128()).bits();
            return Ok(Published { id, sequence, decided: Vec::new() });
        }
        let deduplication_id = ticket.as_ref().map(|ticket| ticket.deduplication_id.clone());
        let notification = Notification { deduplication_id, sequence, ..Notification::of_draft(draft, tx) };
        let id = notification.id;
        let decided = self.fan_out(&notification, place, tx);
        if let Some(ticket) = ticket {
            self.remember(ticket, notification, tx);
        }
        Ok(Published { id, sequence, decided })
    }

    /// Owes a message to those that want it, and answers what became of it for the others.
    fn fan_out(&self, notification: &Notification, place: Place<'_>, tx: &mut Tx<'_>) -> Vec<Decided> {
        let (mut payload, mut decided) = (None, Vec::new());
        let mut candidate = Candidate::new(&notification.content, &notification.attributes);
        for recipient in self.subscriptions.by().recipients.values() {
            if let Err(outcome) = recipient.check(&mut candidate) {
                let id = DeliveryId(tx.draw().next_u128());
                let to = format_smolstr!("{SERVICE} {}", recipient.to);
                decided.push(Decided { id, to, at: tx.now(), outcome });
                continue;
            }
            let payload = payload.get_or_insert_with(|| encoded(notification));
            let order = order(&recipient.arn, notification);
            tx.owe(errand(&recipient.arn, recipient.to.clone(), order, payload, place));
        }
        decided
    }
}

/// What a FIFO topic sends to a subscription goes in the order of each group.
pub(super) fn order(subscription: &SmolStr, notification: &Notification) -> Option<SmolStr> {
    notification.sequence?;
    let group = notification.group_id.as_deref().unwrap_or_default();
    Some(format_smolstr!("{subscription} {group}"))
}

/// Asks the endpoint of a subscription whether it wants it, or tells it that it has ended.
pub(super) fn ask(kind: Kind, subscription: &Subscription, place: Place<'_>, tx: &mut Tx<'_>) {
    let text = match kind {
        Kind::Farewell => format!(
            "You have chosen to deactivate subscription {}.\nTo cancel this operation and restore the subscription, visit the \
             SubscribeURL included in this message.",
            subscription.arn
        ),
        _ => format!(
            "You have chosen to subscribe to the topic {}.\nTo confirm the subscription, visit the SubscribeURL included in \
             this message.",
            subscription.topic_arn()
        ),
    };
    let notification = Notification { kind, ..Notification::of_text(Content::Same(text.into()), tx) };
    tx.owe(errand(&subscription.arn, subscription.label(), None, &encoded(&notification), place));
}

pub(super) fn encoded(notification: &Notification) -> Arc<[u8]> {
    let mut bytes = Vec::new();
    // postcard refuses sequences of unknown length alone, and there are none.
    let _written = notification.encode(&mut bytes);
    bytes.into()
}

pub(super) fn errand(
    subscription: &SmolStr,
    to: SmolStr,
    order: Option<SmolStr>,
    payload: &Arc<[u8]>,
    place: Place<'_>,
) -> Delivery {
    let to = Target::Errand {
        service: SERVICE,
        account: place.account,
        region: place.region.clone(),
        to,
        about: subscription.clone(),
        order,
    };
    Delivery { to, payload: Arc::clone(payload), retry: Retry::NONE }
}
