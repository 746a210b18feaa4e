//! The scheduler's promises: what is owed is sent, once, whatever else happens.

use crate::rig::{FROZEN, Gate, Owner, RUNNING, Seen, Sender, default, router, sender, soon, until};
use mesh_clock::Mode;
use mesh_router::scheduler::under_way;
use mesh_router::{Entry, Outcome, Router};
use mesh_store::{Cause, Delivery, Retry, Target, Tx, Universe, UniverseName};
use mesh_types::{AccountId, Need, Region, Timestamp};
use std::sync::atomic::Ordering;
use std::time::Duration;

fn owe(universe: &Universe, name: &str, body: &str) {
    owe_in_order(universe, name, body, None);
}

/// Has a partition owe a message, which waits for those of its group. One that fails is tried again after a minute.
fn owe_in_order(universe: &Universe, name: &str, body: &str, group: Option<&str>) {
    let work = |state: &mut Sender, tx: &mut Tx<'_>| {
        state.owner.set(Owner);
        let to = Target::Operation {
            service: "sqs".into(),
            operation: "SendMessage".into(),
            account: AccountId::DEFAULT,
            region: Region::DEFAULT,
            caller: "sns".into(),
        };
        let group = group.map(|group| format!(r#", "MessageGroupId": "{group}""#)).unwrap_or_default();
        let payload = format!(r#"{{"QueueUrl": "u", "MessageBody": "{body}"{group}}}"#);
        let retry = Retry { attempts: 2, first_pause: MINUTE, longest_pause: MINUTE };
        tx.owe(Delivery { to, payload: payload.as_bytes().into(), retry });
        Ok::<_, Need>(())
    };
    universe.write(&sender(name), Cause::Deadline, work).expect("the universe is there");
}

const MINUTE: Duration = Duration::from_secs(60);

fn bodies(universe: &Universe) -> Vec<String> {
    universe.live().of::<Seen>().bodies.lock().clone()
}

fn begun(universe: &Universe) -> usize {
    universe.live().of::<Seen>().begun.load(Ordering::SeqCst)
}

fn delivered(router: &Router, universe: &Universe) -> usize {
    let is_delivered =
        |entry: &&Entry| matches!(entry, Entry::Delivery(entry) if entry.outcome == Outcome::Delivered);
    router.record().of(universe).iter().filter(is_delivered).count()
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

#[tokio::test(start_paused = true)]
async fn while_the_clock_stands_what_waits_for_the_outside_does_not_block_others_for_ever() {
    let router = router(FROZEN);
    let universe = default(&router);
    owe(&universe, "one", "hold");
    until(|| begun(&universe) == 1).await;
    owe(&universe, "other", "two");
    let settling = tokio::time::timeout(Duration::from_secs(30), universe.clock().settle());
    assert!(settling.await.is_err(), "one is still under way");
    assert_eq!((begun(&universe), delivered(&router, &universe)), (2, 1));
    assert_eq!(under_way(&universe), ["sqs SendMessage"]);
    universe.live().of::<Gate>().0.add_permits(1);
    soon(universe.clock().settle()).await;
    assert_eq!((under_way(&universe).len(), delivered(&router, &universe)), (0, 2));
}

#[tokio::test]
async fn while_the_clock_stands_what_waits_for_the_clock_lets_the_next_begin() {
    let router = router(FROZEN);
    let universe = default(&router);
    owe(&universe, "one", "wait");
    owe(&universe, "one", "two");
    owe(&universe, "other", "three");
    soon(universe.clock().settle()).await;
    assert_eq!((begun(&universe), delivered(&router, &universe)), (3, 2));
    soon(universe.clock().advance(MINUTE)).await;
    assert_eq!(delivered(&router, &universe), 3);
}

#[tokio::test]
async fn a_partition_that_owes_what_never_ends_leaves_room_for_others() {
    let router = router(RUNNING);
    let universe = default(&router);
    for hog in ["one", "two"] {
        (0..700).for_each(|_| owe(&universe, hog, "hold"));
    }
    until(|| begun(&universe) >= 300).await;
    for number in 0..100 {
        owe(&universe, &format!("other-{number}"), "quick");
    }
    until(|| delivered(&router, &universe) == 100).await;
    let held = begun(&universe) - 100;
    assert!((300..512).contains(&held), "{held}");
    universe.live().of::<Gate>().0.add_permits(1_400);
    soon(universe.clock().settle()).await;
    assert_eq!((begun(&universe), delivered(&router, &universe)), (1_500, 1_500));
}

#[tokio::test]
async fn deliveries_that_are_to_be_in_order_begin_when_those_before_have_ended() {
    let router = router(RUNNING);
    let universe = default(&router);
    for (body, group) in [("hold", "a"), ("second", "a"), ("third", "a"), ("other", "b")] {
        owe_in_order(&universe, "sender", body, Some(group));
    }
    until(|| delivered(&router, &universe) == 1).await;
    assert_eq!(bodies(&universe), ["hold", "other"]);
    universe.live().of::<Gate>().0.add_permits(1);
    soon(universe.clock().settle()).await;
    assert_eq!(bodies(&universe), ["hold", "other", "second", "third"]);
    assert_eq!(universe.deadlines().len(), 0);
}

#[tokio::test]
async fn one_that_will_be_tried_again_keeps_its_order_in_a_fork_too() {
    let router = router(FROZEN);
    let origin = default(&router);
    owe_in_order(&origin, "sender", "fail once", Some("a"));
    owe_in_order(&origin, "sender", "second", Some("a"));
    soon(origin.clock().settle()).await;
    assert_eq!(bodies(&origin), ["fail once"]);
    let name = UniverseName::parse("fork").expect("a name");
    router.universes().fork(&UniverseName::DEFAULT, name.clone()).expect("the name is free");
    let fork = router.universe(&name).expect("it is there");
    fork.live().of::<Seen>().bodies.lock().extend(["fail once".to_owned()]);
    owe_in_order(&fork, "sender", "third", Some("a"));
    soon(fork.clock().settle()).await;
    assert_eq!(bodies(&fork), ["fail once"]);
    for universe in [&origin, &fork] {
        soon(universe.clock().advance(MINUTE)).await;
    }
    assert_eq!(bodies(&origin), ["fail once", "fail once", "second"]);
    assert_eq!(bodies(&fork), ["fail once", "fail once", "second", "third"]);
}

#[tokio::test]
async fn what_is_due_at_one_moment_goes_in_the_same_order_each_time() {
    let run = async || {
        let router = router(FROZEN);
        let universe = default(&router);
        for number in 0..50 {
            owe(&universe, &format!("sender-{}", number % 7), &format!("{number}"));
        }
        soon(universe.clock().settle()).await;
        bodies(&universe)
    };
    let first = run().await;
    assert_eq!((first.len(), run().await), (50, first));
}

#[tokio::test]
async fn a_delivery_that_is_forgiven_under_way_does_not_take_the_next_one_with_it() {
    let router = router(RUNNING);
    let universe = default(&router);
    owe(&universe, "sender", "hold");
    until(|| begun(&universe) == 1).await;
    let forgive = |state: &mut Sender, tx: &mut Tx<'_>| {
        state.owner.clear();
        tx.forgive();
        Ok::<_, Need>(())
    };
    universe.write(&sender("sender"), Cause::Deadline, forgive).expect("the universe is there");
    owe(&universe, "sender", "wait");
    until(|| begun(&universe) == 2).await;
    universe.live().of::<Gate>().0.add_permits(1);
    until(|| delivered(&router, &universe) == 1).await;
    let owed = universe.outbox(&sender("sender"), |outbox, _| outbox.len());
    assert_eq!(owed, Ok(1), "the second is still under way");
}
