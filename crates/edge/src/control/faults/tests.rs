use super::super::tests::Plane;
use super::*;
use http::HeaderValue;
use mesh_models::{dynamodb, sqs};
use mesh_router::{Context, Registry};
use serde_json::Value;

async fn send(
    _: &Context,
    _: sqs::SendMessageInput,
) -> Result<sqs::SendMessageOutput, sqs::SendMessageError> {
    Ok(sqs::SendMessageOutput::default())
}

async fn send_batch(
    _: &Context,
    _: sqs::SendMessageBatchInput,
) -> Result<sqs::SendMessageBatchOutput, sqs::SendMessageBatchError> {
    Ok(sqs::SendMessageBatchOutput::default())
}

async fn get(
    _: &Context,
    _: dynamodb::GetItemInput,
) -> Result<dynamodb::GetItemOutput, dynamodb::GetItemError> {
    Ok(dynamodb::GetItemOutput::default())
}

/// A plane that serves three operations.
fn plane() -> Plane {
    let mut registry = Registry::default();
    registry.operation::<sqs::SendMessage>(send);
    registry.operation::<sqs::SendMessageBatch>(send_batch);
    registry.operation::<dynamodb::GetItem>(get);
    Plane::of(registry)
}

/// One rule of each effect, with every other member somewhere.
fn all_rules() -> Value {
    json!([
        { "name": "a", "service": "sqs", "operation": "Send*", "resource": "orders*", "account": "0*", "caller": "test",
          "error": "RequestThrottled", "message": "No.", "probability": 0.25, "times": 3 },
        { "name": "b", "latency": "0.1s..0.25s", "every": 2 },
        { "name": "c", "latency": "1s", "from": "2026-01-01T00:00:00.000000Z", "until": "2026-01-02T00:00:00.000000Z" },
        { "name": "d", "drop": "before" },
        { "name": "e", "drop": "after" },
        { "name": "f", "throttle": 0.5, "burst": 3 },
        { "name": "g", "partial_batch": 0.5, "code": "InternalError" },
        { "name": "h", "duplicate": true },
        { "name": "i", "reorder": true },
        { "name": "j", "stale_read": "2s" },
    ])
}

#[tokio::test]
async fn rules_are_told_as_they_are_written_and_what_is_told_can_be_put_back() {
    let plane = plane();
    let (status, told) = plane.call("PUT", "/_mesh/faults", json!({ "faults": all_rules() })).await;
    assert_eq!((status, &told["universe"]), (200, &json!("default")), "{told}");
    let mut rules = told["faults"].clone();
    for rule in rules.as_array_mut().expect("a list") {
        let rule = rule.as_object_mut().expect("a rule");
        assert_eq!((rule.remove("matches"), rule.remove("injected")), (Some(json!(0)), Some(json!(0))));
    }
    assert_eq!(rules, all_rules());
    assert_eq!(plane.call("PUT", "/_mesh/faults", told.clone()).await.0, 400, "universe is no member");
    let (status, again) = plane.call("PUT", "/_mesh/faults", json!({ "faults": told["faults"] })).await;
    assert_eq!((status, &again), (200, &told));
}

#[tokio::test]
async fn rules_are_added_taken_away_and_cleared_in_one_universe() {
    let plane = plane();
    plane.post("/_mesh/universes", json!({ "name": "fork" })).await;
    let names = async |target: &str| -> Vec<String> {
        let (_, told) = plane.get(target).await;
        let rules = told["faults"].as_array().cloned().unwrap_or_default();
        rules.iter().filter_map(|rule| rule["name"].as_str().map(str::to_owned)).collect()
    };
    let (status, added) = plane.post("/_mesh/faults", json!({ "drop": "before" })).await;
    assert_eq!((status, &added["faults"][0]["name"]), (201, &json!("drop")));
    plane.post("/_mesh/faults", json!([{ "drop": "after" }, { "name": "slow", "latency": 1 }])).await;
    assert_eq!(names("/_mesh/faults").await, ["drop", "drop-2", "slow"]);
    assert_eq!(names("/_mesh/universes/fork/faults").await, [""; 0]);
    plane.post("/_mesh/universes", json!({ "name": "later" })).await;
    assert_eq!(plane.call("DELETE", "/_mesh/faults/drop", Value::Null).await.0, 204);
    assert_eq!(plane.failure("DELETE", "/_mesh/faults/drop", Value::Null).await, 404);
    assert_eq!(names("/_mesh/faults").await, ["drop-2", "slow"]);
    assert_eq!(plane.call("DELETE", "/_mesh/faults", Value::Null).await.0, 204);
    assert_eq!(names("/_mesh/faults").await, [""; 0]);
    assert_eq!(
        names("/_mesh/universes/later/faults").await,
        ["drop", "drop-2", "slow"],
        "a fork carries them"
    );
    plane.post("/_mesh/universes/later/reset", Value::Null).await;
    assert_eq!(names("/_mesh/universes/later/faults").await, [""; 0], "a reset clears them");
    assert_eq!(plane.failure("GET", "/_mesh/universes/none/faults", Value::Null).await, 404);
}

#[tokio::test]
async fn what_is_no_rule_is_refused_whole_with_a_sentence() {
    let plane = plane();
    for (body, says) in [
        (json!({}), "one effect"),
        (json!({ "eror": "x" }), "unknown field `eror`"),
        (json!({ "error": 5 }), "no fault rule"),
        (json!({ "latency": "soon" }), "100ms..1s"),
        (json!({ "latency": -1 }), "100ms..1s"),
        (json!({ "throttle": "10/d" }), "10/s, 30/m"),
        (json!({ "stale_read": "old" }), "how old a write"),
        (json!({ "stale_read": false }), "one effect"),
        (json!({ "drop": "sometimes" }), "before"),
        (json!({ "drop": "before", "from": "tomorrow" }), "a moment is written"),
        (json!({ "drop": "before", "every": -1 }), "no fault rule"),
        (
            json!([{ "drop": "before" }, { "drop": "after", "service": "s4" }]),
            "Fault rule 2 of 2: There is no service s4",
        ),
        (
            json!({ "name": "x", "operation": "Sned", "drop": "before" }),
            "The fault rule x: There is no operation Sned",
        ),
        (json!({ "faults": 5 }), "no fault rules"),
        (json!("drop"), "no fault rule"),
    ] {
        let (status, told) = plane.post("/_mesh/faults", body.clone()).await;
        let sentence = told["error"].as_str().unwrap_or_default();
        assert!(status == 400 && sentence.contains(says), "{body} -> {status} {told}");
    }
    assert_eq!(
        plane.get("/_mesh/faults").await.1["faults"],
        json!([]),
        "none of a list that has one wrong is there"
    );
}

#[test]
fn a_header_asks_for_effects_by_name() {
    let plane = plane();
    let read = |text: &str| {
        let mut headers = HeaderMap::new();
        headers.insert(&HEADER, HeaderValue::from_str(text).expect("a value"));
        read_header(&plane.state.router, ("sqs", "SendMessageBatch"), &headers).map(|rules| {
            let told = rules.iter().map(|rule| format!("{} {}", rule.name, rule.effect));
            told.collect::<Vec<_>>().join(", ")
        })
    };
    let is = |text: &str| Ok(text.to_owned());
    assert_eq!(read("error=RequestThrottled"), is("header error=RequestThrottled"));
    assert_eq!(
        read("latency=200ms , error = InternalFailure"),
        is("header latency, header error=InternalFailure")
    );
    assert_eq!(read("drop"), is("header drop=before"));
    assert_eq!(read("drop=after"), is("header drop=after"));
    assert_eq!(read("partial_batch=0.5"), is("header partial_batch"));
    assert_eq!(read("duplicate, reorder"), is("header duplicate, header reorder"));
    for text in [
        "",
        "error",
        "error=",
        "nothing",
        "drop=never",
        "latency",
        "latency=x",
        "partial_batch=x",
        "throttle=1",
        "error=Nope",
    ] {
        let refusal = read(text).expect_err(text).to_string();
        assert!(refusal.ends_with('.'), "{text}: {refusal}");
    }
}
