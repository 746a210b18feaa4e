//! What a queue does: it is created and deleted; messages are sent, received and deleted.

use super::failure::{InvalidParameter, InvalidValue, NoSuchQueue, OtherQueueExists};
use super::{Draft, QueueAttributes, QueueSettings, Receipt};
use crate::state::queue::{CHANGED, Message, QueueState, Sequence};
use mesh_store::Tx;
use mesh_types::{AccountId, Timestamp};
use smol_str::SmolStr;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// Messages past their retention that one transaction takes away: enough to keep up, few enough not to be felt.
const EXPIRED_AT_ONCE: usize = 16;

/// How many messages an order that is drawn is drawn from.
const DRAWN_FROM: usize = 32;

/// A message was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sent {
    /// Its id: the bits of a UUID.
    pub id: u128,
}

/// What a receiver asks for.
#[derive(Debug, Clone)]
pub struct Receive {
    /// At most so many messages.
    pub count: usize,
    /// How long they stay hidden; the queue's timeout where absent.
    pub visibility_timeout: Option<Duration>,
    /// Which of those that are visible it gets.
    pub order: Order,
    /// Whether they are hidden at all: a standard queue may hand out a message more than once.
    pub hides: bool,
}

/// In which order a standard queue hands out messages, which promises none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Those first that have been visible for longest.
    Usual,
    /// Drawn from the [`DRAWN_FROM`] that have been visible for longest.
    Drawn,
}

/// What a receiver gets.
#[derive(Debug, Clone)]
pub struct Received {
    /// The messages.
    pub messages: Vec<(Sequence, Arc<Message>)>,
    /// When the next of the others is, or becomes, visible.
    pub next_visible_at: Option<Timestamp>,
}

impl QueueState {
    /// Creates the queue; false where it exists with these attributes.
    ///
    /// # Errors
    /// It exists with others.
    pub fn create(
        &mut self,
        attributes: &QueueAttributes,
        tags: &BTreeMap<SmolStr, SmolStr>,
        tx: &Tx<'_>,
    ) -> Result<bool, OtherQueueExists> {
        if let Some(settings) = self.settings.get() {
            settings.attributes.answers(attributes)?;
            return Ok(false);
        }
        let (attributes, tags) = (attributes.clone(), tags.clone());
        self.settings.set(QueueSettings { created_at: tx.now(), attributes, tags });
        Ok(true)
    }

    /// Deletes the queue with all that is in it, and ends the waits on it.
    ///
    /// # Errors
    /// There is no such queue.
    pub fn delete(&mut self, tx: &mut Tx<'_>) -> Result<(), NoSuchQueue> {
        self.existing()?;
        self.settings.clear();
        self.messages.clear();
        tx.forgive();
        tx.signal_all(CHANGED);
        Ok(())
    }

    /// The queue's settings.
    ///
    /// # Errors
    /// There is no such queue.
    pub fn existing(&self) -> Result<&QueueSettings, NoSuchQueue> {
        self.settings.get().ok_or(NoSuchQueue)
    }

    /// Puts a message on the queue.
    ///
    /// # Errors
    /// There is no such queue; the message is larger than the queue allows.
    pub fn send<E>(&mut self, draft: &Draft, sender: AccountId, tx: &mut Tx<'_>) -> Result<Sent, E>
    where
        E: From<NoSuchQueue> + From<InvalidParameter>,
    {
        let attributes = &self.existing()?.attributes;
        let limit = attributes.maximum_message_size();
        if draft.size > usize::try_from(limit).unwrap_or(usize::MAX) {
            let sentence = format!(
                "One or more parameters are invalid. Reason: Message must be shorter than {limit} bytes."
            );
            return Err(InvalidParameter { sentence }.into());
        }
        let delay = draft.delay.unwrap_or_else(|| attributes.delay());
        let id = tx.draw().next_u128();
        let message = Message {
            id,
            body: Arc::clone(&draft.body),
            body_digest: draft.body_digest,
            extras: draft.extras.clone(),
            sender,
            sent_at: tx.now(),
            visible_at: tx.now() + delay,
            first_received_at: None,
            receives: 0,
            receipt: 0,
        };
        self.messages.insert(self.next_sequence(tx.now()), message);
        tx.signal(CHANGED);
        Ok(Sent { id })
    }

    /// Receives messages that are visible, those first that have been for longest, and hides them.
    ///
    /// # Errors
    /// There is no such queue.
    pub fn receive(&mut self, request: &Receive, tx: &mut Tx<'_>) -> Result<Received, NoSuchQueue> {
        let (now, settings) = (tx.now(), self.existing()?);
        let timeout = request.visibility_timeout.unwrap_or_else(|| settings.attributes.visibility_timeout());
        let retention = settings.attributes.retention();
        self.expire(now, retention);
        let visible =
            self.messages.by().by_visibility.range(..=(now, Sequence::MAX)).map(|(_, sequence)| *sequence);
        // A message past its retention that `expire` has not reached yet is passed over; few are.
        let is_kept = |sequence: &Sequence| {
            self.messages.get(sequence).is_some_and(|message| message.sent_at + retention > now)
        };
        let chosen = match request.order {
            Order::Usual => visible.filter(is_kept).take(request.count).collect(),
            Order::Drawn => draw(visible.filter(is_kept).take(DRAWN_FROM).collect(), request.count, tx),
        };
        let mut messages = Vec::with_capacity(chosen.len());
        for sequence in chosen {
            let receipt = tx.draw().next_u64();
            self.messages.update(&sequence, |message| {
                message.visible_at = if request.hides { now + timeout } else { now };
                message.first_received_at.get_or_insert(now);
                message.receives += 1;
                message.receipt = receipt;
            });
            messages.extend(self.messages.get_shared(&sequence).map(|message| (sequence, message)));
        }
        let next_visible_at = self.messages.by().by_visibility.first().map(|((at, _), _)| *at);
        Ok(Received { messages, next_visible_at })
    }

    /// Deletes the message of a receipt. Nothing happens where it was deleted, or received again, since.
    ///
    /// # Errors
    /// There is no such queue.
    pub fn delete_message(&mut self, receipt: Receipt) -> Result<(), NoSuchQueue> {
        self.existing()?;
        if self.messages.get(&receipt.sequence).is_some_and(|message| message.receipt == receipt.receipt) {
            self.messages.remove(&receipt.sequence);
        }
        Ok(())
    }

    fn next_sequence(&self, now: Timestamp) -> Sequence {
        let by_time = u64::try_from(now.as_micros()).unwrap_or(0);
        self.messages.last().map_or(by_time, |(last, _)| by_time.max(last + 1))
    }

    /// Takes away the oldest messages that are past their retention.
    fn expire(&mut self, now: Timestamp, retention: Duration) {
        for _ in 0..EXPIRED_AT_ONCE {
            let expired = self.messages.first().filter(|(_, message)| message.sent_at + retention <= now);
            let Some((&sequence, _)) = expired else { return };
            self.messages.remove(&sequence);
        }
    }
}

/// Draws some of these, in the order in which they are drawn.
fn draw(mut from: Vec<Sequence>, count: usize, tx: &mut Tx<'_>) -> Vec<Sequence> {
    let mut drawn = Vec::with_capacity(count.min(from.len()));
    while drawn.len() < count && !from.is_empty() {
        let bound = u64::try_from(from.len()).unwrap_or(u64::MAX);
        drawn.push(from.remove(usize::try_from(tx.draw().below(bound)).unwrap_or(0)));
    }
    drawn
}

/// How many messages a receiver may ask for.
///
/// # Errors
/// A number out of AWS's range.
pub fn check_receive_count(value: Option<i32>) -> Result<usize, InvalidValue> {
    let value = value.unwrap_or(1);
    let count = u32::try_from(value).ok().filter(|count| crate::limits::RECEIVE_COUNT.contains(count));
    count.and_then(|count| usize::try_from(count).ok()).ok_or_else(|| InvalidValue {
        parameter: "MaxNumberOfMessages",
        value: value.to_string(),
        reason: "Must be between 1 and 10, if provided.",
    })
}
