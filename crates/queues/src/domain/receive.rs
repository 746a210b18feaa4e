//! What receivers do: they take messages, hide them for another time, and delete them.

use super::failure::{HiddenTooLong, InvalidValue, NoSuchQueue, NotAvailable};
use super::{QueueAddress, Receipt};
use crate::limits::{MAX_IN_FLIGHT, VISIBILITY_TIMEOUT};
use crate::state::queue::{CHANGED, Message, QueueState, Sequence};
use mesh_store::Tx;
use mesh_types::{Need, Timestamp};
use std::ops::{Bound, RangeInclusive};
use std::sync::Arc;
use std::time::Duration;

/// Messages past their retention that one transaction takes away: enough to keep up, few enough not to be felt.
const EXPIRED_AT_ONCE: usize = 16;

/// Messages that one transaction moves to the dead-letter queue: it holds both queues meanwhile.
const MOVED_AT_ONCE: usize = 100;

/// How many messages an order that is drawn is drawn from.
const DRAWN_FROM: usize = 32;

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
    /// The ids of those that went to the dead-letter queue instead.
    pub moved: Vec<u128>,
    /// When the next of the others is, or becomes, visible.
    pub next_visible_at: Option<Timestamp>,
    /// Whether there are none because as many are in flight as may be.
    pub is_full: bool,
    /// Whether there are none because more had to go to the dead-letter queue than go at once: receive again.
    pub goes_on: bool,
}

/// What a receive finds.
#[derive(Default)]
struct Found {
    /// What it can take.
    fit: Vec<Sequence>,
    /// What was received as often as may be.
    spent: Vec<Sequence>,
}

impl QueueState {
    /// Receives messages that are visible, those first that have been for longest, and hides them. Those that were
    /// received as often as the redrive policy allows go to the dead-letter queue instead.
    ///
    /// # Errors
    /// There is no such queue.
    pub fn receive<E: From<NoSuchQueue> + From<Need>>(
        &mut self,
        queue: &QueueAddress,
        request: &Receive,
        tx: &mut Tx<'_>,
    ) -> Result<Received, E> {
        let (now, settings) = (tx.now(), self.existing()?);
        let timeout = request.visibility_timeout.unwrap_or_else(|| settings.attributes.visibility_timeout());
        let retention = settings.attributes.retention();
        let redrive = settings.attributes.redrive.clone();
        self.expire(now, retention, EXPIRED_AT_ONCE);
        let count = request.count.min(self.room(now, request.count));
        if count == 0 {
            // What is visible already cannot be had: the next to look for is one that comes back.
            let hidden = (Bound::Excluded((now, Sequence::MAX)), Bound::Unbounded);
            let next_visible_at =
                self.messages.by().by_visibility.range(hidden).next().map(|((at, _), _)| *at);
            let (messages, moved) = (Vec::new(), Vec::new());
            return Ok(Received { messages, moved, next_visible_at, is_full: true, goes_on: false });
        }
        let wanted = match request.order {
            Order::Usual => count,
            Order::Drawn => DRAWN_FROM,
        };
        let limit = redrive.as_ref().map(|policy| policy.max_receives);
        let mut found = self.find(now, retention, wanted, limit);
        let id = |sequence: &Sequence| self.messages.get(sequence).map(|message| message.id);
        let mut moved: Vec<u128> = found.spent.iter().filter_map(id).collect();
        if let Some(policy) = redrive.filter(|_| !found.spent.is_empty())
            && !self.move_dead_letters(queue, &policy, &found.spent, tx)?
        {
            moved.clear();
            found = self.find(now, retention, wanted, None);
        }
        let goes_on = found.fit.is_empty() && found.spent.len() == MOVED_AT_ONCE;
        let chosen = match request.order {
            Order::Usual => found.fit,
            Order::Drawn => draw(found.fit, count, tx),
        };
        let mut messages = Vec::with_capacity(chosen.len());
        for sequence in chosen {
            let receipt = tx.draw().next_u64();
            self.messages.update(&sequence, |message| {
                message.visible_at = if request.hides { now + timeout } else { now };
                message.first_received_at.get_or_insert(now);
                message.received_at = Some(now);
                message.receives += 1;
                message.receipt = receipt;
            });
            messages.extend(self.messages.get_shared(&sequence).map(|message| (sequence, message)));
        }
        let next_visible_at = self.messages.by().by_visibility.first().map(|((at, _), _)| *at);
        Ok(Received { messages, moved, next_visible_at, is_full: false, goes_on })
    }

    /// Looks for this many visible messages, of those that were received less often than `limit` says.
    fn find(&self, now: Timestamp, retention: Duration, wanted: usize, limit: Option<u32>) -> Found {
        let mut found = Found::default();
        for (_, sequence) in self.messages.by().by_visibility.range(..=(now, Sequence::MAX)) {
            // A message past its retention that `expire` has not reached yet is passed over; few are.
            let message = self.messages.get(sequence).filter(|message| message.sent_at + retention > now);
            let Some(message) = message else { continue };
            if limit.is_some_and(|limit| message.receives >= limit) {
                found.spent.push(*sequence);
            } else {
                found.fit.push(*sequence);
            }
            if found.fit.len() == wanted || found.spent.len() == MOVED_AT_ONCE {
                break;
            }
        }
        found
    }

    /// How many more messages may be in flight, as far as `count` of them are asked for.
    fn room(&self, now: Timestamp, count: usize) -> usize {
        // Those that were received are counted at no cost, and only near the limit it matters which are still hidden.
        let most = self.messages.by().received.total() + u64::try_from(count).unwrap_or(u64::MAX);
        if most <= MAX_IN_FLIGHT {
            return count;
        }
        usize::try_from(MAX_IN_FLIGHT.saturating_sub(self.in_flight(now))).unwrap_or(count)
    }

    /// Hides the message of a receipt until `timeout` from now. One that is visible again stays so.
    ///
    /// # Errors
    /// There is no such queue; the message is gone or was received again since; it would be hidden for longer than is
    /// allowed in all.
    pub fn hide<E>(&mut self, receipt: Receipt, timeout: Duration, tx: &mut Tx<'_>) -> Result<(), E>
    where
        E: From<NoSuchQueue> + From<NotAvailable> + From<HiddenTooLong>,
    {
        self.existing()?;
        let message = self.messages.get(&receipt.sequence);
        let Some(message) = message.filter(|message| message.receipt == receipt.receipt) else {
            return Err(NotAvailable { handle: receipt.handle() }.into());
        };
        let limit = Duration::from_secs(u64::from(*VISIBILITY_TIMEOUT.end()));
        let visible_at = tx.now() + timeout;
        if message.received_at.is_some_and(|at| visible_at > at + limit) {
            return Err(HiddenTooLong { seconds: timeout.as_secs() }.into());
        }
        if message.visible_at > tx.now() {
            self.messages.update(&receipt.sequence, |message| message.visible_at = visible_at);
            // Who waits for the earliest message may have to wait for this one.
            tx.signal(CHANGED);
        }
        Ok(())
    }

    /// Deletes the message of a receipt. Nothing happens where it was deleted, or received again, since.
    ///
    /// # Errors
    /// There is no such queue.
    pub fn delete_message(&mut self, receipt: Receipt, tx: &mut Tx<'_>) -> Result<(), NoSuchQueue> {
        self.existing()?;
        if self.messages.get(&receipt.sequence).is_some_and(|message| message.receipt == receipt.receipt) {
            // Who waits because too many are in flight may go on.
            if self.messages.by().received.total() >= MAX_IN_FLIGHT {
                tx.signal(CHANGED);
            }
            self.messages.remove(&receipt.sequence);
        }
        Ok(())
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

/// A number of seconds in a request.
///
/// # Errors
/// A number out of range.
pub fn check_seconds(
    parameter: &'static str,
    value: i32,
    range: RangeInclusive<u32>,
) -> Result<Duration, InvalidValue> {
    let reason = match parameter {
        "WaitTimeSeconds" => "Must be >= 0 and <= 20, if provided.",
        _ => "Must be between 0 and 43200, if provided.",
    };
    let seconds = u32::try_from(value).ok().filter(|seconds| range.contains(seconds));
    let refused = || InvalidValue { parameter, value: value.to_string(), reason };
    seconds.map(|seconds| Duration::from_secs(u64::from(seconds))).ok_or_else(refused)
}
