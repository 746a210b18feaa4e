//! What receivers do: they take messages, hide them for another time, and delete them.

use super::failure::{ExpiredReceipt, HiddenTooLong, InvalidValue, NoSuchQueue, NotAvailable};
use super::fifo::OTHER_TYPE;
use super::{QueueAddress, Receipt};
use crate::limits::{MAX_IN_FLIGHT, VISIBILITY_TIMEOUT};
use crate::state::queue::{CHANGED, Message, QueueState, Sequence};
use mesh_store::Tx;
use mesh_types::{Need, Timestamp};
use smol_str::SmolStr;
use std::ops::{Bound, RangeInclusive};
use std::sync::Arc;
use std::time::Duration;

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
    /// Whether no more are given out once as many are in flight as AWS allows.
    pub limits_in_flight: bool,
    /// The receiver's id for this receive, by which it can be tried again. FIFO queues only.
    pub attempt: Option<SmolStr>,
}

/// In which order a standard queue hands out messages, which promises none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Those first that have been visible for longest.
    Usual,
    /// Drawn from the [`DRAWN_FROM`] that have been visible for longest.
    Drawn,
}

/// A message and its place.
pub type Placed = (Sequence, Arc<Message>);

/// What a receiver gets.
#[derive(Debug, Clone, Default)]
pub struct Received {
    /// The messages.
    pub messages: Vec<Placed>,
    /// The ids of those that went to the dead-letter queue instead.
    pub moved: Vec<u128>,
    /// When the next of the others is, or becomes, visible.
    pub next_visible_at: Option<Timestamp>,
    /// Whether there are none because as many are in flight as may be, which a standard queue tells.
    pub is_full: bool,
    /// Whether there are none because more were past their retention, or had to go to the dead-letter queue, than go at
    /// once: receive again.
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
    /// There is no such queue; an attempt's id for a standard queue, or for messages that were changed since.
    pub fn receive<E: From<NoSuchQueue> + From<InvalidValue> + From<Need>>(
        &mut self,
        queue: &QueueAddress,
        request: &Receive,
        tx: &mut Tx<'_>,
    ) -> Result<Received, E> {
        let (now, settings) = (tx.now(), self.existing()?);
        let timeout = request.visibility_timeout.unwrap_or_else(|| settings.attributes.visibility_timeout());
        let retention = settings.attributes.retention();
        let redrive = settings.attributes.redrive.clone();
        let is_fifo = settings.attributes.fifo.is_some();
        // Passing over those that are left would cost each receive the same again, and in a FIFO queue they hold groups.
        if self.expire(now, retention) {
            return Ok(Received { goes_on: true, ..Received::default() });
        }
        if let Some(id) = &request.attempt {
            if !is_fifo {
                let (parameter, value) = ("ReceiveRequestAttemptId", id.to_string());
                return Err(InvalidValue { parameter, value, reason: OTHER_TYPE }.into());
            }
            self.forget_attempts(now);
            if let Some(messages) = self.try_again::<E>(id, now + timeout, now)? {
                // What woke this receiver may have been meant for another message: the next who waits is to look.
                let next_visible_at = self.next_look(is_fifo, retention);
                return Ok(Received { messages, next_visible_at, ..Received::default() });
            }
        }
        let count = match request.limits_in_flight {
            true => request.count.min(self.room(now, request.count)),
            false => request.count,
        };
        if count == 0 {
            // What is visible already cannot be had: the next to look for is one that comes back.
            let hidden = (Bound::Excluded((now, Sequence::MAX)), Bound::Unbounded);
            let next_visible_at =
                self.messages.by().by_visibility.range(hidden).next().map(|((at, _), _)| *at);
            return Ok(Received { next_visible_at, is_full: !is_fifo, ..Received::default() });
        }
        // What a standard queue may do out of order and twice, a FIFO queue may not.
        let (order, hides) = if is_fifo { (Order::Usual, true) } else { (request.order, request.hides) };
        let wanted = match order {
            Order::Usual => count,
            Order::Drawn => DRAWN_FROM,
        };
        let limit = redrive.as_ref().map(|policy| policy.max_receives);
        let find = |state: &Self, limit| state.find(state.visible(is_fifo, now), wanted, limit);
        let mut found = find(self, limit);
        let id = |sequence: &Sequence| self.messages.get(sequence).map(|message| message.id);
        let mut moved: Vec<u128> = found.spent.iter().filter_map(id).collect();
        if let Some(policy) = redrive.filter(|_| !found.spent.is_empty())
            && !self.move_dead_letters(queue, &policy, &found.spent, tx)?
        {
            moved.clear();
            found = find(self, None);
        }
        let goes_on = found.fit.is_empty() && found.spent.len() == MOVED_AT_ONCE;
        let chosen = match order {
            Order::Usual => found.fit,
            Order::Drawn => draw(found.fit, count, tx),
        };
        let mut messages = Vec::with_capacity(chosen.len());
        for sequence in chosen {
            let receipt = tx.draw().next_u64();
            self.messages.update(&sequence, |message| {
                message.visible_at = if hides { now + timeout } else { now };
                message.first_received_at.get_or_insert(now);
                message.received_at = Some(now);
                message.receives += 1;
                message.receipt = receipt;
            });
            messages.extend(self.messages.get_shared(&sequence).map(|message| (sequence, message)));
        }
        if let Some(id) = request.attempt.clone().filter(|_| !messages.is_empty()) {
            self.note_attempt(id, now, &messages);
        }
        let next_visible_at = self.next_look(is_fifo, retention);
        Ok(Received { messages, moved, next_visible_at, is_full: false, goes_on })
    }

    /// When the next message is, or becomes, visible; in a FIFO queue also when the oldest is past its retention, since it
    /// may hold its group until then.
    fn next_look(&self, is_fifo: bool, retention: Duration) -> Option<Timestamp> {
        if !is_fifo {
            return self.messages.by().by_visibility.first().map(|((at, _), _)| *at);
        }
        let expires_at = self.messages.first().map(|(_, message)| message.sent_at + retention);
        self.messages.by().groups.next_free_at().into_iter().chain(expires_at).min()
    }

    /// The messages that can be received, in the order in which they are.
    pub(super) fn visible(&self, is_fifo: bool, now: Timestamp) -> impl Iterator<Item = Sequence> {
        let (groups, plain) = match is_fifo {
            true => (Some(self.messages.by().groups.visible(now)), None),
            false => (None, Some(self.messages.by().by_visibility.range(..=(now, Sequence::MAX)))),
        };
        let plain = plain.into_iter().flatten().map(|(_, sequence)| *sequence);
        groups.into_iter().flatten().chain(plain)
    }

    /// Looks for this many messages among those that are visible, which were received less often than `limit` says.
    fn find(&self, visible: impl Iterator<Item = Sequence>, wanted: usize, limit: Option<u32>) -> Found {
        let mut found = Found::default();
        for sequence in visible {
            let Some(message) = self.messages.get(&sequence) else { continue };
            if limit.is_some_and(|limit| message.receives >= limit) {
                found.spent.push(sequence);
            } else {
                found.fit.push(sequence);
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

    /// Hides the message of a receipt until `timeout` from now. One that is visible again stays so, which a FIFO queue
    /// tells.
    ///
    /// # Errors
    /// There is no such queue; the message is gone or was received again since; it would be hidden for longer than is
    /// allowed in all.
    pub fn hide<E>(&mut self, receipt: Receipt, timeout: Duration, tx: &mut Tx<'_>) -> Result<(), E>
    where
        E: From<NoSuchQueue> + From<NotAvailable> + From<HiddenTooLong>,
    {
        let is_fifo = self.existing()?.attributes.fifo.is_some();
        let message = self.messages.get(&receipt.sequence);
        let is_meant = |message: &&Message| {
            message.receipt == receipt.receipt && (!is_fifo || message.visible_at > tx.now())
        };
        let Some(message) = message.filter(is_meant) else {
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

    /// Deletes the message of a receipt, and answers its id. Nothing happens where it was deleted since, or in a standard
    /// queue received again.
    ///
    /// # Errors
    /// There is no such queue; the message can be received again from a FIFO queue, or was.
    pub fn delete_message<E: From<NoSuchQueue> + From<ExpiredReceipt>>(
        &mut self,
        receipt: Receipt,
        tx: &mut Tx<'_>,
    ) -> Result<Option<u128>, E> {
        let is_fifo = self.existing()?.attributes.fifo.is_some();
        let Some(message) = self.messages.get(&receipt.sequence) else { return Ok(None) };
        let is_latest = message.receipt == receipt.receipt;
        if is_fifo && (!is_latest || message.visible_at <= tx.now()) {
            return Err(ExpiredReceipt { handle: receipt.handle() }.into());
        }
        if !is_latest {
            return Ok(None);
        }
        // Who waits because too many are in flight may go on, and who waits for the group.
        if is_fifo || self.messages.by().received.total() >= MAX_IN_FLIGHT {
            tx.signal(CHANGED);
        }
        Ok(self.messages.remove(&receipt.sequence).map(|message| message.id))
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
