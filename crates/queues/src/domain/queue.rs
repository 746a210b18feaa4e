//! What a queue does: it is created, changed, purged and deleted; messages are sent.

use super::failure::{
    InvalidParameter, InvalidValue, MissingParameter, NoSuchQueue, OtherQueueExists, PurgedRecently,
};
use super::fifo::OTHER_TYPE;
use super::{Draft, QueueAttributes, QueueSettings, Tags};
use crate::limits::PURGE_INTERVAL;
use crate::state::queue::{CHANGED, Message, QueueState, Sequence};
use mesh_store::Tx;
use mesh_types::{AccountId, RequestId, Timestamp};
use std::sync::Arc;
use std::time::Duration;

/// A message was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sent {
    /// Its id: the bits of a UUID.
    pub id: u128,
    /// Its place, in a FIFO queue.
    pub sequence: Option<Sequence>,
}

/// Messages past their retention that one transaction takes away.
const EXPIRED_AT_ONCE: usize = 1_000;

/// The UUID of a message.
pub(crate) fn message_id(bits: u128) -> String {
    // Message ids are version 4 UUIDs, as request ids are.
    RequestId::from_random(bits).encode(&mut [0; 36]).to_owned()
}

impl QueueState {
    /// Creates the queue; false where it exists with these attributes.
    ///
    /// # Errors
    /// It exists with others.
    pub fn create(
        &mut self,
        attributes: &QueueAttributes,
        tags: &Tags,
        tx: &Tx<'_>,
    ) -> Result<bool, OtherQueueExists> {
        if let Some(settings) = self.settings.get() {
            settings.attributes.answers(attributes)?;
            return Ok(false);
        }
        let (attributes, tags) = (attributes.clone(), tags.clone());
        let (created_at, modified_at, purged_at) = (tx.now(), tx.now(), None);
        self.settings.set(QueueSettings { created_at, modified_at, purged_at, attributes, tags });
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
        self.recent.clear();
        self.attempts.clear();
        self.last_sequence.clear();
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
    /// There is no such queue; the message has what only the other type of queue takes, or lacks what this one asks for.
    pub fn send<E>(&mut self, draft: &Draft, sender: AccountId, tx: &mut Tx<'_>) -> Result<Sent, E>
    where
        E: From<NoSuchQueue> + From<InvalidValue> + From<InvalidParameter> + From<MissingParameter>,
    {
        if let Some(fifo) = self.existing()?.attributes.fifo {
            return self.send_to_group(fifo, draft, sender, tx);
        }
        if let Some(id) = draft.extras.as_ref().and_then(|extras| extras.deduplication_id.as_ref()) {
            let (parameter, value) = ("MessageDeduplicationId", id.to_string());
            return Err(InvalidValue { parameter, value, reason: OTHER_TYPE }.into());
        }
        let id = self.put(self.next_sequence(tx.now()), draft, sender, tx);
        Ok(Sent { id, sequence: None })
    }

    /// Puts a message in its place, and answers its id.
    pub(super) fn put(
        &mut self,
        sequence: Sequence,
        draft: &Draft,
        sender: AccountId,
        tx: &mut Tx<'_>,
    ) -> u128 {
        let usual = self.settings.get().map(|settings| settings.attributes.delay()).unwrap_or_default();
        let delay = draft.delay.unwrap_or(usual);
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
            received_at: None,
            receives: 0,
            receipt: 0,
        };
        self.messages.insert(sequence, message);
        tx.signal(CHANGED);
        id
    }

    /// Changes the attributes.
    ///
    /// # Errors
    /// There is no such queue; what `change` refuses.
    pub fn set_attributes<E: From<NoSuchQueue>>(
        &mut self,
        change: impl FnOnce(&mut QueueAttributes) -> Result<(), E>,
        tx: &Tx<'_>,
    ) -> Result<(), E> {
        let mut settings = self.existing()?.clone();
        change(&mut settings.attributes)?;
        settings.modified_at = tx.now();
        self.settings.set(settings);
        Ok(())
    }

    /// Changes the tags.
    ///
    /// # Errors
    /// There is no such queue; what `change` refuses.
    pub fn set_tags<E: From<NoSuchQueue>>(
        &mut self,
        change: impl FnOnce(&mut Tags) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut settings = self.existing()?.clone();
        change(&mut settings.tags)?;
        self.settings.set(settings);
        Ok(())
    }

    /// Takes all messages away.
    ///
    /// # Errors
    /// There is no such queue; it was purged just now.
    pub fn purge<E>(&mut self, name: &str, tx: &Tx<'_>) -> Result<(), E>
    where
        E: From<NoSuchQueue> + From<PurgedRecently>,
    {
        let mut settings = self.existing()?.clone();
        if settings.purged_at.is_some_and(|at| at + PURGE_INTERVAL > tx.now()) {
            return Err(PurgedRecently { name: name.to_owned() }.into());
        }
        settings.purged_at = Some(tx.now());
        self.settings.set(settings);
        self.messages.clear();
        self.attempts.clear();
        Ok(())
    }

    pub(super) fn next_sequence(&self, now: Timestamp) -> Sequence {
        let by_time = u64::try_from(now.as_micros()).unwrap_or(0);
        self.messages.last().map_or(by_time, |(last, _)| by_time.max(last + 1))
    }

    /// Takes away the messages that are past their retention, the oldest first; true where there may be more.
    pub(super) fn expire(&mut self, now: Timestamp, retention: Duration) -> bool {
        for _ in 0..EXPIRED_AT_ONCE {
            let is_expired = |sent_at: Timestamp| sent_at + retention <= now;
            let first = self.messages.first().filter(|(_, message)| is_expired(message.sent_at));
            let expired = first.map(|(sequence, _)| *sequence).or_else(|| {
                // What was moved here lies behind what is younger.
                let moved = self.messages.by().moved.first().filter(|((sent_at, _), _)| is_expired(*sent_at));
                moved.map(|(_, sequence)| *sequence)
            });
            let Some(sequence) = expired else { return false };
            self.messages.remove(&sequence);
        }
        true
    }
}
