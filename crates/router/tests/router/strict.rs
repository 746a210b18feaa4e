//! What is told and sent where the state is kept strictly: nothing that a crash could still undo.

#[expect(dead_code, reason = "the store's own tests break this disk in more ways")]
#[path = "../../../store/tests/store/medium.rs"]
mod medium;

use crate::rig::{Owner, Sender, context, default, sender, soon};
use bytes::Bytes;
use futures_util::future::BoxFuture;
use medium::{Fault, Medium};
use mesh_clock::Seed;
use mesh_models::sqs::{
    PurgeQueue, PurgeQueueError, PurgeQueueInput, PurgeQueueOutput, SERVICE, SendMessage, SendMessageError,
    SendMessageInput, SendMessageOutput,
};
use mesh_router::outside::{Closed, Command, Listen, Listening, Outside, OutsideError, Process, Scratch};
use mesh_router::{Context, Options, Record, Registry, Request, Router};
use mesh_store::{Durability, Kinds, Universes};
use mesh_types::Need;
use mesh_wire::Protocol;
use parking_lot::Mutex;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The world outside, which looks at the disk when a request reaches it.
struct World {
    medium: Medium,
    /// For each request, whether what led to it was on disk.
    seen: Mutex<Vec<bool>>,
}

impl Outside for World {
    fn listen(&self, listen: Listen) -> Result<Box<dyn Listening>, OutsideError> {
        Closed.listen(listen)
    }

    fn process(&self, command: Command) -> Result<Arc<dyn Process>, OutsideError> {
        Closed.process(command)
    }

    fn programs(&self, name: &str) -> Vec<PathBuf> {
        Closed.programs(name)
    }

    fn search_path(&self) -> OsString {
        Closed.search_path()
    }

    fn libraries(&self, language: &str) -> Option<PathBuf> {
        Closed.libraries(language)
    }

    fn shows(&self, place: &Path, kept: Option<&Path>) -> bool {
        Closed.shows(place, kept)
    }

    fn scratch(&self, purpose: &str) -> Result<Arc<dyn Scratch>, OutsideError> {
        Closed.scratch(purpose)
    }

    fn http(
        &self,
        request: http::Request<Bytes>,
    ) -> BoxFuture<'static, Result<http::Response<Bytes>, OutsideError>> {
        self.seen.lock().push(is_on_disk(&self.medium, request.uri().path().trim_start_matches('/')));
        Box::pin(async { Ok(http::Response::new(Bytes::new())) })
    }
}

/// Whether a crash now would leave the owner of this name.
fn is_on_disk(medium: &Medium, name: &str) -> bool {
    let crashed = Medium::holding(medium.synced());
    let left =
        Universes::open_backend(crashed.tables(), crashed.logs(), Durability::Relaxed, kinds(), Seed(7));
    let left = left.expect("it can be opened");
    let universe = left.get(&mesh_store::UniverseName::DEFAULT).expect("it is there");
    universe.read(&sender(name), |state, _| state.owner.get().is_some()).expect("it is there")
}

fn kinds() -> Kinds {
    let mut kinds = Kinds::default();
    kinds.add::<Sender>();
    kinds
}

/// Notes an owner of the message's name.
async fn note(cx: &Context, input: SendMessageInput) -> Result<SendMessageOutput, SendMessageError> {
    let name = input.message_body.unwrap_or_default();
    cx.write(&sender(&name), |state: &mut Sender, _| {
        state.owner.set(Owner);
        Ok::<_, Need>(())
    })?;
    Ok(SendMessageOutput::default())
}

/// Notes an owner of the queue's name, and tells another of it.
async fn note_and_tell(cx: &Context, input: PurgeQueueInput) -> Result<PurgeQueueOutput, PurgeQueueError> {
    let name = input.queue_url.unwrap_or_default();
    cx.write(&sender(&name), |state: &mut Sender, _| {
        state.owner.set(Owner);
        Ok::<_, Need>(())
    })?;
    let request = http::Request::get(format!("http://localhost:1/{name}")).body(Bytes::new());
    drop(cx.send(request.expect("a request")).await);
    Ok(PurgeQueueOutput::default())
}

fn strict() -> (Router, Arc<World>) {
    let medium = Medium::default();
    let universes =
        Universes::open_backend(medium.tables(), medium.logs(), Durability::Strict, kinds(), Seed(7));
    let mut registry = Registry::default();
    registry.operation::<SendMessage>(note);
    registry.operation::<PurgeQueue>(note_and_tell);
    let options = Options {
        universes: universes.expect("it can be opened"),
        interceptors: Vec::new(),
        record: Record::new(1, None),
        endpoint: "http://localhost:4566".into(),
    };
    let world = Arc::new(World { medium, seen: Mutex::default() });
    (Router::with_outside(registry, options, Arc::clone(&world) as _), world)
}

async fn serve(router: &Router, protocol: Protocol, operation: &str, body: String) -> http::Response<Bytes> {
    let (head, ()) = http::Request::new(()).into_parts();
    let cx = context(router, &default(router));
    let body = Bytes::from(body);
    soon(router.serve(Request { cx, service: &SERVICE, operation: operation.into(), protocol, head, body }))
        .await
}

#[tokio::test]
async fn an_answer_tells_what_is_on_disk() {
    let (router, world) = strict();
    for number in 0..20 {
        let body = format!(r#"{{"QueueUrl": "u", "MessageBody": "m{number}"}}"#);
        let answer = serve(&router, Protocol::AwsJson10, "SendMessage", body).await;
        assert_eq!(answer.status().as_u16(), 200);
        assert!(is_on_disk(&world.medium, &format!("m{number}")));
    }
}

#[tokio::test]
async fn a_request_goes_out_when_what_led_to_it_is_on_disk() {
    let (router, world) = strict();
    for number in 0..20 {
        let body = format!(r#"{{"QueueUrl": "q{number}"}}"#);
        serve(&router, Protocol::AwsJson10, "PurgeQueue", body).await;
    }
    assert_eq!(*world.seen.lock(), [true; 20]);
}

#[tokio::test]
async fn a_disk_that_has_failed_is_told_in_the_callers_protocol_and_nothing_goes_out() {
    let (router, world) = strict();
    world.medium.break_with(Fault::Full);
    // The first finds it out while it waits, the second before it begins.
    for _ in 0..2 {
        let json = r#"{"QueueUrl": "q"}"#.to_owned();
        let answer = serve(&router, Protocol::AwsJson10, "PurgeQueue", json).await;
        let body = String::from_utf8_lossy(answer.body()).into_owned();
        assert_eq!(answer.status().as_u16(), 503);
        assert!(body.contains("ServiceUnavailable") && body.contains("restart mesh-local"), "{body}");
    }
    let query = "Action=PurgeQueue&QueueUrl=q".to_owned();
    let answer = serve(&router, Protocol::AwsQuery, "PurgeQueue", query).await;
    let body = String::from_utf8_lossy(answer.body()).into_owned();
    assert_eq!(answer.status().as_u16(), 503);
    assert!(body.contains("<Code>ServiceUnavailable</Code>"), "{body}");
    assert!(world.seen.lock().is_empty());
}
