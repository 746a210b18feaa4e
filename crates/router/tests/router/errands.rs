//! Errands: a service makes its deliveries itself, and the scheduler has it do so.

use crate::rig::{FROZEN, Owner, Sender, default, router_of, sender, soon};
use mesh_router::{Attempted, Context, Entry, Errand, Outcome, Router};
use mesh_store::{Cause, Delivery, Retry, Target, Tx, Universe};
use mesh_types::{AccountId, Need, Region, Timestamp};
use parking_lot::Mutex;
use std::sync::Arc;
use std::time::Duration;

const MINUTE: Duration = Duration::from_secs(60);

/// What the courier was asked to do.
type Asked = Arc<Mutex<Vec<String>>>;

/// A router whose courier fails twice on `late`, says so once on `lost`, and delivers all else.
fn router(asked: &Asked) -> Router {
    let asked = Arc::clone(asked);
    router_of(FROZEN, move |registry| {
        registry.errands("sns", move |cx: Context, errand: Errand| {
            asked.lock().push(format!("{} {} {}", cx.region(), errand.about, errand.failures));
            async move {
                match &*errand.about {
                    "late" if errand.failures < 2 => Attempted::Again { after: MINUTE, error: "busy".into() },
                    "panics" => panic!("as it was asked to"),
                    "lost" => Attempted::Ended(Outcome::DeadLettered { queue: "dead".into() }),
                    _ => Attempted::Ended(Outcome::Delivered),
                }
            }
        });
    })
}

fn owe(universe: &Universe, about: &str, order: Option<&str>) {
    let work = |state: &mut Sender, tx: &mut Tx<'_>| {
        state.owner.set(Owner);
        let to = Target::Errand {
            service: "sns".into(),
            account: AccountId::DEFAULT,
            region: Region::DEFAULT,
            to: "somewhere".into(),
            about: about.into(),
            order: order.map(Into::into),
        };
        tx.owe(Delivery { to, payload: (*b"payload").into(), retry: Retry::NONE });
        Ok::<_, Need>(())
    };
    universe.write(&sender("topic"), Cause::Deadline, work).expect("the universe is there");
}

fn outcomes(router: &Router, universe: &Universe) -> Vec<Outcome> {
    let entries = router.record().of(universe);
    entries
        .into_iter()
        .filter_map(|entry| match entry {
            Entry::Delivery(delivery) => {
                assert_eq!(delivery.to, "sns somewhere");
                Some(delivery.outcome)
            }
            _ => None,
        })
        .collect()
}

#[tokio::test]
async fn an_errand_is_tried_again_after_the_pause_that_its_service_says() {
    let asked = Asked::default();
    let router = router(&asked);
    let universe = default(&router);
    owe(&universe, "late", None);
    soon(universe.clock().advance(2 * MINUTE)).await;
    assert_eq!(*asked.lock(), ["us-east-1 late 0", "us-east-1 late 1", "us-east-1 late 2"]);
    let waiting = |after, until| Outcome::Waiting { after, last_error: "busy".into(), until };
    let expected = [
        waiting(1, Timestamp::from_secs(1_060)),
        waiting(2, Timestamp::from_secs(1_120)),
        Outcome::Delivered,
    ];
    assert_eq!(outcomes(&router, &universe), expected);
}

#[tokio::test]
async fn of_one_order_the_next_errand_begins_when_the_last_has_ended_for_good() {
    let asked = Asked::default();
    let router = router(&asked);
    let universe = default(&router);
    for (about, order) in [("late", Some("a")), ("behind", Some("a")), ("beside", Some("b"))] {
        owe(&universe, about, order);
    }
    soon(universe.clock().advance(2 * MINUTE)).await;
    let asked: Vec<String> = asked.lock().iter().map(|line| line.replace("us-east-1 ", "")).collect();
    assert_eq!(asked, ["late 0", "beside 0", "late 1", "late 2", "behind 0"]);
}

#[tokio::test]
async fn an_errand_ends_as_its_service_says_and_one_that_panics_has_failed() {
    let router = router(&Asked::default());
    let universe = default(&router);
    owe(&universe, "lost", None);
    owe(&universe, "panics", None);
    soon(universe.clock().settle()).await;
    let failed = Outcome::Failed { after: 1, last_error: "it panicked".into() };
    assert_eq!(outcomes(&router, &universe), [Outcome::DeadLettered { queue: "dead".into() }, failed]);
}
