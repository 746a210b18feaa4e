//! One delivery: an attempt, and what becomes of it.

use super::desk::Desk;
use super::turns::Order;
use crate::record::DeliveryEntry;
use crate::{Entry, Outcome, Router};
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
        let Target::Operation { service, operation, .. } = &self.pending.delivery.to;
        format_smolstr!("{service} {operation}")
    }

    /// Tries once, and writes down what came of it.
    pub(super) async fn send(self, router: Router, universe: Universe, handling: Handling, desk: Arc<Desk>) {
        let Self { number, pending, order } = self;
        let key = &handling.due().key;
        let attempted = AssertUnwindSafe(attempt(&router, &universe, &pending)).catch_unwind().await;
        let panicked = || Err(Failed { again: true, error: SmolStr::new_static("it panicked") });
        let result = attempted.unwrap_or_else(|_| panicked());
        let failures = pending.failures + u32::from(result.is_err());
        let pause = match &result {
            Err(failed) if failed.again => pending.delivery.retry.pause_after(failures),
            _ => None,
        };
        let settled = universe.outbox(key, |outbox, now| {
            // It may have been forgiven meanwhile, and another have taken its number.
            let is_owed = outbox.get(&number).is_some_and(|owed| owed.id == pending.id);
            match pause {
                Some(pause) if is_owed => {
                    outbox.update(&number, |pending| {
                        (pending.failures, pending.due, pending.sending) = (failures, now + pause, None);
                    });
                    return Err(now + pause);
                }
                None if is_owed => drop(outbox.remove(&number)),
                _ => {}
            }
            Ok(now)
        });
        match settled {
            Ok(Err(at)) => universe.wake_at(at, key.clone()),
            Ok(Ok(at)) => {
                let outcome = match result {
                    Ok(()) => Outcome::Delivered,
                    Err(failed) => Outcome::Failed { after: failures, last_error: failed.error },
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

/// A delivery that was not taken.
struct Failed {
    /// Whether another attempt could end otherwise.
    again: bool,
    error: SmolStr,
}

async fn attempt(router: &Router, universe: &Universe, pending: &Pending) -> Result<(), Failed> {
    let Delivery { to, payload, .. } = &pending.delivery;
    let Target::Operation { service, operation, .. } = to;
    let cause = Cause::Delivery(pending.id);
    let cx = super::context_of(router, universe, pending);
    let payload = Bytes::copy_from_slice(payload);
    match router.call_as(cx, cause, service, operation, payload).await {
        Ok(answer) if answer.status().is_success() => Ok(()),
        Ok(answer) => {
            let again = answer.status().is_server_error() || answer.status().as_u16() == 429;
            let said = String::from_utf8_lossy(answer.body());
            Err(Failed { again, error: format_smolstr!("{} {said}", answer.status().as_u16()) })
        }
        Err(error) => {
            Err(Failed { again: error.meta().fault == Fault::Server, error: format_smolstr!("{error}") })
        }
    }
}

fn note(router: &Router, universe: &Universe, pending: &Pending, at: Timestamp, outcome: Outcome) {
    let Target::Operation { service, operation, .. } = &pending.delivery.to;
    router.record().add(Entry::Delivery(DeliveryEntry {
        sequence: router.record().next(),
        universe: universe.name().clone(),
        epoch: universe.epoch(),
        id: pending.id,
        cause: pending.cause,
        to: format_smolstr!("{service} {operation}"),
        at,
        outcome,
    }));
}
