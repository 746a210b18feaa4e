use super::*;
use axum::body::Body;
use http::Request;
use mesh_clock::{Mode, RealTime, Seed};
use mesh_router::{Options, Record, Registry, Router};
use mesh_store::{UniverseName, Universes};
use mesh_types::Timestamp;
use mesh_wire::rules::ConstraintStyle;
use mesh_wire::{Protocol, ServiceMeta};
use serde_json::{Value, json};
use std::time::Duration;
use tower::ServiceExt as _;

/// A known API of which nothing is served.
static SQS: ServiceMeta = ServiceMeta {
    name: "sqs",
    signing_name: "sqs",
    endpoint_prefix: "sqs",
    api_version: "2012-11-05",
    target_prefix: "AmazonSQS",
    error_namespace: "com.amazonaws.sqs",
    xml_namespace: "",
    protocols: &[Protocol::AwsJson10],
    query_compatible: true,
    query_error_detail: true,
    constraint_style: ConstraintStyle::Presence,
    routes: &[],
};

/// A control plane whose universe `default` stands at 1,000 s.
pub(super) struct Plane {
    pub(super) state: ControlState,
    routes: axum::Router,
}

impl Plane {
    fn new() -> Self {
        let mut registry = Registry::default();
        registry.api(&SQS);
        Self::of(registry)
    }

    pub(super) fn of(registry: Registry) -> Self {
        let options = Options {
            universes: Universes::new(Seed(7), Mode::Frozen { at: Timestamp::from_secs(1_000) }),
            interceptors: Vec::new(),
            record: Record::new(1, None),
            endpoint: "http://localhost:4566".into(),
        };
        let info = Info { version: "1.2.3".into(), started_at: RealTime::now(), is_in_container: false };
        let state = ControlState::new(&Router::new(registry, options), info);
        Self { routes: routes(state.clone()), state }
    }

    pub(super) async fn text(&self, method: &str, target: &str, body: &str) -> (u16, String) {
        let request = Request::builder()
            .method(method)
            .uri(target)
            .body(Body::from(body.to_owned()))
            .expect("a request");
        let answer = match self.routes.clone().oneshot(request).await {
            Ok(answer) => answer,
            Err(never) => match never {},
        };
        let status = answer.status().as_u16();
        let body = axum::body::to_bytes(answer.into_body(), usize::MAX).await.expect("a body");
        (status, String::from_utf8(body.to_vec()).expect("text"))
    }

    pub(super) async fn call(&self, method: &str, target: &str, body: Value) -> (u16, Value) {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let (status, text) = self.text(method, target, &body).await;
        (status, serde_json::from_str(&text).unwrap_or(Value::Null))
    }

    pub(super) async fn get(&self, target: &str) -> (u16, Value) {
        self.call("GET", target, Value::Null).await
    }

    pub(super) async fn post(&self, target: &str, body: Value) -> (u16, Value) {
        self.call("POST", target, body).await
    }

    /// The status of a call that fails, after a look at its sentence.
    pub(super) async fn failure(&self, method: &str, target: &str, body: Value) -> u16 {
        let (status, answer) = self.call(method, target, body).await;
        let sentence = answer["error"].as_str().unwrap_or_default();
        assert!(sentence.ends_with(['.', '}']), "{method} {target} -> {status} {answer}");
        status
    }
}

#[tokio::test]
async fn the_status_tells_version_universes_and_services() {
    let plane = Plane::new();
    assert_eq!(plane.get("/_mesh/health").await, (200, json!({ "status": "ok", "version": "1.2.3" })));
    let (status, told) = plane.get("/_mesh/status").await;
    assert_eq!(
        (status, &told["version"], &told["endpoint"]),
        (200, &json!("1.2.3"), &json!("http://localhost:4566"))
    );
    assert_eq!(told["universes"][0]["name"], "default");
    assert_eq!(told["services"], json!([{ "name": "sqs", "served": 0, "known": 0, "operations": [] }]));
}

#[tokio::test]
async fn a_universe_is_forked_listed_and_deleted() {
    let plane = Plane::new();
    let (status, fork) = plane.post("/_mesh/universes", json!({ "name": "a" })).await;
    assert_eq!((status, &fork["name"], &fork["clock"]["mode"]), (201, &json!("a"), &json!("frozen")));
    assert!(fork["took_micros"].is_u64(), "{fork}");
    assert_eq!(plane.post("/_mesh/universes", json!({ "name": "b", "from": "a" })).await.0, 201);
    let (_, listed) = plane.get("/_mesh/universes").await;
    let names: Vec<_> =
        listed["universes"].as_array().into_iter().flatten().map(|told| &told["name"]).collect();
    assert_eq!(names, ["a", "b", "default"]);
    assert_eq!(plane.get("/_mesh/universes/a").await.1["seed"], 7);
    assert_eq!(plane.call("DELETE", "/_mesh/universes/a", Value::Null).await.0, 204);
    assert_eq!(plane.failure("DELETE", "/_mesh/universes/a", Value::Null).await, 404);
    assert_eq!(plane.failure("GET", "/_mesh/universes/a", Value::Null).await, 404);
}

#[tokio::test]
async fn a_universe_is_made_empty() {
    let plane = Plane::new();
    let (status, made) = plane.post("/_mesh/universes", json!({ "name": "a", "empty": true })).await;
    assert_eq!((status, &made["name"], &made["partitions"]), (201, &json!("a"), &json!(0)));
    assert_eq!(made["clock"]["mode"], "running", "its clock is its own");
    let both = json!({ "name": "b", "empty": true, "from": "a" });
    assert_eq!(plane.failure("POST", "/_mesh/universes", both).await, 400);
    assert_eq!(plane.failure("POST", "/_mesh/universes", json!({ "name": "a", "empty": true })).await, 409);
}

#[tokio::test]
async fn a_fork_that_cannot_be_is_refused() {
    let plane = Plane::new();
    for (body, expected) in [
        (json!({ "name": "default" }), 409),
        (json!({ "name": "a", "from": "none" }), 404),
        (json!({ "name": "A" }), 400),
        (json!({ "name": "a", "from": "../x" }), 400),
        (json!({ "from": "default" }), 400),
        (json!({ "name": "a", "form": "default" }), 400),
        (json!([]), 400),
        (Value::Null, 400),
    ] {
        assert_eq!(plane.failure("POST", "/_mesh/universes", body.clone()).await, expected, "{body}");
    }
    assert_eq!(plane.text("POST", "/_mesh/universes", "{").await.0, 400);
    assert_eq!(plane.failure("DELETE", "/_mesh/universes/default", Value::Null).await, 409);
}

#[tokio::test]
async fn a_reset_puts_another_universe_in_its_place() {
    let plane = Plane::new();
    let former = plane.state.router.universes().get(&UniverseName::DEFAULT).expect("it is there");
    for target in ["/_mesh/universes/default/reset", "/_mesh/reset", "/_localstack/state/reset"] {
        let before = plane.state.router.universes().get(&UniverseName::DEFAULT).expect("it is there");
        assert_eq!(plane.post(target, Value::Null).await.0, 200, "{target}");
        assert!(before.is_gone(), "{target}");
    }
    assert!(former.is_gone());
    assert_eq!(plane.get("/_mesh/clock").await.1["mode"], "running");
    assert_eq!(plane.failure("POST", "/_mesh/universes/none/reset", Value::Null).await, 404);
}

#[tokio::test]
async fn a_clock_is_frozen_set_and_resumed() {
    let plane = Plane::new();
    let (_, clock) = plane.get("/_mesh/universes/default/clock").await;
    assert_eq!(
        (&clock["now"], &clock["micros"]),
        (&json!("1970-01-01T00:16:40.000000Z"), &json!(1_000_000_000))
    );
    assert_eq!(clock["mode"], "frozen");
    let at = json!({ "at": "2030-01-01T00:00:00.5Z" });
    let (_, clock) = plane.post("/_mesh/clock/set", at).await;
    assert_eq!((&clock["now"], &clock["mode"]), (&json!("2030-01-01T00:00:00.500000Z"), &json!("frozen")));
    let (_, clock) =
        plane.post("/_mesh/clock/set", json!({ "at": 4_000_000_000_u32, "mode": "running" })).await;
    assert_eq!(clock["mode"], "running");
    assert!(clock["micros"].as_i64().is_some_and(|micros| micros >= 4_000_000_000_000_000), "{clock}");
    assert!(clock["offset_micros"].as_i64().is_some_and(|micros| micros > 1_000_000_000_000), "{clock}");
    let (_, clock) = plane.post("/_mesh/clock/freeze", Value::Null).await;
    assert_eq!(clock["mode"], "frozen");
    assert_eq!(plane.get("/_mesh/clock").await.1["micros"], clock["micros"], "it stands");
    let (_, clock) = plane.post("/_mesh/clock/freeze", json!({ "at": 5 })).await;
    assert_eq!(clock["micros"], 5_000_000);
    let (_, clock) = plane.post("/_mesh/clock/resume", Value::Null).await;
    assert_eq!(clock["mode"], "running");
    for (target, body) in [
        ("/_mesh/clock/set", json!({})),
        ("/_mesh/clock/set", json!({ "at": "soon" })),
        ("/_mesh/clock/set", json!({ "at": 1, "mode": "standing" })),
        ("/_mesh/clock/freeze", json!({ "when": 1 })),
    ] {
        assert_eq!(plane.failure("POST", target, body).await, 400, "{target}");
    }
}

#[tokio::test]
async fn an_advance_runs_what_falls_due_on_the_way() {
    let plane = Plane::new();
    let universe = plane.state.router.universes().get(&UniverseName::DEFAULT).expect("it is there");
    let clock = universe.clock().clone();
    let busy = clock.activity().begin();
    let task = tokio::spawn(async move {
        clock.sleep_until(Timestamp::from_secs(1_000 + 3_600)).await;
        drop(busy);
        clock.now()
    });
    let (status, told) = plane.post("/_mesh/clock/advance", json!({ "by": "25h" })).await;
    assert_eq!(status, 200);
    assert_eq!((&told["micros"], &told["timers"]), (&json!(91_000_000_000_i64), &json!(1)));
    assert_eq!(task.await.expect("it ends"), Timestamp::from_secs(4_600));
    let (_, told) = plane.post("/_mesh/settle", Value::Null).await;
    assert_eq!((&told["now"], &told["timers"]), (&json!("1970-01-02T01:16:40.000000Z"), &json!(0)));
    for body in [json!({}), json!({ "by": "1x" }), json!({ "by": -1 }), json!({ "by": "3000000d" })] {
        assert_eq!(plane.failure("POST", "/_mesh/clock/advance", body).await, 400);
    }
    for timeout in ["x", "-1", ""] {
        let target = format!("/_mesh/settle?timeout={timeout}");
        assert_eq!(plane.failure("POST", &target, Value::Null).await, 400, "{timeout}");
    }
    assert_eq!(plane.failure("POST", "/_mesh/settle?patience=1", Value::Null).await, 400);
}

#[tokio::test]
async fn what_does_not_come_to_rest_is_not_waited_for_longer_than_asked() {
    let plane = Plane::new();
    let universe = plane.state.router.universes().get(&UniverseName::DEFAULT).expect("it is there");
    let busy = universe.clock().activity().begin();
    for target in ["/_mesh/settle?timeout=5ms", "/_mesh/universes/default/clock/advance?timeout=5ms"] {
        let (status, told) = plane.post(target, json!({ "by": 1 })).await;
        assert_eq!(
            (status, &told["running"], &told["micros"]),
            (504, &json!(1), &json!(1_000_000_000)),
            "{target}"
        );
        assert!(told["error"].as_str().is_some_and(|said| said.contains("?timeout=")), "{told}");
    }
    drop(busy);
    assert_eq!(plane.post("/_mesh/settle?timeout=60", Value::Null).await.0, 200);
}

#[tokio::test]
async fn a_clock_that_is_set_during_an_advance_runs_or_stands_as_it_did_before_it() {
    let plane = Plane::new();
    let universe = plane.state.router.universes().get(&UniverseName::DEFAULT).expect("it is there");
    plane.post("/_mesh/clock/resume", Value::Null).await;
    let busy = universe.clock().activity().begin();
    let advance = tokio::spawn({
        let universe = universe.clone();
        async move { universe.clock().advance(std::time::Duration::from_secs(60)).await }
    });
    while matches!(universe.clock().mode(), mesh_clock::Mode::Running { .. }) {
        tokio::task::yield_now().await;
    }
    assert_eq!(plane.get("/_mesh/clock").await.1["mode"], "running", "it only stands for the advance");
    plane.post("/_mesh/clock/set", json!({ "at": 4_000_000_000_u32 })).await;
    drop(busy);
    advance.await.expect("it does not panic");
    let (_, clock) = plane.get("/_mesh/clock").await;
    assert!(clock["mode"] == "running" && clock["micros"].as_i64() >= Some(4_000_000_000_000_000), "{clock}");
}

#[tokio::test]
async fn a_fork_has_a_clock_of_its_own() {
    let plane = Plane::new();
    plane.post("/_mesh/universes", json!({ "name": "a" })).await;
    assert_eq!(plane.post("/_mesh/universes/a/clock/advance", json!({ "by": 60 })).await.0, 200);
    assert_eq!(plane.get("/_mesh/universes/a/clock").await.1["micros"], 1_060_000_000);
    assert_eq!(plane.get("/_mesh/clock").await.1["micros"], 1_000_000_000);
    for target in ["/clock/advance", "/clock/set", "/clock/freeze", "/clock/resume", "/settle"] {
        let target = format!("/_mesh/universes/none{target}");
        assert_eq!(plane.failure("POST", &target, json!({ "by": 1, "at": 1 })).await / 100, 4, "{target}");
    }
}

#[tokio::test]
async fn a_fork_lies_dormant_until_it_is_settled_or_advanced() {
    let plane = Plane::new();
    plane.post("/_mesh/universes", json!({ "name": "a" })).await;
    let fork =
        plane.state.router.universes().get(&UniverseName::parse("a").expect("a name")).expect("it is there");
    for target in ["clock/freeze", "clock/resume", "clock/set"] {
        let body = if target == "clock/set" { json!({ "at": 5 }) } else { Value::Null };
        assert_eq!(plane.post(&format!("/_mesh/universes/a/{target}"), body).await.0, 200, "{target}");
    }
    plane.get("/_mesh/universes/a").await;
    assert!(fork.awaken(), "nobody was first");
    plane.post("/_mesh/universes", json!({ "name": "b" })).await;
    let fork =
        plane.state.router.universes().get(&UniverseName::parse("b").expect("a name")).expect("it is there");
    assert_eq!(plane.post("/_mesh/universes/b/settle", Value::Null).await.0, 200);
    assert!(!fork.awaken(), "settling was first");
}

#[tokio::test]
async fn a_shortcut_means_the_universe_of_header_or_host() {
    let plane = Plane::new();
    plane.post("/_mesh/universes", json!({ "name": "a" })).await;
    let asked = async |target: &str, name: &str, value: &str| {
        let request = Request::builder().method("POST").uri(target).header(name, value).body(Body::empty());
        let answer = plane.routes.clone().oneshot(request.expect("a request")).await;
        answer.map_or(0, |answer| answer.status().as_u16())
    };
    let exists = |name: &str| plane.state.router.universes().get(&UniverseName::parse(name).expect("a name"));
    let (default, fork) = (exists("default").expect("it is there"), exists("a").expect("it is there"));
    assert_eq!(asked("/_mesh/reset", "x-mesh-universe", "a").await, 200);
    assert!(fork.is_gone() && !default.is_gone());
    let fork = exists("a").expect("it is there");
    assert_eq!(asked("/_localstack/state/reset", "host", "a.universe.localhost:4566").await, 200);
    assert!(fork.is_gone() && !default.is_gone());
    assert_eq!(asked("/_mesh/universes/default/reset", "x-mesh-universe", "a").await, 400, "two are named");
    assert_eq!(asked("/_mesh/reset", "x-mesh-universe", "none").await, 404);
    assert!(!default.is_gone());
}

/// Has a call recorded, of an operation that nobody has.
async fn record_a_call(plane: &Plane) -> String {
    use mesh_router::{Caller, Context, ContextParts};
    let universe = plane.state.router.universe(&UniverseName::DEFAULT).expect("it is there");
    let request_id = mesh_types::RequestId::from_random(universe.draw_request_id());
    let parts = ContextParts {
        universe,
        account: mesh_types::AccountId::DEFAULT,
        region: mesh_types::Region::DEFAULT,
        caller: Caller::Anonymous,
        request_id,
        trace: None,
        cause: mesh_store::Cause::Request(request_id.bits()),
        arrived_at: RealTime::now(),
        endpoint: "http://localhost:4566".into(),
    };
    let cx = Context::new(&plane.state.router, parts);
    let (head, ()) = http::Request::new(()).into_parts();
    let (protocol, operation) = (Protocol::AwsJson10, "Nothing".into());
    plane
        .state
        .router
        .serve(mesh_router::Request {
            cx,
            service: &SQS,
            operation,
            protocol,
            head,
            body: bytes::Bytes::new(),
        })
        .await;
    request_id.to_string()
}

#[tokio::test]
async fn the_record_is_told_newest_last_and_forgotten_at_a_reset() {
    let plane = Plane::new();
    let (first, second) = (record_a_call(&plane).await, record_a_call(&plane).await);
    let told = |answer: Value| -> Vec<String> {
        let ids = answer["entries"].as_array().cloned().unwrap_or_default();
        ids.iter().filter_map(|entry| entry["request_id"].as_str().map(str::to_owned)).collect()
    };
    let (status, answer) = plane.get("/_mesh/universes/default/record").await;
    assert_eq!((status, answer["entries"][0]["operation"].as_str()), (200, Some("Nothing")));
    assert!(
        answer["entries"][0].get("cause").is_none() && answer["entries"][0]["error"].is_string(),
        "{answer}"
    );
    assert_eq!(told(answer), [first.clone(), second.clone()]);
    assert_eq!(told(plane.get("/_mesh/record?limit=1").await.1), [second]);
    assert_eq!(told(plane.get("/_mesh/record?service=sns").await.1), [""; 0]);
    assert_eq!(told(plane.get("/_mesh/record?service=sqs&limit=9").await.1).len(), 2);
    assert_eq!(plane.failure("GET", "/_mesh/record?limit=-1", Value::Null).await, 400);
    assert_eq!(plane.failure("GET", "/_mesh/universes/none/record", Value::Null).await, 404);
    let why = format!("/_mesh/universes/default/why/{first}");
    assert_eq!(plane.get(&why).await.1["entry"]["service"], "sqs");
    plane.post("/_mesh/reset", Value::Null).await;
    assert_eq!(told(plane.get("/_mesh/record").await.1), [""; 0]);
    assert_eq!(plane.failure("GET", &why, Value::Null).await, 404);
    assert_eq!(plane.failure("GET", "/_mesh/why/x", Value::Null).await, 400);
}

#[tokio::test]
async fn unknown_paths_and_methods_are_answered_in_json() {
    let plane = Plane::new();
    for target in
        ["/_mesh", "/_mesh/", "/_mesh/nothing", "/_mesh/universes/a/nothing", "/_localstack/nothing"]
    {
        assert_eq!(plane.failure("GET", target, Value::Null).await, 404, "{target}");
    }
    assert_eq!(plane.failure("GET", "/_mesh/reset", Value::Null).await, 405);
    assert_eq!(plane.failure("PUT", "/_mesh/health", Value::Null).await, 405);
    assert_eq!(plane.failure("GET", "/_mesh/universes/%ff", Value::Null).await, 400);
    assert_eq!(plane.failure("GET", "/_mesh/universes/A", Value::Null).await, 400);
}

#[tokio::test]
async fn localstacks_doors_answer_in_its_forms() {
    let plane = Plane::new();
    let expected = r#"{"services": {"sqs": "disabled"}, "edition": "community", "version": "1.2.3"}"#;
    assert_eq!(plane.text("GET", "/_localstack/health", "").await, (200, expected.to_owned()));
    assert_eq!(plane.text("HEAD", "/_localstack/health", "").await.0, 200);
    let (_, info) = plane.get("/_localstack/info").await;
    assert_eq!((&info["version"], &info["is_license_activated"]), (&json!("1.2.3"), &json!(false)));
    assert_eq!(info["server_time_utc"].as_str().map(str::len), Some("2026-01-02T03:04:05".len()));
    let hooks = plane.state.hooks();
    hooks.complete(Stage::Boot);
    hooks.note(Stage::Ready, "seed.sh", ScriptState::Running);
    hooks.note(Stage::Ready, "seed.sh", ScriptState::Successful);
    let expected = r#"{"completed": {"BOOT": true, "START": false, "READY": false, "SHUTDOWN": false}, "scripts": [{"stage": "READY", "name": "seed.sh", "state": "SUCCESSFUL"}]}"#;
    assert_eq!(plane.text("GET", "/_localstack/init", "").await, (200, expected.to_owned()));
    let expected = r#"{"completed": true, "scripts": []}"#;
    assert_eq!(plane.text("GET", "/_localstack/init/boot", "").await, (200, expected.to_owned()));
    assert_eq!(plane.failure("GET", "/_localstack/init/never", Value::Null).await, 404);
}

#[tokio::test]
async fn the_process_is_asked_to_end_here_and_by_localstacks_way() {
    for (target, body, expected) in
        [("/_mesh/shutdown", Value::Null, 202), ("/_localstack/health", json!({ "action": "kill" }), 200)]
    {
        let plane = Plane::new();
        let early = tokio::time::timeout(Duration::ZERO, plane.state.end_is_asked()).await;
        assert!(early.is_err(), "nobody asked yet");
        assert_eq!(plane.post(target, body).await.0, expected);
        plane.state.end_is_asked().await;
    }
    let plane = Plane::new();
    assert_eq!(plane.failure("POST", "/_localstack/health", json!({ "action": "restart" })).await, 501);
    assert_eq!(plane.failure("POST", "/_localstack/health", json!({})).await, 400);
}

#[test]
fn the_health_is_open_localstacks_doors_are_as_api_calls_and_the_rest_needs_the_header() {
    let kind = |method: &str, target: &str| {
        let request = Request::builder().method(method).uri(target).body(()).expect("a request");
        kind(&request.into_parts().0)
    };
    assert_eq!(
        (kind("GET", "/_mesh/health?x"), kind("HEAD", "/_localstack/health")),
        (Kind::Open, Kind::Open)
    );
    let unsigned = Kind::Api { is_signed: false };
    assert_eq!(kind("POST", "/_localstack/health"), unsigned);
    assert_eq!(kind("POST", "/_localstack/state/reset"), unsigned);
    for (method, target) in
        [("POST", "/_mesh/health"), ("GET", "/_mesh/status"), ("GET", "/_mesh/health/"), ("GET", "/_mesh")]
    {
        assert_eq!(kind(method, target), Kind::Control, "{method} {target}");
    }
}

#[tokio::test]
async fn a_universe_is_kept_and_goes_out_and_in() {
    let plane = Plane::new();
    let (status, _) = plane.post("/_mesh/universes/default/snapshot", json!({ "name": "kept" })).await;
    assert_eq!(status, 201);
    assert_eq!(plane.get("/_mesh/snapshots").await.1, json!({ "snapshots": [{ "name": "kept" }] }));
    assert_eq!(plane.post("/_mesh/restore", json!({ "name": "kept" })).await.0, 200);
    let (status, answer) = plane.post("/_mesh/restore", json!({ "name": "other" })).await;
    assert!(
        status == 404 && answer["error"].as_str().is_some_and(|error| error.contains("no snapshot other"))
    );
    assert_eq!(plane.call("DELETE", "/_mesh/snapshots/kept", Value::Null).await.0, 204);

    let universe = plane.state.router.universes().get(&UniverseName::DEFAULT).expect("it is there");
    let mut file = Vec::new();
    universe.export(&mut file).expect("it can be written");
    let import = async |target: &str, body: Vec<u8>| {
        let request =
            Request::builder().method("POST").uri(target).body(Body::from(body)).expect("a request");
        match plane.routes.clone().oneshot(request).await {
            Ok(answer) => answer.status().as_u16(),
            Err(never) => match never {},
        }
    };
    assert_eq!(import("/_mesh/universes/other/import", file.clone()).await, 201);
    assert_eq!(import("/_mesh/universes/other/import", file.clone()).await, 409);
    assert_eq!(import("/_mesh/universes/other/import?replace=true", file).await, 201);
    assert_eq!(import("/_mesh/universes/third/import", b"no such file".to_vec()).await, 400);
    let request =
        Request::builder().uri("/_mesh/universes/other/export").body(Body::empty()).expect("a request");
    let answer = plane.routes.clone().oneshot(request).await.unwrap_or_else(|never| match never {});
    assert_eq!(
        (answer.status().as_u16(), &answer.headers()["cache-control"]),
        (200, &"no-store".parse().expect("a value"))
    );
}
