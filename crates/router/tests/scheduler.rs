//! The scheduler's promises: what is owed is sent, once, whatever else happens.

use mesh_clock::{Mode, Seed};
use mesh_models::sqs::{SendMessage, SendMessageError, SendMessageInput, SendMessageOutput};
use mesh_router::{Context, Entry, Options, Outcome, Record, Registry, Router};
use mesh_store::{
    Cause, Delivery, Key, Retry, Row, Single, Target, Tx, Universe, UniverseName, Universes, partition,
};
use mesh_types::{AccountId, Need, Region, Timestamp};
use serde::{Deserialize, Serialize};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::sync::Semaphore;

#[derive(Debug, Serialize, Deserialize)]
struct Owner;
impl Row for Owner {}

partition! {
    struct Sender = 9_002 "sender" {
        1 owner: Single<Owner>,
    }
}

/// How many deliveries the receiver has seen.
#[derive(Default)]
struct Seen {
    begun: AtomicUsize,
}

/// Lets through those that the receiver holds.
struct Gate(Semaphore);

impl Default for Gate {
    fn default() -> Self {
        Self(Semaphore::new(0))
    }
}

/// Receives: `wait` waits a minute of the universe's time, `hold` until the gate lets it through.
async fn receive(cx: &Context, input: SendMessageInput) -> Result<SendMessageOutput, SendMessageError> {
    let seen = cx.universe().live().of::<Seen>();
    seen.begun.fetch_add(1, Ordering::SeqCst);
    match input.message_body.as_deref() {
        Some("wait") => {
            let clock = cx.universe().clock();
            clock.sleep_until(clock.now() + Duration::from_secs(60)).await;
        }
        Some("hold") => drop(cx.universe().live().of::<Gate>().0.acquire().await),
        _ => {}
    }
    Ok(SendMessageOutput::default())
}

fn router(mode: Mode) -> Router {
    let mut registry = Registry::default();
    registry.operation::<SendMessage>(receive);
    registry.driver(|_, key: Key<Sender>| async move { assert_ne!(key.name(), "panics") });
    let options = Options {
        universes: Universes::new(Seed(7), mode),
        interceptors: Vec::new(),
        record: Record::new(1, None),
        endpoint: "http://localhost:4566".into(),
    };
    Router::new(registry, options)
}

const FROZEN: Mode = Mode::Frozen { at: Timestamp::from_secs(1_000) };
const RUNNING: Mode = Mode::Running { offset_micros: 0 };

fn default(router: &Router) -> Universe {
    router.universe(&UniverseName::DEFAULT).expect("it is there")
}

fn sender(name: &str) -> Key<Sender> {
    Key::new(AccountId::DEFAULT, Region::DEFAULT, name)
}

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

/// Waits, but not for ever.
async fn soon<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(10), what).await.expect("it ends")
}

async fn until(is: impl Fn() -> bool) {
    soon(async {
        while !is() {
            tokio::task::yield_now().await;
        }
    })
    .await;
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
