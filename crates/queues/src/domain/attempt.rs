//! A receive that is tried again, because its answer was lost, gets the same messages.

use super::failure::InvalidValue;
use super::receive::Placed;
use crate::limits::DEDUPLICATION_WINDOW;
use crate::state::queue::QueueState;
use crate::state::sent::{Attempt, Taken};
use mesh_types::Timestamp;
use smol_str::SmolStr;

/// Expired attempts that one transaction takes away.
const FORGOTTEN_AT_ONCE: usize = 16;

/// Why a receive cannot be tried again.
const NOT_RETRYABLE: &str =
    "The receiveRequestAttemptId is not valid anymore since the receive call is not retryable.";

impl QueueState {
    /// What the receive of this id got within the last five minutes, hidden anew until `visible_at`; nothing where one
    /// of the messages is visible again.
    ///
    /// # Errors
    /// One was deleted, received anew, or given another timeout.
    pub(super) fn try_again<E: From<InvalidValue>>(
        &mut self,
        id: &SmolStr,
        visible_at: Timestamp,
        now: Timestamp,
    ) -> Result<Option<Vec<Placed>>, E> {
        let attempt = self.attempts.get(id).filter(|attempt| attempt.at + DEDUPLICATION_WINDOW > now);
        let Some(attempt) = attempt.cloned() else { return Ok(None) };
        let is_unchanged = |taken: &Taken| {
            self.messages.get(&taken.sequence).is_some_and(|message| {
                message.receipt == taken.receipt && message.visible_at == taken.visible_at
            })
        };
        if !attempt.messages.iter().all(is_unchanged) {
            let (parameter, value) = ("ReceiveRequestAttemptId", id.to_string());
            return Err(InvalidValue { parameter, value, reason: NOT_RETRYABLE }.into());
        }
        if attempt.messages.iter().any(|taken| taken.visible_at <= now) {
            return Ok(None);
        }
        for taken in &attempt.messages {
            self.messages.update(&taken.sequence, |message| message.visible_at = visible_at);
        }
        let messages: Vec<_> = attempt
            .messages
            .iter()
            .filter_map(|taken| Some((taken.sequence, self.messages.get_shared(&taken.sequence)?)))
            .collect();
        self.note_attempt(id.clone(), attempt.at, &messages);
        Ok(Some(messages))
    }

    /// Notes what a receive got.
    pub(super) fn note_attempt(&mut self, id: SmolStr, at: Timestamp, messages: &[Placed]) {
        let taken = |(sequence, message): &Placed| Taken {
            sequence: *sequence,
            receipt: message.receipt,
            visible_at: message.visible_at,
        };
        self.attempts.insert(id, Attempt { at, messages: messages.iter().map(taken).collect() });
    }

    /// Takes attempts away that cannot be tried again.
    pub(super) fn forget_attempts(&mut self, now: Timestamp) {
        for _ in 0..FORGOTTEN_AT_ONCE {
            let oldest = self.attempts.by().by_age.first().map(|((at, _), id)| (*at, id.clone()));
            let Some((_, id)) = oldest.filter(|(at, _)| *at + DEDUPLICATION_WINDOW <= now) else { return };
            self.attempts.remove(&id);
        }
    }
}
