//! What makes a queue a FIFO queue: messages are sent once and have a place in their group.

use super::failure::{InvalidParameter, InvalidValue, MissingParameter};
use super::{Draft, Sent};
use crate::limits::DEDUPLICATION_WINDOW;
use crate::state::queue::{Extras, QueueState, Sequence};
use crate::state::sent::{DeduplicationKey, LastSequence, Recent};
use mesh_store::Tx;
use mesh_types::{AccountId, Timestamp, hexadecimal};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use smol_str::SmolStr;
use std::sync::Arc;

/// Expired rows of one kind that one transaction takes away: more than it adds, so that they do not grow in number.
const FORGOTTEN_AT_ONCE: usize = 16;

/// Why a parameter is refused that the other type of queue takes.
pub(super) const OTHER_TYPE: &str = "The request include parameter that is not valid for this queue type";

/// The attributes that only FIFO queues have, as far as they were set.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fifo {
    /// `ContentBasedDeduplication`.
    pub content_based: Option<bool>,
    /// `DeduplicationScope`.
    pub scope: Option<DeduplicationScope>,
    /// `FifoThroughputLimit`.
    pub limit: Option<ThroughputLimit>,
}

/// Among which messages one is sent once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum DeduplicationScope {
    /// Those of the queue.
    Queue,
    /// Those of its group.
    MessageGroup,
}

/// What the quota of calls counts for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ThroughputLimit {
    /// The queue.
    PerQueue,
    /// Each group.
    PerMessageGroupId,
}

impl DeduplicationScope {
    /// Reads a scope.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Queue, Self::MessageGroup].into_iter().find(|scope| scope.text() == text)
    }

    /// As AWS writes it.
    pub fn text(self) -> &'static str {
        match self {
            Self::Queue => "queue",
            Self::MessageGroup => "messageGroup",
        }
    }
}

impl ThroughputLimit {
    /// Reads a limit.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::PerQueue, Self::PerMessageGroupId].into_iter().find(|limit| limit.text() == text)
    }

    /// As AWS writes it.
    pub fn text(self) -> &'static str {
        match self {
            Self::PerQueue => "perQueue",
            Self::PerMessageGroupId => "perMessageGroupId",
        }
    }
}

impl Fifo {
    /// Whether the body is the deduplication id where there is none.
    pub fn content_based(self) -> bool {
        self.content_based.unwrap_or(false)
    }

    /// Among which messages one is sent once.
    pub fn scope(self) -> DeduplicationScope {
        self.scope.unwrap_or(DeduplicationScope::Queue)
    }

    /// What the quota of calls counts for.
    pub fn limit(self) -> ThroughputLimit {
        self.limit.unwrap_or(ThroughputLimit::PerQueue)
    }

    /// Checks the attributes together.
    ///
    /// # Errors
    /// A limit for each group without deduplication for each.
    pub fn check(self) -> Result<(), InvalidParameter> {
        match (self.limit(), self.scope()) {
            (ThroughputLimit::PerMessageGroupId, DeduplicationScope::Queue) => Err(InvalidParameter {
                sentence:
                    "The perMessageGroupId value is allowed only when the value for DeduplicationScope is \
                           messageGroup"
                        .to_owned(),
            }),
            _ => Ok(()),
        }
    }

    /// The group and the deduplication id of a message.
    fn place<E>(self, draft: &Draft) -> Result<(SmolStr, SmolStr), E>
    where
        E: From<MissingParameter> + From<InvalidParameter>,
    {
        let extras = draft.extras.as_deref();
        let group = extras.and_then(|extras| extras.group_id.clone());
        let group = group.ok_or(MissingParameter { parameter: "MessageGroupId" })?;
        match extras.and_then(|extras| extras.deduplication_id.clone()) {
            Some(id) => Ok((group, id)),
            None if self.content_based() => {
                Ok((group, hexadecimal(&Sha256::digest(draft.body.as_bytes())).into()))
            }
            None => {
                let sentence = "The queue should either have ContentBasedDeduplication enabled or \
                                MessageDeduplicationId provided explicitly";
                Err(InvalidParameter { sentence: sentence.to_owned() }.into())
            }
        }
    }
}

impl QueueState {
    /// Checks what a FIFO queue asks of every message of a batch, or none is taken.
    ///
    /// # Errors
    /// A message without a group, or without a deduplication id.
    pub fn check_batch<'a>(
        &self,
        drafts: impl IntoIterator<Item = &'a Draft>,
    ) -> Result<(), InvalidParameter> {
        let fifo = self.settings.get().and_then(|settings| settings.attributes.fifo);
        let Some(fifo) = fifo else { return Ok(()) };
        for draft in drafts {
            fifo.place::<PlaceFailure>(draft)
                .map_err(|PlaceFailure(sentence)| InvalidParameter { sentence })?;
        }
        Ok(())
    }

    /// Puts a message at the end of its group, unless it was sent within the last five minutes.
    pub(super) fn send_to_group<E>(
        &mut self,
        fifo: Fifo,
        draft: &Draft,
        sender: AccountId,
        tx: &mut Tx<'_>,
    ) -> Result<Sent, E>
    where
        E: From<MissingParameter> + From<InvalidParameter> + From<InvalidValue>,
    {
        if let Some(delay) = draft.delay.filter(|delay| !delay.is_zero()) {
            let (parameter, value) = ("DelaySeconds", delay.as_secs().to_string());
            return Err(InvalidValue { parameter, value, reason: OTHER_TYPE }.into());
        }
        let (group, id) = fifo.place::<E>(draft)?;
        let now = tx.now();
        self.forget_sent(now);
        let key: DeduplicationKey = match fifo.scope() {
            DeduplicationScope::Queue => (SmolStr::default(), id.clone()),
            DeduplicationScope::MessageGroup => (group, id.clone()),
        };
        if let Some(former) = self.recent.get(&key).filter(|recent| recent.at + DEDUPLICATION_WINDOW > now) {
            return Ok(Sent { id: former.id, sequence: Some(former.sequence) });
        }
        let mut draft = Draft { delay: None, ..draft.clone() };
        let extras = draft.extras.as_deref().cloned().unwrap_or_default();
        draft.extras = Some(Arc::new(Extras { deduplication_id: Some(id), ..extras }));
        let sequence = self.next_place(now);
        let id = self.put(sequence, &draft, sender, tx);
        self.recent.insert(key, Recent { id, sequence, at: now });
        Ok(Sent { id, sequence: Some(sequence) })
    }

    /// A sequence that no message of this FIFO queue has had.
    pub(super) fn next_place(&mut self, now: Timestamp) -> Sequence {
        let last = self.last_sequence.get().map_or(0, |LastSequence(last)| last + 1);
        let sequence = self.next_sequence(now).max(last);
        self.last_sequence.set(LastSequence(sequence));
        sequence
    }

    fn forget_sent(&mut self, now: Timestamp) {
        for _ in 0..FORGOTTEN_AT_ONCE {
            let oldest = self.recent.by().by_age.first().map(|((at, _), key)| (*at, key.clone()));
            let Some((_, key)) = oldest.filter(|(at, _)| *at + DEDUPLICATION_WINDOW <= now) else { return };
            self.recent.remove(&key);
        }
    }
}

/// The sentence of a failure: in a batch all have the same code.
struct PlaceFailure(String);

impl From<MissingParameter> for PlaceFailure {
    fn from(failure: MissingParameter) -> Self {
        Self(failure.to_string())
    }
}

impl From<InvalidParameter> for PlaceFailure {
    fn from(InvalidParameter { sentence }: InvalidParameter) -> Self {
        Self(sentence)
    }
}
