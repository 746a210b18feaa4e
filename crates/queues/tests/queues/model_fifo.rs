//! A FIFO queue behaves like lists, one a group, each of which is received from its front while none of it is in flight.

use crate::real::{MAX_RECEIVES, Real};
use mesh_queues::domain::QueueAttributes;
use mesh_queues::state::queue::Extras;
use proptest::prelude::*;
use std::collections::BTreeMap;

const DEFAULT_TIMEOUT: i64 = 30;
const WINDOW: i64 = 300;

#[derive(Debug, Clone)]
enum Step {
    Send { group: u8, id: u8 },
    Receive { count: usize, timeout: Option<i64> },
    Delete { receipt: prop::sample::Index },
    Hide { receipt: prop::sample::Index, timeout: i64 },
    Pass { seconds: i64 },
    Fork,
    Reopen,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        5 => (0..4_u8, 0..60_u8).prop_map(|(group, id)| Step::Send { group, id }),
        4 => (1..=10_usize, prop::option::of(0..40_i64)).prop_map(|(count, timeout)| Step::Receive { count, timeout }),
        2 => any::<prop::sample::Index>().prop_map(|receipt| Step::Delete { receipt }),
        2 => (any::<prop::sample::Index>(), 0..40_i64).prop_map(|(receipt, timeout)| Step::Hide { receipt, timeout }),
        3 => (0..50_i64).prop_map(|seconds| Step::Pass { seconds }),
        1 => Just(Step::Fork),
        1 => Just(Step::Reopen),
    ]
}

#[derive(Debug, Clone)]
struct Expected {
    body: String,
    group: u8,
    visible_at: i64,
    receives: u32,
    receipt: Option<usize>,
}

#[derive(Default)]
struct Model {
    now: i64,
    /// In the order in which they were sent.
    messages: Vec<Expected>,
    /// When each deduplication id was taken, and the id of its message.
    recent: BTreeMap<u8, (i64, u128)>,
    dead: Vec<String>,
}

impl Model {
    /// From when on a group can be received from.
    fn free_at(&self, group: u8) -> Option<i64> {
        let mut of_group = self.messages.iter().filter(|message| message.group == group);
        let first = of_group.clone().next()?.visible_at;
        let received = of_group.by_ref().filter(|message| message.receives > 0);
        Some(received.map(|message| message.visible_at).fold(first, i64::max))
    }

    fn receive(&mut self, count: usize, timeout: i64, first_receipt: usize) -> Vec<(String, u32)> {
        let place = |group: u8| self.messages.iter().position(|message| message.group == group);
        let mut groups: Vec<_> =
            (0..4).filter_map(|group| Some((self.free_at(group)?, place(group)?, group))).collect();
        groups.retain(|(at, _, _)| *at <= self.now);
        groups.sort_unstable();
        let (mut taken, mut spent) = (Vec::new(), Vec::new());
        for (_, _, group) in groups {
            for message in self.messages.iter_mut().filter(|message| message.group == group) {
                if taken.len() == count {
                    break;
                }
                if message.receives == MAX_RECEIVES {
                    self.dead.push(message.body.clone());
                    spent.push(message.body.clone());
                    continue;
                }
                message.visible_at = self.now + timeout;
                message.receives += 1;
                message.receipt = Some(first_receipt + taken.len());
                taken.push((message.body.clone(), message.receives));
            }
        }
        self.messages.retain(|message| !spent.contains(&message.body));
        taken
    }

    /// The message of a receipt, whether or not it is the latest, and whether it is in force.
    fn of_receipt(&self, receipt: usize) -> Option<usize> {
        let at = self.messages.iter().position(|message| message.receipt == Some(receipt))?;
        (self.messages[at].visible_at > self.now).then_some(at)
    }
}

proptest! {
    #[test]
    fn a_fifo_queue_is_a_list_for_each_group(steps in prop::collection::vec(step(), 0..80)) {
        let mut real = Real::new(&QueueAttributes::of_fifo(), ".fifo");
        let (mut model, mut receipts, mut bodies) = (Model::default(), Vec::new(), Vec::new());
        for (number, step) in steps.into_iter().enumerate() {
            match step {
                Step::Send { group, id } => {
                    let body = number.to_string();
                    let (group_id, deduplication_id) = (Some(group.to_string().into()), Some(id.to_string().into()));
                    let sent = real.send(&body, 0, Extras { group_id, deduplication_id, ..Extras::default() });
                    match model.recent.get(&id).filter(|(at, _)| at + WINDOW > model.now) {
                        Some((_, former)) => prop_assert_eq!(sent, *former),
                        None => {
                            model.recent.insert(id, (model.now, sent));
                            let visible_at = model.now;
                            model.messages.push(Expected { body, group, visible_at, receives: 0, receipt: None });
                        }
                    }
                }
                Step::Receive { count, timeout } => {
                    let expected = model.receive(count, timeout.unwrap_or(DEFAULT_TIMEOUT), receipts.len());
                    let received = real.receive(count, timeout);
                    let seen: Vec<_> = received.iter().map(|(body, count, _)| (body.clone(), *count)).collect();
                    prop_assert_eq!(seen, expected);
                    for (body, _, receipt) in received {
                        receipts.push(receipt);
                        bodies.push(body);
                    }
                }
                Step::Delete { receipt } if !receipts.is_empty() => {
                    let at = receipt.index(receipts.len());
                    let is_there = model.messages.iter().any(|message| message.body == bodies[at]);
                    let found = model.of_receipt(at);
                    // A message that is gone may be deleted again.
                    prop_assert_eq!(real.delete(receipts[at]), found.is_some() || !is_there);
                    found.map(|at| model.messages.remove(at));
                }
                Step::Hide { receipt, timeout } if !receipts.is_empty() => {
                    let at = receipt.index(receipts.len());
                    let found = model.of_receipt(at);
                    prop_assert_eq!(real.hide(receipts[at], timeout), found.is_some());
                    if let Some(at) = found {
                        model.messages[at].visible_at = model.now + timeout;
                    }
                }
                Step::Delete { .. } | Step::Hide { .. } => {}
                Step::Pass { seconds } => {
                    model.now += seconds;
                    real.pass(model.now);
                }
                Step::Fork => real.fork(),
                Step::Reopen => real.reopen(),
            }
            prop_assert_eq!(real.dead_letters(), model.dead.clone());
        }
    }
}
