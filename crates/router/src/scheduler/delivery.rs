//! One delivery: an attempt, and what becomes of it.

use super::desk::Desk;
use super::turns::Order;
use crate::record::DeliveryEntry;
use crate::{Attempted, Entry, Errand, Outcome, Router};
use bytes::Bytes;
use futures_util::FutureExt;
use mesh_store::{Cause, Delivery, Handling, Pending, Target, Universe};
use mesh_types::Timestamp;
use mesh_wire::Fault;
use smol_str::{SmolStr, format_smolstr};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

/// A delivery whose turn it is.
pub(super) struct Sending {
    pub(super) number: u64,
    pub(super) pending: Pending,
    /// In which order it goes, where it does.
    pub(super) order: Option<Order>,
}

impl Sending {
    /// Where it goes: `sqs SendMessage`.
    pub(super) fn name(&self) -> SmolStr {
        name(&self.pending.delivery.to)
    }

    /// Tries once, and writes down what came of it.
    pub(super) async fn send(self, router: Router, universe: Universe, handling: Handling, desk: Arc<Desk>) {
        let Self { number, pending, order } = self;
        let key = &handling.due().key;
        let attempted = AssertUnwindSafe(attempt(&router, &universe, &pending)).catch_unwind().await;
        let attempted =
            attempted.unwrap_or_else(|_| failed(&pending, true, SmolStr::new_static("it panicked")));
        let failures = pending.failures + 1;
        let pause = match &attempted {
            Attempted::Again { after, .. } => Some(*after),
            Attempted::Ended(_) => None,
        };
        let settled = universe.outbox(key, |outbox, now| {
            // It may have been forgiven meanwhile, and another have taken its number.
            let is_owed = outbox.get(&number).is_some_and(|owed| owed.id == pending.id);
            match pause {
                Some(pause) if is_owed => {
                    outbox.update(&number, |pending| {
                        (pending.failures, pending.due, pending.sending) = (failures, now + pause, None);
                    });
                    return Err(now);
                }
                None if is_owed => drop(outbox.remove(&number)),
                _ => {}
            }
            Ok(now)
        });
        match settled {
            Ok(Err(at)) => {
                let until = at + pause.unwrap_or_default();
                universe.wake_at(until, key.clone());
                if let Attempted::Again { error: last_error, .. } = attempted {
                    let outcome = Outcome::Waiting { after: failures, last_error, until };
                    note(&router, &universe, &pending, at, outcome);
                }
            }
            Ok(Ok(at)) => {
                let outcome = match attempted {
                    Attempted::Ended(outcome) => outcome,
                    // It was taken back meanwhile.
                    Attempted::Again { error, .. } => Outcome::Failed { after: failures, last_error: error },
                };
                note(&router, &universe, &pending, at, outcome);
            }
            // The universe is gone, and its outbox with it.
            Err(_) => {}
        }
        // One that will be tried again keeps those behind it back.
        desk.end(&handling, order.filter(|_| pause.is_none()));
    }
}

/// A delivery was not taken. `again`: another attempt could end otherwise.
fn failed(pending: &Pending, again: bool, error: SmolStr) -> Attempted {
    let failures = pending.failures + 1;
    match pending.delivery.retry.pause_after(failures).filter(|_| again) {
        Some(after) => Attempted::Again { after, error },
        None => Attempted::Ended(Outcome::Failed { after: failures, last_error: error }),
    }
}

async fn attempt(router: &Router, universe: &Universe, pending: &Pending) -> Attempted {
    let Delivery { to, payload, .. } = &pending.delivery;
    let cx = super::context_of(router, universe, pending);
    let (service, operation) = match to {
        Target::Operation { service, operation, .. } => (service, operation),
        Target::Errand { service, about, .. } => {
            let (payload, about) = (Arc::clone(payload), about.clone());
            let errand = Errand { id: pending.id, payload, about, failures: pending.failures };
            return match router.courier(service) {
                Some(courier) => courier(cx, errand).await,
                None => failed(pending, false, format_smolstr!("{service} has no errands")),
            };
        }
    };
    let cause = Cause::Delivery(pending.id);
    let payload = Bytes::copy_from_slice(payload);
    match router.call_as(cx, cause, service, operation, payload).await {
        Ok(answer) if answer.status().is_success() => Attempted::Ended(Outcome::Delivered),
        Ok(answer) => {
            let again = answer.status().is_server_error() || answer.status().as_u16() == 429;
            let said = String::from_utf8_lossy(answer.body());
            failed(pending, again, format_smolstr!("{} {said}", answer.status().as_u16()))
        }
        Err(error) => failed(pending, error.meta().fault == Fault::Server, format_smolstr!("{error}")),
    }
}

fn name(to: &Target) -> SmolStr {
    match to {
        Target::Operation { service, operation, .. } => format_smolstr!("{service} {operation}"),
        Target::Errand { service, to, .. } => format_smolstr!("{service} {to}"),
    }
}

fn note(router: &Router, universe: &Universe, pending: &Pending, at: Timestamp, outcome: Outcome) {
    router.record().add(Entry::Delivery(DeliveryEntry {
        sequence: router.record().next(),
        universe: universe.name().clone(),
        epoch: universe.epoch(),
        id: pending.id,
        cause: pending.cause,
        to: name(&pending.delivery.to),
        at,
        outcome,
    }));
}
