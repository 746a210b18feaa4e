//! What a partition owes another: deliveries, written in the transaction of their cause.

use crate::{Cause, Epoch, Row, Table};
use mesh_types::{AccountId, Region, Timestamp};
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use std::sync::Arc;
use std::time::Duration;

/// The number of the outbox among the tables of every partition.
pub(crate) const OUTBOX_TABLE: u16 = 0;

/// The deliveries that a partition owes, in the order in which they were.
pub type Outbox = Table<u64, Pending, OutboxIndexes>;

crate::indexes! {
    /// Deliveries by what the dispatcher asks.
    pub struct OutboxIndexes of Table<u64, Pending> {
        /// When those are due that nobody sends.
        by_due: (Timestamp, u64) = |number, pending| pending.sending.is_none().then_some((pending.due, *number)),
        /// Since which epoch those are being sent that somebody sends. Of an older epoch than the universe's they have
        /// lost their sender.
        by_sending: (Epoch, u64) = |number, pending| pending.sending.map(|epoch| (epoch, *number)),
    }
}

/// Where a delivery goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Target {
    /// An operation of a service, as AWS's own services call one another; the payload is its input in awsJson.
    Operation {
        /// The API: `sqs`.
        service: SmolStr,
        /// The operation: `SendMessage`.
        operation: SmolStr,
        /// The account it is called in.
        account: AccountId,
        /// The Region it is called in.
        region: Region,
        /// The service that calls: `sns`.
        caller: SmolStr,
    },
    /// What the service that owes it delivers itself: in a form that depends on the receiver, or tried again in a
    /// manner of its own.
    Errand {
        /// The service: `sns`.
        service: SmolStr,
        /// The account in which it is delivered.
        account: AccountId,
        /// The Region in which it is delivered.
        region: Region,
        /// Where it goes, for people: `sqs arn:aws:sqs:us-east-1:000000000000:orders`.
        to: SmolStr,
        /// What the service needs to know beside the payload, which many errands may share.
        about: SmolStr,
        /// Of those with the same order the later one begins when the earlier one has ended for good.
        order: Option<SmolStr>,
    },
}

/// When a delivery that failed is tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retry {
    /// Attempts in all, the first included.
    pub attempts: u32,
    /// The pause after the first failure; each further one is twice as long.
    pub first_pause: Duration,
    /// No pause is longer.
    pub longest_pause: Duration,
}

impl Retry {
    /// One attempt and no more.
    pub const NONE: Self = Self { attempts: 1, first_pause: Duration::ZERO, longest_pause: Duration::ZERO };

    /// The pause after the `failed`-th attempt, or `None` where that was the last.
    pub fn pause_after(&self, failed: u32) -> Option<Duration> {
        let doublings = failed.saturating_sub(1).min(30);
        let pause = self.first_pause.saturating_mul(1 << doublings).min(self.longest_pause);
        (failed < self.attempts).then_some(pause)
    }
}

/// Something owed: what a transaction hands to [`Tx::owe`](crate::Tx::owe).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// Where it goes.
    pub to: Target,
    /// What it carries.
    pub payload: Arc<[u8]>,
    /// When a failure is tried again.
    pub retry: Retry,
}

/// Names a delivery in the record: drawn from the entropy of its partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct DeliveryId(pub u128);

/// A delivery in the outbox.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pending {
    /// Its name.
    pub id: DeliveryId,
    /// What is owed.
    pub delivery: Delivery,
    /// What caused it.
    pub cause: Cause,
    /// Failed attempts so far.
    pub failures: u32,
    /// When it is due.
    pub due: Timestamp,
    /// In which epoch it is being sent, if it is.
    pub sending: Option<Epoch>,
}

impl Row for Pending {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest_and_end_with_the_attempts() {
        let retry = Retry {
            attempts: 4,
            first_pause: Duration::from_secs(60),
            longest_pause: Duration::from_secs(150),
        };
        let pauses: Vec<_> =
            (1..=4).map(|failed| retry.pause_after(failed).map(|pause| pause.as_secs())).collect();
        assert_eq!(pauses, [Some(60), Some(120), Some(150), None]);
        assert_eq!(Retry::NONE.pause_after(1), None);
    }
}
