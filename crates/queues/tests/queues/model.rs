//! A queue behaves like the simplest thing that could be called one: a list that is searched from the front.

use crate::real::{MAX_RECEIVES, Real};
use mesh_models::sqs::CreateQueueError;
use mesh_queues::domain::{Counts, QueueAttributes};
use mesh_queues::state::queue::Extras;
use mesh_wire::ApiError;
use proptest::prelude::*;

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
    /// Goes on in a fork.
    Fork,
    /// Goes on with what lies on disk.
    Reopen,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (0..20_i64).prop_map(|delay| Step::Send { delay }),
        3 => (1..=10_usize, prop::option::of(0..40_i64)).prop_map(|(count, timeout)| Step::Receive { count, timeout }),
        2 => any::<prop::sample::Index>().prop_map(|receipt| Step::Delete { receipt }),
        2 => (any::<prop::sample::Index>(), 0..40_i64).prop_map(|(receipt, timeout)| Step::Hide { receipt, timeout }),
        3 => (0..30_i64).prop_map(|seconds| Step::Pass { seconds }),
        1 => Just(Step::Fork),
        1 => Just(Step::Reopen),
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
    /// What was received too often.
    dead: Vec<String>,
}

impl Model {
    /// The bodies and counts of what a receive takes.
    fn receive(&mut self, count: usize, timeout: i64, first_receipt: usize) -> Vec<(String, u32)> {
        let now = self.now;
        self.messages.retain(|message| message.sent_at + RETENTION > now);
        let mut visible: Vec<usize> =
            (0..self.messages.len()).filter(|at| self.messages[*at].visible_at <= now).collect();
        visible.sort_by_key(|at| self.messages[*at].visible_at);
        let (mut taken, mut spent) = (Vec::new(), Vec::new());
        for at in visible {
            if taken.len() == count {
                break;
            }
            let message = &mut self.messages[at];
            if message.receives == MAX_RECEIVES {
                self.dead.push(message.body.clone());
                spent.push(message.body.clone());
                continue;
            }
            message.visible_at = now + timeout;
            message.receives += 1;
            message.receipt = Some(first_receipt + taken.len());
            taken.push((message.body.clone(), message.receives));
        }
        self.messages.retain(|message| !spent.contains(&message.body));
        taken
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

fn real() -> Real {
    let mut attributes = QueueAttributes::default();
    let set = attributes.set::<CreateQueueError>("MessageRetentionPeriod", &RETENTION.to_string());
    set.map_err(ApiError::from).expect("it is in range");
    Real::new(&attributes, "")
}

proptest! {
    #[test]
    fn a_queue_is_a_list_that_is_searched_from_the_front(steps in prop::collection::vec(step(), 0..60)) {
        let (mut real, mut model, mut receipts) = (real(), Model::default(), Vec::new());
        for step in steps {
            match step {
                Step::Send { delay } => {
                    model.sent += 1;
                    let body = model.sent.to_string();
                    real.send(&body, delay, Extras::default());
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
                    prop_assert!(real.delete(receipts[at]));
                    model.messages.retain(|message| message.receipt != Some(at));
                }
                Step::Hide { receipt, timeout } if !receipts.is_empty() => {
                    let at = receipt.index(receipts.len());
                    prop_assert_eq!(real.hide(receipts[at], timeout), model.hide(at, timeout));
                }
                Step::Delete { .. } | Step::Hide { .. } => {}
                Step::Fork => real.fork(),
                Step::Reopen => real.reopen(),
                Step::Pass { seconds } => {
                    model.now += seconds;
                    real.pass(model.now);
                }
            }
            prop_assert_eq!(real.counts(), model.counts());
            prop_assert_eq!(real.dead_letters(), model.dead.clone());
        }
    }
}
