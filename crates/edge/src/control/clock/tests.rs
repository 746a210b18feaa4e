use super::super::tests::Plane;
use super::*;
use mesh_models::sqs;
use mesh_router::{Caller, Context, ContextParts, Registry, Request};
use mesh_store::{Delivery, Key, Retry, Row, Single, Target, Tx, UniverseName, partition};
use mesh_types::{AccountId, Need, Region, RequestId};
use serde::Serialize;

#[derive(Debug, Serialize, Deserialize)]
struct Owner;
impl Row for Owner {}

partition! {
    struct Sender = 9_004 "sender" {
        1 owner: Single<Owner>,
    }
}

/// Takes a message; `stall` is never taken.
async fn send(
    _: &Context,
    input: sqs::SendMessageInput,
) -> Result<sqs::SendMessageOutput, sqs::SendMessageError> {
    if input.message_body.as_deref() == Some("stall") {
        std::future::pending::<()>().await;
    }
    Ok(sqs::SendMessageOutput::default())
}

fn plane() -> Plane {
    let mut registry = Registry::default();
    registry.operation::<sqs::SendMessage>(send);
    Plane::of(registry)
}

fn universe(plane: &Plane) -> Universe {
    plane.state.router.universe(&UniverseName::DEFAULT).expect("it is there")
}

/// Owes a message.
fn owe(plane: &Plane, count: usize) {
    let key = Key::<Sender>::new(AccountId::DEFAULT, Region::DEFAULT, "sender");
    let work = |state: &mut Sender, tx: &mut Tx<'_>| {
        state.owner.set(Owner);
        for _ in 0..count {
            let to = Target::Operation {
                service: "sqs".into(),
                operation: "SendMessage".into(),
                account: AccountId::DEFAULT,
                region: Region::DEFAULT,
                caller: "sns".into(),
            };
            let payload = br#"{"QueueUrl": "u", "MessageBody": "b"}"#.as_slice().into();
            tx.owe(Delivery { to, payload, retry: Retry::NONE });
        }
        Ok::<_, Need>(())
    };
    universe(plane).write(&key, Cause::Deadline, work).expect("the universe is there");
}

#[tokio::test]
async fn a_clock_is_not_set_back_behind_what_has_happened() {
    let plane = plane();
    owe(&plane, 1);
    plane.post("/_mesh/clock/advance", json!({ "by": "1h" })).await;
    owe(&plane, 1);
    for (door, body) in [
        ("set", json!({ "at": 4_599 })),
        ("freeze", json!({ "at": 4_599 })),
        ("offset", json!({ "by": "-40000d" })),
    ] {
        let (status, told) = plane.post(&format!("/_mesh/clock/{door}"), body.clone()).await;
        let sentence = told["error"].as_str().unwrap_or_default();
        assert!(
            status == 409 && sentence.contains("does not run backwards"),
            "{door} {body} -> {status} {told}"
        );
    }
    let (_, told) = plane.post("/_mesh/clock/set", json!({ "at": 4_599 })).await;
    assert_eq!(told["floor"], "1970-01-01T01:16:40.000000Z");
    assert_eq!(plane.get("/_mesh/clock").await.1["micros"], 4_600_000_000_i64, "nothing was changed");
    assert_eq!(plane.post("/_mesh/clock/set", json!({ "at": 4_600 })).await.0, 200);
}

#[tokio::test]
async fn a_clock_runs_by_an_offset_from_the_machines() {
    let plane = plane();
    for (by, micros) in [
        (json!("25h"), 90_000_000_000_i64),
        (json!("-2h"), -7_200_000_000),
        (json!(-1.5), -1_500_000),
        (json!(0), 0),
    ] {
        let (status, told) = plane.post("/_mesh/clock/offset", json!({ "by": by })).await;
        assert_eq!((status, &told["mode"], &told["offset_micros"]), (200, &json!("running"), &json!(micros)));
    }
    for body in [json!({}), json!({ "by": "soon" }), json!({ "by": "--1h" }), json!({ "by": "3000000d" })] {
        assert_eq!(plane.failure("POST", "/_mesh/clock/offset", body).await, 400);
    }
}

#[tokio::test]
async fn a_clock_is_not_advanced_backwards() {
    let plane = plane();
    for by in [json!("-1h"), json!(-1)] {
        let (status, told) = plane.post("/_mesh/clock/advance", json!({ "by": by })).await;
        assert!(
            status == 400 && told["error"].as_str().is_some_and(|said| said.contains("forwards")),
            "{told}"
        );
    }
}

#[tokio::test]
async fn an_advance_tells_what_it_ran_up_to_a_bound() {
    let plane = plane();
    owe(&plane, 1);
    let (_, told) = plane.post("/_mesh/clock/advance", json!({ "by": "1m" })).await;
    let kinds: Vec<_> = told["ran"].as_array().into_iter().flatten().map(|entry| &entry["kind"]).collect();
    assert_eq!(kinds, ["call", "delivery"], "{told}");
    assert_eq!(told["ran"][1]["to"], "sqs SendMessage");
    assert_eq!(told["ran_in_all"].as_u64(), told["ran"].as_array().map(|ran| ran.len() as u64));
    let (_, told) = plane.post("/_mesh/settle", Value::Null).await;
    assert_eq!(
        (&told["ran"], &told["ran_in_all"]),
        (&json!([]), &json!(0)),
        "what ran before is not told again"
    );
    owe(&plane, 150);
    let (_, told) = plane.post("/_mesh/settle", Value::Null).await;
    assert_eq!(told["ran"].as_array().map(Vec::len), Some(100));
    assert!(told["ran_in_all"].as_u64() >= Some(150), "{}", told["ran_in_all"]);
}

#[tokio::test]
async fn what_does_not_come_to_rest_is_named() {
    let plane = plane();
    let universe = universe(&plane);
    let request_id = RequestId::from_random(universe.draw_request_id());
    let parts = ContextParts {
        universe,
        account: AccountId::DEFAULT,
        region: Region::DEFAULT,
        caller: Caller::Anonymous,
        request_id,
        trace: None,
        cause: Cause::Request(request_id.bits()),
        arrived_at: RealTime::now(),
        endpoint: "http://localhost:4566".into(),
    };
    let router = plane.state.router.clone();
    let (head, ()) = http::Request::new(()).into_parts();
    let request = Request {
        cx: Context::new(&router, parts),
        service: &sqs::SERVICE,
        operation: "SendMessage".into(),
        protocol: mesh_wire::Protocol::AwsJson10,
        head,
        body: Bytes::from_static(br#"{"QueueUrl": "u", "MessageBody": "stall"}"#),
    };
    let stalls = tokio::spawn(async move { router.serve(request).await });
    while plane.state.router.running(&super::tests::universe(&plane)).is_empty() {
        tokio::task::yield_now().await;
    }
    let (status, told) = plane.post("/_mesh/settle?timeout=5ms", Value::Null).await;
    let call = &told["calls"][0];
    assert_eq!((status, &call["operation"]), (504, &json!("SendMessage")), "{told}");
    assert_eq!(call["request_id"], request_id.to_string());
    assert!(
        told["error"].as_str().is_some_and(|said| said.contains("for longest sqs SendMessage")),
        "{told}"
    );
    stalls.abort();
    stalls.await.ok();
    let (status, _) = plane.post("/_mesh/settle", Value::Null).await;
    assert_eq!((status, plane.state.router.running(&super::tests::universe(&plane)).len()), (200, 0));
}
