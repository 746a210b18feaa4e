//! What runs by itself in a universe: deadlines of partitions, and the deliveries in their outboxes.
//!
//! One task a universe, asleep until the earliest deadline on the universe's clock. While the clock stands (and so
//! while it is advanced) it takes one item after another and runs each to its end. One that waits, for the clock or for
//! something else in the universe, is left waiting and the next is taken; one that waits for the outside is waited for
//! with patience that ends.
//!
//! While the clock runs, deliveries and drivers go side by side, as many as [`turns::LIMIT`] and no partition with more
//! than are free, so that none starves the others. Deliveries of a partition start in the order in which they are due;
//! those that the receiver wants in order ([`Registry::in_order`](crate::Registry::in_order)) also end in it.

mod delivery;
mod desk;
mod turns;

pub use desk::under_way;
pub(crate) use turns::Order;

use crate::{Caller, Context, ContextParts, Router, faults};
use delivery::Sending;
use desk::{Desk, Started};
use futures_util::FutureExt;
use mesh_clock::{Mode, RealTime};
use mesh_store::{Cause, Pending, Target, Universe};
use mesh_types::{AccountId, Need, Region, RequestId};
use smol_str::{SmolStr, format_smolstr};
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;
use turns::Turn;

/// The caller of a partition's driver.
const DRIVER: SmolStr = SmolStr::new_static("mesh-local");

/// Deliveries of one partition that are taken at once while the clock runs.
const BATCH: usize = 64;

/// How long, in real time, what waits for the outside keeps the next item waiting while the clock stands.
const PATIENCE: Duration = Duration::from_secs(10);

/// Starts the task of a universe.
pub(crate) fn start(router: &Router, universe: &Universe) {
    let (router, universe) = (router.downgrade(), universe.clone());
    let busy = universe.clock().activity().begin();
    tokio::spawn(async move {
        let desk = Arc::<Desk>::default();
        loop {
            // First the wait, so that a deadline that comes while one is handled is not slept through.
            let wait = universe.clock().wait();
            let next = universe.deadlines().watch(&wait);
            desk.watch(&wait);
            let Some(router) = router.upgrade().filter(|_| !universe.is_gone()) else { break };
            let is_due = universe.take_due().map(|handling| desk.turns().come(handling)).is_some();
            if take_turn(&router, &universe, &desk).await || is_due {
                continue;
            }
            drop(router);
            let _alarm = next.map(|at| universe.clock().alarm(at, &wait));
            wait.await;
        }
        drop(busy);
    });
}

/// Starts what a partition owes, then its driver. False where no partition has something to start.
async fn take_turn(router: &Router, universe: &Universe, desk: &Arc<Desk>) -> bool {
    let stands = matches!(universe.clock().mode(), Mode::Frozen { .. });
    let Some(turn) = desk.turns().next(if stands { 1 } else { BATCH }) else { return false };
    faults::reorder(router, universe, &turn.key, turn.room);
    let Taken { sendings, has_more } = take(router, universe, desk, &turn).unwrap_or_default();
    for sending in sendings {
        desk.turns().start(&turn.key);
        let started = Started::note(universe, sending.name());
        let sending = sending.send(router.clone(), universe.clone(), turn.handling.clone(), Arc::clone(desk));
        run(universe, stands, started, sending).await;
    }
    if turn.wants_driver {
        drive(router, universe, desk, &turn, stands).await;
    }
    desk.turns().over(&turn.key, has_more, stands);
    true
}

async fn drive(router: &Router, universe: &Universe, desk: &Arc<Desk>, turn: &Turn, stands: bool) {
    let (key, kind) = (turn.key.clone(), turn.key.kind());
    let Some(driver) = router.driver(kind.number()) else { return desk.turns().skip_driver(&key) };
    desk.turns().start_driver(&key);
    let started = Started::note(universe, format_smolstr!("driver of {} {}", kind.name(), key.name()));
    let cx = context(router, universe, key.account(), key.region().clone(), DRIVER, Cause::Deadline);
    let (handling, desk, driver) = (turn.handling.clone(), Arc::clone(desk), driver.clone());
    let driving = async move {
        if AssertUnwindSafe(async move { driver(cx, key).await }).catch_unwind().await.is_err() {
            tracing::error!("the driver of a {} panicked", kind.name());
        }
        desk.end_driver(&handling);
    };
    run(universe, stands, started, driving).await;
}

/// Starts something; while the clock stands, also waits until it has ended or waits itself.
async fn run(
    universe: &Universe,
    stands: bool,
    started: Started,
    work: impl Future<Output = ()> + Send + 'static,
) {
    let activity = universe.clock().activity();
    let busy = activity.begin();
    let mut running = tokio::spawn(async move {
        work.await;
        drop(started);
        drop(busy);
    });
    if stands {
        tokio::select! {
            _ = &mut running => {}
            () = activity.alone() => {}
            () = RealTime::sleep(PATIENCE) => tracing::warn!(
                "something in the universe {} waits for the outside; others go on meanwhile", universe.name()
            ),
        }
    }
}

/// Deliveries that are to start, and whether there are more that are due.
#[derive(Default)]
struct Taken {
    sendings: Vec<Sending>,
    has_more: bool,
}

/// Takes deliveries that are due, and those whose sender was lost to a fork or a restart. They stay in the outbox, marked
/// as being sent.
fn take(router: &Router, universe: &Universe, desk: &Desk, turn: &Turn) -> Result<Taken, Need> {
    let Turn { key, room, freed, .. } = turn;
    let (epoch, mut next) = (universe.epoch(), None);
    let taken = universe.outbox(key, |outbox, now| {
        if !turn.is_known && router.has_orders() {
            // What waits to be tried again since before this scheduler began keeps those behind it back as well.
            let waits = outbox.range(..).filter(|(_, it)| it.failures > 0 && it.sending.is_none());
            for (number, pending) in waits {
                if let Some(order) = router.order(&pending.delivery) {
                    desk.turns().may_start(key, &order, *number, |_| true);
                }
            }
            if !outbox.is_empty() {
                desk.turns().know(key);
            }
        }
        let mut sendings: Vec<Sending> = Vec::new();
        for (number, order) in freed {
            match outbox.get(number).cloned() {
                Some(pending) => {
                    sendings.push(Sending { number: *number, pending, order: Some(order.clone()) });
                }
                None => desk.turns().pass(key, order),
            }
        }
        let lost = outbox.by().by_sending.range(..(epoch, 0)).map(|(_, number)| *number);
        let due_now = outbox.by().by_due.range(..=(now, u64::MAX)).map(|(_, number)| *number);
        let numbers: Vec<u64> = lost.chain(due_now).take(room - sendings.len()).collect();
        for number in numbers {
            let Some(pending) = outbox.get(&number).cloned() else { continue };
            outbox.update(&number, |pending| pending.sending = Some(epoch));
            let order = router.order(&pending.delivery);
            let exists = |number| outbox.get(&number).is_some();
            if order.as_ref().is_none_or(|order| desk.turns().may_start(key, order, number, exists)) {
                sendings.push(Sending { number, pending, order });
            }
        }
        let is_more_lost = outbox.by().by_sending.first().is_some_and(|((of, _), _)| *of < epoch);
        let next_due = outbox.by().by_due.first().map(|((at, _), _)| *at);
        let has_more = is_more_lost || next_due.is_some_and(|at| at <= now);
        next = next_due.filter(|_| !has_more);
        Taken { sendings, has_more }
    })?;
    if let Some(at) = next {
        universe.wake_at(at, key.clone());
    }
    Ok(taken)
}

/// The context in which a delivery is made.
pub(crate) fn context_of(router: &Router, universe: &Universe, pending: &Pending) -> Context {
    let (Target::Operation { account, region, caller, .. }
    | Target::Errand { account, region, service: caller, .. }) = &pending.delivery.to;
    context(router, universe, *account, region.clone(), caller.clone(), Cause::Delivery(pending.id))
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
        caller: Caller::service(caller),
        request_id: RequestId::from_random(universe.draw_errand_id()),
        trace: None,
        cause,
        arrived_at: RealTime::now(),
        endpoint: router.endpoint_of(universe.name()),
    };
    Context::new(router, parts)
}
