//! What runs by itself in a universe: deadlines of partitions, and the deliveries in their outboxes.
//!
//! One task a universe, asleep until the earliest deadline on the universe's clock. While the clock stands (and so
//! while it is advanced) it takes one item after another and runs each to its end; while the clock runs, deliveries go
//! side by side.

use crate::record::DeliveryEntry;
use crate::{Caller, Context, ContextParts, Entry, Outcome, Router};
use bytes::Bytes;
use futures_util::FutureExt;
use mesh_clock::{Busy, Mode, RealTime};
use mesh_store::{Cause, Delivery, Due, Handling, Pending, Target, Universe};
use mesh_types::{AccountId, Region, RequestId, Timestamp};
use mesh_wire::Fault;
use smol_str::{SmolStr, format_smolstr};
use std::panic::AssertUnwindSafe;

/// The caller of a partition's driver.
const DRIVER: SmolStr = SmolStr::new_static("mesh-local");

/// Deliveries of one partition that are taken at once.
const BATCH: usize = 64;

/// Starts the task of a universe.
pub(crate) fn start(router: &Router, universe: &Universe) {
    let (router, universe) = (router.downgrade(), universe.clone());
    let busy = universe.clock().activity().begin();
    tokio::spawn(async move {
        loop {
            // First the wait, so that a deadline that comes while one is handled is not slept through.
            let wait = universe.clock().wait();
            let next = universe.deadlines().watch(&wait);
            let Some(router) = router.upgrade().filter(|_| !universe.is_gone()) else { break };
            if let Some(handling) = universe.take_due() {
                look_after(&router, &universe, handling).await;
                continue;
            }
            drop(router);
            let _alarm = next.map(|at| universe.clock().alarm(at, &wait));
            wait.await;
        }
        drop(busy);
    });
}

/// Sends what a partition owes, then calls its driver.
async fn look_after(router: &Router, universe: &Universe, handling: Handling) {
    let due = handling.due().clone();
    let Ok(pending) = take(universe, &due) else { return };
    for (number, pending) in pending {
        let stands = matches!(universe.clock().mode(), Mode::Frozen { .. });
        // What is waited for here counts as this task. Counted twice, a delivery that itself waits would never look idle.
        let busy = (!stands).then(|| universe.clock().activity().begin());
        let sending = send(router.clone(), universe.clone(), handling.clone(), number, pending, busy);
        if stands {
            sending.await;
        } else {
            tokio::spawn(sending);
        }
    }
    if let Some(driver) = router.driver(due.key.kind().number()) {
        let cx =
            context(router, universe, due.key.account(), due.key.region().clone(), DRIVER, Cause::Deadline);
        let (kind, driven) = (due.key.kind().name(), async move { driver(cx, due.key).await });
        if AssertUnwindSafe(driven).catch_unwind().await.is_err() {
            tracing::error!("the driver of a {kind} panicked");
        }
    }
}

/// Takes deliveries that are due, and those whose sender was lost to a fork or a restart. They stay in the outbox, marked
/// as being sent.
fn take(universe: &Universe, due: &Due) -> Result<Vec<(u64, Pending)>, mesh_types::Need> {
    let (epoch, mut next) = (universe.epoch(), None);
    let taken = universe.outbox(&due.key, |outbox, now| {
        let lost = outbox.by().by_sending.range(..(epoch, 0));
        let due_now = outbox.by().by_due.range(..=(now, u64::MAX)).map(|(_, number)| *number);
        let numbers: Vec<u64> = lost.map(|(_, number)| *number).chain(due_now).take(BATCH).collect();
        let mut taken = Vec::with_capacity(numbers.len());
        for number in numbers {
            taken.extend(outbox.get(&number).map(|pending| (number, pending.clone())));
            outbox.update(&number, |pending| pending.sending = Some(epoch));
        }
        let is_more_lost = outbox.by().by_sending.first().is_some_and(|((of, _), _)| *of < epoch);
        let next_due = outbox.by().by_due.first().map(|((at, _), _)| *at);
        // What is left of a full batch is due at once, also where the clock was set back behind the partition's time.
        let is_now = is_more_lost || next_due.is_some_and(|at| at <= now);
        next = if is_now { Some(universe.clock().now()) } else { next_due };
        taken
    })?;
    if let Some(at) = next {
        universe.wake_at(at, due.key.clone());
    }
    Ok(taken)
}

async fn send(
    router: Router,
    universe: Universe,
    handling: Handling,
    number: u64,
    pending: Pending,
    busy: Option<Busy>,
) {
    let key = &handling.due().key;
    let attempted = AssertUnwindSafe(attempt(&router, &universe, &pending)).catch_unwind().await;
    let panicked = || Err(Failed { again: true, error: SmolStr::new_static("it panicked") });
    let result = attempted.unwrap_or_else(|_| panicked());
    let failures = pending.failures + u32::from(result.is_err());
    let pause = match &result {
        Err(failed) if failed.again => pending.delivery.retry.pause_after(failures),
        _ => None,
    };
    let settled = universe.outbox(key, |outbox, now| match pause {
        Some(pause) => {
            outbox.update(&number, |pending| {
                (pending.failures, pending.due, pending.sending) = (failures, now + pause, None);
            });
            Err(now + pause)
        }
        None => {
            outbox.remove(&number);
            Ok(now)
        }
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
    drop(busy);
}

/// A delivery that was not taken.
struct Failed {
    /// Whether another attempt could end otherwise.
    again: bool,
    error: SmolStr,
}

async fn attempt(router: &Router, universe: &Universe, pending: &Pending) -> Result<(), Failed> {
    let Delivery { to, payload, .. } = &pending.delivery;
    let Target::Operation { service, operation, account, region, caller } = to;
    let cx = context(router, universe, *account, region.clone(), caller.clone(), Cause::Delivery(pending.id));
    let payload = Bytes::copy_from_slice(payload);
    match router.call_by_name(&cx, service, operation, payload).await {
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
        id: pending.id,
        cause: pending.cause,
        to: format_smolstr!("{service} {operation}"),
        at,
        outcome,
    }));
}

fn context(
    router: &Router,
    universe: &Universe,
    account: AccountId,
    region: Region,
    caller: SmolStr,
    cause: Cause,
) -> Context {
    let parts = ContextParts {
        universe: universe.clone(),
        account,
        region,
        caller: Caller::Service(caller),
        request_id: RequestId::from_random(universe.draw_errand_id()),
        trace: None,
        cause,
        arrived_at: RealTime::now(),
        endpoint: router.endpoint().clone(),
    };
    Context::new(router, parts)
}
