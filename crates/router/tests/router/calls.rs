//! How calls are answered, and what the record has of them.

use crate::rig::{FROZEN, context, default, router_of, soon};
use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::request::Parts;
use mesh_models::sqs::{
    ListQueues, PurgeQueue, PurgeQueueError, PurgeQueueInput, PurgeQueueOutput, SERVICE, SendMessage,
    SendMessageError, SendMessageInput, SendMessageOutput,
};
use mesh_router::{CallEntry, Context, Deed, Entry, Request, Router, Site};
use mesh_store::{Cause, Universe, UniverseName};
use mesh_wire::schema::serde::{SerdeError, SerializableStruct, ShapeDeserializer, ShapeSerializer};
use mesh_wire::schema::{Schema, shape_id};
use mesh_wire::{Operation, OperationMeta, Protocol, Shape};
use std::sync::LazyLock;

/// An output that cannot be written.
#[derive(Debug, Default, Clone)]
struct Unwritable;

static UNWRITABLE: Schema<'static> =
    mesh_wire::shape::structure(shape_id!("com.amazonaws.probe", "Unwritable"), &[]);

impl SerializableStruct for Unwritable {
    fn schema(&self) -> &Schema<'_> {
        &UNWRITABLE
    }

    fn serialize_members(&self, _: &mut dyn ShapeSerializer) -> Result<(), SerdeError> {
        panic!("it cannot be written")
    }
}

impl Shape for Unwritable {
    fn static_schema() -> &'static Schema<'static> {
        &UNWRITABLE
    }

    fn read(_: &mut dyn ShapeDeserializer) -> Result<Self, SerdeError> {
        Ok(Self)
    }
}

/// An operation with these types of SendMessage's, whose deduplication id is an idempotency token.
macro_rules! operation {
    ($name:ident answers $output:ty) => {
        struct $name;

        impl Operation for $name {
            type Input = SendMessageInput;
            type Output = $output;
            type Error = SendMessageError;

            fn meta() -> &'static OperationMeta {
                static META: LazyLock<OperationMeta> = LazyLock::new(|| OperationMeta {
                    service: &SERVICE,
                    name: stringify!($name),
                    http: SendMessage::meta().http,
                    input: SendMessageInput::static_schema(),
                    output: <$output>::static_schema(),
                    rules: ListQueues::meta().rules,
                    result_wrapper: None,
                    idempotency_token: Some("MessageDeduplicationId"),
                    paginator: None,
                });
                &META
            }

            fn idempotency_token(input: &mut SendMessageInput) -> Option<&mut Option<String>> {
                Some(&mut input.message_deduplication_id)
            }
        }
    };
}

operation!(Break answers Unwritable);
operation!(Begin answers SendMessageOutput);

async fn break_off(_: &Context, _: SendMessageInput) -> Result<Unwritable, SendMessageError> {
    Ok(Unwritable)
}

/// Answers the token.
async fn begin(_: &Context, input: SendMessageInput) -> Result<SendMessageOutput, SendMessageError> {
    Ok(SendMessageOutput { message_id: input.message_deduplication_id, ..Default::default() })
}

/// Calls another operation, both ways, and does something outside.
async fn purge(cx: &Context, _: PurgeQueueInput) -> Result<PurgeQueueOutput, PurgeQueueError> {
    let cx = cx.as_service("sns");
    let input = SendMessageInput { queue_url: Some("u".into()), ..Default::default() };
    drop(cx.call::<Begin>(input).await);
    let payload = Bytes::from_static(br#"{"QueueUrl": "u", "MessageBody": "one"}"#);
    drop(cx.router().call_by_name(&cx, "sqs", "SendMessage", payload).await);
    drop(cx.outside().scratch("purge"));
    drop(
        cx.outside()
            .http(
                http::Request::get("http://localhost:1/path?secret=1").body(Bytes::new()).expect("a request"),
            )
            .await,
    );
    cx.concerns([77]);
    Ok(PurgeQueueOutput::default())
}

fn router() -> Router {
    router_of(FROZEN, |registry| {
        registry.operation::<Break>(break_off);
        registry.operation::<Begin>(begin);
        registry.operation::<PurgeQueue>(purge);
    })
}

async fn serve(router: &Router, cx: &Context, operation: &str, body: &'static str) -> http::Response<Bytes> {
    let (head, ()) = http::Request::new(()).into_parts();
    let (cx, body) = (cx.clone(), Bytes::from_static(body.as_bytes()));
    let (service, protocol) = (&SERVICE, Protocol::AwsJson10);
    soon(router.serve(Request { cx, service, operation: operation.into(), protocol, head, body })).await
}

fn calls(router: &Router, universe: &Universe) -> Vec<CallEntry> {
    let call = |entry| if let Entry::Call(call) = entry { Some(call) } else { None };
    router.record().of(universe).into_iter().filter_map(call).collect()
}

#[tokio::test]
async fn an_output_that_cannot_be_written_is_an_internal_failure() {
    let router = router();
    let universe = default(&router);
    let answer = serve(&router, &context(&router, &universe), "Break", "{}").await;
    assert_eq!(answer.status().as_u16(), 500);
    assert_eq!(calls(&router, &universe)[0].error, Some("InternalFailure"));
}

#[tokio::test]
async fn a_token_that_the_caller_left_out_is_drawn_and_one_that_he_sent_stays() {
    let answers = async || {
        let router = router();
        let cx = context(&router, &default(&router));
        let mut answers = Vec::new();
        for body in ["{}", "{}", r#"{"MessageDeduplicationId": "mine"}"#] {
            let answer = serve(&router, &cx, "Begin", body).await;
            answers.push(String::from_utf8_lossy(answer.body()).into_owned());
        }
        answers
    };
    let first = answers().await;
    assert_eq!(first[2], r#"{"MessageId":"mine"}"#);
    assert!(first[0].len() > 36 && first[0] != first[1], "{first:?}");
    assert_eq!(first, answers().await, "the universe's entropy gives the same again");
}

#[tokio::test]
async fn what_an_operation_calls_and_does_outside_is_recorded_as_caused_by_it() {
    let router = router();
    let universe = default(&router);
    let cx = context(&router, &universe);
    serve(&router, &cx, "PurgeQueue", r#"{"QueueUrl": "u"}"#).await;
    let calls = calls(&router, &universe);
    let cause = Cause::Request(cx.request_id().bits());
    let shown: Vec<_> = calls.iter().map(|call| (&*call.operation, call.status, call.cause)).collect();
    assert_eq!(shown, [("Begin", 200, cause), ("SendMessage", 200, cause), ("PurgeQueue", 200, cause)]);
    assert_ne!(calls[0].request_id, calls[1].request_id);
    assert_eq!(calls[2].request_id, cx.request_id());
    let outside: Vec<_> = router
        .record()
        .of(&universe)
        .into_iter()
        .filter_map(|entry| if let Entry::Outside(entry) = entry { Some(entry) } else { None })
        .map(|entry| (entry.deed, entry.what, entry.cause, entry.error.is_some()))
        .collect();
    let http = "GET http://localhost:1/path".into();
    assert_eq!(outside, [(Deed::Scratch, "purge".into(), cause, true), (Deed::Http, http, cause, true)]);
}

#[tokio::test]
async fn a_call_that_ends_after_a_reset_is_not_in_the_record_of_what_came_after() {
    let router = router();
    let cx = context(&router, &default(&router));
    let fresh = router.universes().reset(&UniverseName::DEFAULT).expect("it is there");
    serve(&router, &cx, "Begin", "{}").await;
    assert_eq!((calls(&router, &fresh).len(), calls(&router, cx.universe()).len()), (0, 1));
}

/// A site that panics.
struct Broken;

impl Site for Broken {
    fn service(&self) -> &'static str {
        "execute-api"
    }

    fn claims(&self, _: &str, _: &str) -> bool {
        true
    }

    fn serve(&self, _: Context, _: Parts, _: Bytes) -> BoxFuture<'static, http::Response<Bytes>> {
        Box::pin(async { panic!("it is broken") })
    }
}

#[tokio::test]
async fn a_request_to_a_site_is_recorded_and_answered_whatever_happens() {
    let router = router();
    let universe = default(&router);
    let head = http::Request::get("/dev/pets?secret=1").body(()).expect("a request").into_parts().0;
    let answer = soon(router.visit(&Broken, context(&router, &universe), head, Bytes::new())).await;
    assert_eq!(answer.status().as_u16(), 500);
    let calls = calls(&router, &universe);
    assert_eq!(
        (calls[0].service, &*calls[0].operation, calls[0].status),
        ("execute-api", "GET /dev/pets", 500)
    );
}
