//! A router with an operation that does what a test tells it in the message.

use mesh_clock::{Mode, RealTime, Seed};
use mesh_models::sqs::{SendMessage, SendMessageError, SendMessageInput, SendMessageOutput};
use mesh_router::{Caller, Context, ContextParts, Options, Record, Registry, Router};
use mesh_store::{Cause, Key, Row, Single, Universe, UniverseName, Universes, partition};
use mesh_types::{AccountId, Region, RequestId, Timestamp};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::sync::Semaphore;

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Owner;
impl Row for Owner {}

partition! {
    pub(crate) struct Sender = 9_002 "sender" {
        1 owner: Single<Owner>,
    }
}

/// How many deliveries the receiver has seen.
#[derive(Default)]
pub(crate) struct Seen {
    pub(crate) begun: AtomicUsize,
    /// What those said, in the order in which they came.
    pub(crate) bodies: Mutex<Vec<String>>,
}

/// Lets through those that the receiver holds.
pub(crate) struct Gate(pub(crate) Semaphore);

impl Default for Gate {
    fn default() -> Self {
        Self(Semaphore::new(0))
    }
}

/// Receives: `wait` waits a minute of the universe's time, `hold` until the gate lets it through.
async fn receive(cx: &Context, input: SendMessageInput) -> Result<SendMessageOutput, SendMessageError> {
    let seen = cx.universe().live().of::<Seen>();
    seen.begun.fetch_add(1, Ordering::SeqCst);
    let body = input.message_body.as_deref();
    seen.bodies.lock().extend(body.map(str::to_owned));
    match body {
        Some("fail once") => {
            let others = seen.bodies.lock().iter().filter(|body| *body == "fail once").count();
            assert_ne!(others, 1, "as it was told");
        }
        Some("wait") => {
            let clock = cx.universe().clock();
            clock.sleep_until(clock.now() + Duration::from_secs(60)).await;
        }
        Some("hold") => drop(cx.universe().live().of::<Gate>().0.acquire().await),
        _ => {}
    }
    Ok(SendMessageOutput::default())
}

pub(crate) fn router(mode: Mode) -> Router {
    router_of(mode, |_| {})
}

/// A router that also has what `register` adds.
pub(crate) fn router_of(mode: Mode, register: impl FnOnce(&mut Registry)) -> Router {
    let mut registry = Registry::default();
    register(&mut registry);
    registry.operation::<SendMessage>(receive);
    registry.in_order::<SendMessage>(|input| input.message_group_id.as_deref().map(SmolStr::new));
    registry.driver(|_, key: Key<Sender>| async move { assert_ne!(key.name(), "panics") });
    let options = Options {
        universes: Universes::new(Seed(7), mode),
        interceptors: Vec::new(),
        record: Record::new(1, None),
        endpoint: "http://localhost:4566".into(),
    };
    Router::new(registry, options)
}

pub(crate) const FROZEN: Mode = Mode::Frozen { at: Timestamp::from_secs(1_000) };
pub(crate) const RUNNING: Mode = Mode::Running { offset_micros: 0 };

pub(crate) fn default(router: &Router) -> Universe {
    router.universe(&UniverseName::DEFAULT).expect("it is there")
}

pub(crate) fn sender(name: &str) -> Key<Sender> {
    Key::new(AccountId::DEFAULT, Region::DEFAULT, name)
}

/// The context of a client's request.
pub(crate) fn context(router: &Router, universe: &Universe) -> Context {
    let request_id = RequestId::from_random(universe.draw_request_id());
    let parts = ContextParts {
        universe: universe.clone(),
        account: AccountId::DEFAULT,
        region: Region::DEFAULT,
        caller: Caller::AccessKey("test".into()),
        request_id,
        trace: None,
        cause: Cause::Request(request_id.bits()),
        arrived_at: RealTime::now(),
        endpoint: router.endpoint().clone(),
    };
    Context::new(router, parts)
}

/// Waits, but not for ever.
pub(crate) async fn soon<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(10), what).await.expect("it ends")
}

pub(crate) async fn until(is: impl Fn() -> bool) {
    soon(async {
        while !is() {
            tokio::task::yield_now().await;
        }
    })
    .await;
}
