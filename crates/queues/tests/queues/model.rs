//! A queue behaves like the simplest thing that could be called one: a list that is searched from the front.

use mesh_clock::{Mode, Seed};
use mesh_models::sqs::{
    ChangeMessageVisibilityError, DeleteMessageError, ReceiveMessageError, SendMessageError,
};
use mesh_queues::domain::{Counts, Draft, Order, QueueAddress, QueueAttributes, Receipt, Receive};
use mesh_queues::state::queue::{Extras, QueueState};
use mesh_store::{Cause, Key, Tx, Universe, UniverseName};
use mesh_types::{AccountId, Region, Timestamp};
use mesh_wire::ApiError;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::time::Duration;

const RETENTION: i64 = 100;
const DEFAULT_TIMEOUT: i64 = 30;

#[derive(Debug, Clone)]
enum Step {
    Send {
        delay: i64,
    },
    Receive {
        count: usize,
        timeout: Option<i64>,
    },
    /// Deletes by one of the receipts seen so far.
    Delete {
        receipt: prop::sample::Index,
    },
    /// Hides by one of the receipts seen so far, for so long from now on.
    Hide {
        receipt: prop::sample::Index,
        timeout: i64,
    },
    Pass {
        seconds: i64,
    },
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (0..20_i64).prop_map(|delay| Step::Send { delay }),
        3 => (1..=10_usize, prop::option::of(0..40_i64)).prop_map(|(count, timeout)| Step::Receive { count, timeout }),
        2 => any::<prop::sample::Index>().prop_map(|receipt| Step::Delete { receipt }),
        2 => (any::<prop::sample::Index>(), 0..40_i64).prop_map(|(receipt, timeout)| Step::Hide { receipt, timeout }),
        3 => (0..30_i64).prop_map(|seconds| Step::Pass { seconds }),
    ]
}

#[derive(Debug, Clone)]
struct Expected {
    body: String,
    sent_at: i64,
    visible_at: i64,
    receives: u32,
    /// Which receive took it last.
    receipt: Option<usize>,
}

#[derive(Default)]
struct Model {
    now: i64,
    sent: usize,
    /// In the order in which they were sent.
    messages: Vec<Expected>,
}

impl Model {
    /// The bodies and counts of what a receive takes.
    fn receive(&mut self, count: usize, timeout: i64, first_receipt: usize) -> Vec<(String, u32)> {
        let now = self.now;
        self.messages.retain(|message| message.sent_at + RETENTION > now);
        let mut visible: Vec<usize> =
            (0..self.messages.len()).filter(|at| self.messages[*at].visible_at <= now).collect();
        visible.sort_by_key(|at| self.messages[*at].visible_at);
        visible.truncate(count);
        let take = |(number, at): (usize, usize)| {
            let message = &mut self.messages[at];
            message.visible_at = now + timeout;
            message.receives += 1;
            message.receipt = Some(first_receipt + number);
            (message.body.clone(), message.receives)
        };
        visible.into_iter().enumerate().map(take).collect()
    }
}

impl Model {
    /// Hides the message of a receipt; false where that is not its latest one, or it is gone.
    fn hide(&mut self, receipt: usize, timeout: i64) -> bool {
        let now = self.now;
        let Some(message) = self.messages.iter_mut().find(|message| message.receipt == Some(receipt)) else {
            return false;
        };
        // One that is visible again stays so.
        if message.visible_at > now {
            message.visible_at = now + timeout;
        }
        true
    }

    fn counts(&mut self) -> Counts {
        let now = self.now;
        self.messages.retain(|message| message.sent_at + RETENTION > now);
        let mut counts = Counts { visible: 0, in_flight: 0, delayed: 0 };
        for message in &self.messages {
            *match (message.visible_at > now, message.receives) {
                (false, _) => &mut counts.visible,
                (true, 0) => &mut counts.delayed,
                (true, _) => &mut counts.in_flight,
            } += 1;
        }
        counts
    }
}

struct Real {
    universe: Universe,
    key: Key<QueueState>,
}

impl Real {
    fn new() -> Self {
        let universe =
            Universe::new(UniverseName::DEFAULT, Seed(1), Mode::Frozen { at: Timestamp::from_secs(0) });
        let key = Key::new(AccountId::DEFAULT, Region::DEFAULT, "q");
        let mut attributes = QueueAttributes::default();
        let set = attributes
            .set::<mesh_models::sqs::CreateQueueError>("MessageRetentionPeriod", &RETENTION.to_string());
        set.map_err(ApiError::from).expect("it is in range");
        let create = |state: &mut QueueState, tx: &mut Tx<'_>| {
            state.create(&attributes, &BTreeMap::new(), tx)?;
            Ok::<_, mesh_models::sqs::CreateQueueError>(())
        };
        universe.write(&key, Cause::Deadline, create).map_err(ApiError::from).expect("it is new");
        Self { universe, key }
    }

    fn send(&self, body: &str, delay: i64) {
        let delay = i32::try_from(delay).ok();
        let draft = Draft::check::<SendMessageError>(Some(body.to_owned()), delay, Extras::default());
        let draft = draft.map_err(ApiError::from).expect("it is sound");
        let send = |state: &mut QueueState, tx: &mut Tx<'_>| {
            state.send::<SendMessageError>(&draft, AccountId::DEFAULT, tx)
        };
        self.universe
            .write(&self.key, Cause::Deadline, send)
            .map_err(ApiError::from)
            .expect("the queue is there");
    }

    fn receive(&self, count: usize, timeout: Option<i64>) -> Vec<(String, u32, Receipt)> {
        let visibility_timeout = timeout.map(|timeout| Duration::from_secs(timeout.unsigned_abs()));
        let request = Receive { count, visibility_timeout, order: Order::Usual, hides: true, attempt: None };
        let queue = QueueAddress { key: self.key.clone() };
        let receive = |state: &mut QueueState, tx: &mut Tx<'_>| {
            state.receive::<ReceiveMessageError>(&queue, &request, tx)
        };
        let received = self.universe.write(&self.key, Cause::Deadline, receive);
        let received = received.map_err(ApiError::from).expect("the queue is there");
        let queue = self.key.hash();
        let show = |(sequence, message): (u64, std::sync::Arc<mesh_queues::state::queue::Message>)| {
            let receipt = Receipt { queue, sequence, receipt: message.receipt };
            (message.body.to_string(), message.receives, receipt)
        };
        received.messages.into_iter().map(show).collect()
    }

    fn delete(&self, receipt: Receipt) {
        let delete =
            |state: &mut QueueState, tx: &mut Tx<'_>| state.delete_message::<DeleteMessageError>(receipt, tx);
        self.universe
            .write(&self.key, Cause::Deadline, delete)
            .map_err(ApiError::from)
            .expect("the queue is there");
    }

    fn hide(&self, receipt: Receipt, timeout: i64) -> bool {
        let timeout = Duration::from_secs(timeout.unsigned_abs());
        let hide = |state: &mut QueueState, tx: &mut Tx<'_>| {
            state.hide::<ChangeMessageVisibilityError>(receipt, timeout, tx)
        };
        self.universe.write(&self.key, Cause::Deadline, hide).is_ok()
    }

    fn counts(&self) -> Counts {
        loop {
            let count = |state: &mut QueueState, tx: &mut Tx<'_>| {
                Ok::<_, DeleteMessageError>(state.counts(tx.now())?)
            };
            let counts = self.universe.write(&self.key, Cause::Deadline, count).map_err(ApiError::from);
            if let Some(counts) = counts.expect("the queue is there") {
                return counts;
            }
        }
    }

    fn pass(&self, now: i64) {
        self.universe.clock().set_mode(Mode::Frozen { at: Timestamp::from_secs(now) });
    }
}

proptest! {
    #[test]
    fn a_queue_is_a_list_that_is_searched_from_the_front(steps in prop::collection::vec(step(), 0..60)) {
        let (real, mut model, mut receipts) = (Real::new(), Model::default(), Vec::new());
        for step in steps {
            match step {
                Step::Send { delay } => {
                    model.sent += 1;
                    let body = model.sent.to_string();
                    real.send(&body, delay);
                    let (sent_at, visible_at) = (model.now, model.now + delay);
                    model.messages.push(Expected { body, sent_at, visible_at, receives: 0, receipt: None });
                }
                Step::Receive { count, timeout } => {
                    let expected = model.receive(count, timeout.unwrap_or(DEFAULT_TIMEOUT), receipts.len());
                    let received = real.receive(count, timeout);
                    let seen: Vec<_> = received.iter().map(|(body, count, _)| (body.clone(), *count)).collect();
                    prop_assert_eq!(seen, expected);
                    receipts.extend(received.into_iter().map(|(_, _, receipt)| receipt));
                }
                Step::Delete { receipt } if !receipts.is_empty() => {
                    let at = receipt.index(receipts.len());
                    real.delete(receipts[at]);
                    model.messages.retain(|message| message.receipt != Some(at));
                }
                Step::Hide { receipt, timeout } if !receipts.is_empty() => {
                    let at = receipt.index(receipts.len());
                    prop_assert_eq!(real.hide(receipts[at], timeout), model.hide(at, timeout));
                }
                Step::Delete { .. } | Step::Hide { .. } => {}
                Step::Pass { seconds } => {
                    model.now += seconds;
                    real.pass(model.now);
                }
            }
            prop_assert_eq!(real.counts(), model.counts());
        }
    }
}
