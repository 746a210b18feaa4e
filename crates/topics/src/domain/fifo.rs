//! What FIFO topics do beside others: they number messages, take each once in five minutes, keep them where they have an
//! archive, and send those that they kept again.
//! <https://docs.aws.amazon.com/sns/latest/dg/sns-fifo-topics.html>

use super::failure::InvalidParameter;
use super::publish::{Place, encoded, errand, order};
use super::{Candidate, Draft, Published, ReplayPolicy};
use crate::limits::DEDUPLICATION_INTERVAL;
use crate::state::fifo::{Deduplicated, FIRST_SEQUENCE, Numbering};
use crate::state::notification::Notification;
use crate::state::topic::TopicState;
use mesh_store::Tx;
use mesh_types::{Timestamp, hexadecimal};
use sha2::{Digest, Sha256};
use smol_str::{SmolStr, format_smolstr};
use std::time::Duration;

/// Rows past their time that one publish takes away: enough to keep up, few enough not to be felt.
const FORGOTTEN_AT_ONCE: usize = 4;

/// Whether a message is taken.
pub(super) enum Admission {
    /// It was, not long ago.
    Known(Published),
    /// It is new.
    New(Ticket),
}

/// What a new message gets.
pub(super) struct Ticket {
    pub(super) sequence: u64,
    pub(super) deduplication_id: SmolStr,
    /// Where equal ids mean the same message.
    key: SmolStr,
}

impl TopicState {
    /// Takes a message, or finds that it was taken before.
    ///
    /// # Errors
    /// It has no group, or nothing by which it is known again.
    pub(super) fn admit(&mut self, draft: &Draft, tx: &Tx<'_>) -> Result<Admission, InvalidParameter> {
        let attributes = self.settings.get().map(|settings| settings.attributes.clone()).unwrap_or_default();
        let Some(group) = &draft.group_id else {
            return Err(InvalidParameter::of("The MessageGroupId parameter is required for FIFO topics"));
        };
        let by_content = || {
            let digest = || SmolStr::new(hexadecimal(&Sha256::digest(draft.message.as_bytes())));
            attributes.deduplicates_by_content().then(digest)
        };
        let Some(deduplication_id) = draft.deduplication_id.clone().or_else(by_content) else {
            return Err(InvalidParameter::of(
                "The topic should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided \
                 explicitly",
            ));
        };
        let key = match attributes.deduplicates_in_groups() {
            true => format_smolstr!("{group} {deduplication_id}"),
            false => deduplication_id.clone(),
        };
        self.forget(tx.now());
        if let Some(known) = self.deduplication.get(&key)
            && known.at + DEDUPLICATION_INTERVAL > tx.now()
        {
            let (id, sequence) = (known.id, Some(known.sequence));
            return Ok(Admission::Known(Published { id, sequence, decided: Vec::new() }));
        }
        let sequence = self.numbering.get().map_or(FIRST_SEQUENCE, |numbering| numbering.last + 1);
        Ok(Admission::New(Ticket { sequence, deduplication_id, key }))
    }

    /// Remembers a message that was taken, for as long as it must be known again, and in the archive where there is one.
    pub(super) fn remember(&mut self, ticket: Ticket, notification: Notification, tx: &Tx<'_>) {
        let Ticket { sequence, key, .. } = ticket;
        self.numbering.set(Numbering { last: sequence });
        self.deduplication.insert(key, Deduplicated { at: tx.now(), id: notification.id, sequence });
        if self.retention().is_some() {
            self.archive.insert(sequence, notification);
        }
    }

    /// For how long messages are kept, where they are.
    fn retention(&self) -> Option<Duration> {
        let archive = self.settings.get()?.archive?;
        Some(Duration::from_secs(u64::from(archive.days) * 24 * 60 * 60))
    }

    /// Takes away some of what is past its time.
    fn forget(&mut self, now: Timestamp) {
        for _ in 0..FORGOTTEN_AT_ONCE {
            let oldest = self
                .deduplication
                .by()
                .by_time
                .first()
                .filter(|((at, _), _)| *at + DEDUPLICATION_INTERVAL <= now);
            let Some((_, key)) = oldest else { break };
            let key = key.clone();
            self.deduplication.remove(&key);
        }
        let Some(retention) = self.retention() else { return };
        for _ in 0..FORGOTTEN_AT_ONCE {
            let oldest = self.archive.first().filter(|(_, message)| message.at + retention <= now);
            let Some((&sequence, _)) = oldest else { break };
            self.archive.remove(&sequence);
        }
    }

    /// Owes a subscription what the archive kept of a span of time, in its order.
    pub(super) fn replay(&self, key: u64, policy: &ReplayPolicy, place: Place<'_>, tx: &mut Tx<'_>) {
        let Some(recipient) = self.subscriptions.by().recipients.get(&key) else { return };
        let Some(retention) = self.retention() else { return };
        let now = tx.now();
        let is_meant = |message: &Notification| {
            // What is past its time goes little by little, when others come: until then it is there and not sent.
            message.at + retention > now
                && policy.from <= message.at
                && policy.until.is_none_or(|until| message.at <= until)
        };
        for (_, message) in self.archive.range(..).filter(|(_, message)| is_meant(message)) {
            let mut candidate = Candidate::new(&message.content, &message.attributes);
            if recipient.check(&mut candidate).is_err() {
                continue;
            }
            let message = Notification { is_replayed: true, ..message.clone() };
            let order = order(&recipient.arn, &message);
            tx.owe(errand(&recipient.arn, recipient.to.clone(), order, &encoded(&message), place));
        }
    }
}
