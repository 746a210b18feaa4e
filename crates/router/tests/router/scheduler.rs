//! The scheduler's promises: what is owed is sent, once, whatever else happens.

use crate::rig::{FROZEN, Gate, Owner, RUNNING, Seen, Sender, default, router, sender, soon, until};
use mesh_clock::Mode;
use mesh_router::{Entry, Outcome, Router};
use mesh_store::{Cause, Delivery, Retry, Target, Tx, Universe, UniverseName};
use mesh_types::{AccountId, Need, Region, Timestamp};
use std::sync::atomic::Ordering;
use std::time::Duration;

fn owe(universe: &Universe, name: &str, body: &str) {
    let work = |state: &mut Sender, tx: &mut Tx<'_>| {
        state.owner.set(Owner);
        let to = Target::Operation {
            service: "sqs".into(),
            operation: "SendMessage".into(),
            account: AccountId::DEFAULT,
            region: Region::DEFAULT,
            caller: "sns".into(),
        };
        let payload = format!(r#"{{"QueueUrl": "u", "MessageBody": "{body}"}}"#);
        tx.owe(Delivery { to, payload: payload.as_bytes().into(), retry: Retry::NONE });
        Ok::<_, Need>(())
    };
    universe.write(&sender(name), Cause::Deadline, work).expect("the universe is there");
}

fn begun(universe: &Universe) -> usize {
    universe.live().of::<Seen>().begun.load(Ordering::SeqCst)
}

fn delivered(router: &Router, universe: &Universe) -> usize {
    let is_delivered =
        |entry: &&Entry| matches!(entry, Entry::Delivery(entry) if entry.outcome == Outcome::Delivered);
    router.record().of(universe.name()).iter().filter(is_delivered).count()
}

#[tokio::test]
async fn a_driver_that_panics_ends_neither_deliveries_nor_other_drivers() {
    let router = router(FROZEN);
    let universe = default(&router);
    owe(&universe, "panics", "one");
    soon(universe.clock().settle()).await;
    owe(&universe, "sender", "two");
    soon(universe.clock().settle()).await;
    assert_eq!(delivered(&router, &universe), 2);
}

#[tokio::test]
async fn an_advance_passes_a_delivery_that_waits_for_the_clock() {
    let router = router(FROZEN);
    let universe = default(&router);
    owe(&universe, "sender", "wait");
    soon(universe.clock().advance(Duration::from_secs(3_600))).await;
    assert_eq!((begun(&universe), delivered(&router, &universe)), (1, 1));
}

#[tokio::test]
async fn a_fork_sends_what_was_on_its_way_at_the_cut() {
    let router = router(RUNNING);
    let origin = default(&router);
    owe(&origin, "sender", "hold");
    until(|| begun(&origin) == 1).await;
    let name = UniverseName::parse("fork").expect("a name");
    router.universes().fork(&UniverseName::DEFAULT, name.clone()).expect("the name is free");
    let fork = router.universe(&name).expect("it is there");
    fork.live().of::<Gate>().0.add_permits(1);
    soon(fork.clock().settle()).await;
    assert_eq!((begun(&fork), delivered(&router, &fork)), (1, 1));
    assert_eq!((begun(&origin), delivered(&router, &origin)), (1, 0));
}

#[tokio::test]
async fn what_is_on_its_way_is_not_sent_again_when_the_clock_is_set_forward() {
    let router = router(RUNNING);
    let universe = default(&router);
    owe(&universe, "sender", "hold");
    until(|| begun(&universe) == 1).await;
    universe.clock().set_mode(Mode::Running { offset_micros: 3_600_000_000 });
    owe(&universe, "sender", "after");
    until(|| delivered(&router, &universe) == 1).await;
    assert_eq!(begun(&universe), 2);
    universe.live().of::<Gate>().0.add_permits(2);
    soon(universe.clock().settle()).await;
    assert_eq!((begun(&universe), delivered(&router, &universe)), (2, 2));
}

#[tokio::test]
async fn what_was_sent_leaves_no_deadline() {
    let router = router(RUNNING);
    let universe = default(&router);
    for _ in 0..100 {
        owe(&universe, "sender", "one");
        soon(universe.clock().settle()).await;
    }
    assert_eq!((delivered(&router, &universe), universe.deadlines().len()), (100, 0));
}

#[tokio::test]
async fn more_than_a_batch_is_sent_whole() {
    let router = router(FROZEN);
    let universe = default(&router);
    (0..200).for_each(|_| owe(&universe, "sender", "one"));
    soon(universe.clock().settle()).await;
    assert_eq!((begun(&universe), delivered(&router, &universe)), (200, 200));
}

#[tokio::test]
async fn what_is_owed_is_sent_also_after_the_clock_was_set_back() {
    let router = router(FROZEN);
    let universe = default(&router);
    owe(&universe, "sender", "one");
    soon(universe.clock().settle()).await;
    universe.clock().set_mode(Mode::Frozen { at: Timestamp::from_secs(500) });
    owe(&universe, "sender", "two");
    soon(universe.clock().settle()).await;
    assert_eq!(delivered(&router, &universe), 2);
}

#[tokio::test]
async fn the_ids_of_requests_do_not_depend_on_deliveries() {
    let ids = async |deliveries: usize| {
        let router = router(FROZEN);
        let universe = default(&router);
        (0..deliveries).for_each(|_| owe(&universe, "sender", "one"));
        soon(universe.clock().settle()).await;
        universe.draw_request_id()
    };
    assert_eq!(ids(0).await, ids(3).await);
}
