//! A mesh-local inside this process, called as clients call it: over its port.

use mesh_local_embed::{Mesh, Options, Refused, StartError};
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, SystemTime};

const PATIENCE: Duration = Duration::from_secs(20);
const QUARTER: Duration = Duration::from_secs(900);

/// A client that blocks its thread: what is posted to a path of an endpoint, and its answer.
fn post(endpoint: &str, path: &str, headers: &str, body: &Value) -> (u16, Value) {
    let place = endpoint.strip_prefix("http://").expect("an endpoint is HTTP");
    let (host, prefix) =
        place.split_once('/').map_or((place, String::new()), |(host, path)| (host, format!("/{path}")));
    let body = body.to_string();
    let mut stream = TcpStream::connect(host).expect("it listens");
    stream.set_read_timeout(Some(PATIENCE)).expect("a time-out");
    write!(
        stream,
        "POST {prefix}{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{headers}\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .expect("it takes the request");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("it answers");
    let (head, body) = answer.split_once("\r\n\r\n").expect("an answer has a head");
    let status =
        head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("an answer has a status");
    (status, serde_json::from_str(body).expect("JSON"))
}

/// An operation of SQS, and its answer.
fn sqs(endpoint: &str, operation: &str, input: &Value) -> (u16, Value) {
    let headers = format!("X-Amz-Target: AmazonSQS.{operation}\r\nContent-Type: application/x-amz-json-1.0");
    post(endpoint, "/", &headers, input)
}

fn create(endpoint: &str) -> String {
    let (status, told) = sqs(endpoint, "CreateQueue", &json!({ "QueueName": "orders" }));
    assert_eq!(status, 200, "{told}");
    told["QueueUrl"].as_str().expect("a URL").to_owned()
}

fn bodies(endpoint: &str, queue: &str) -> Vec<String> {
    let (_, told) = sqs(endpoint, "ReceiveMessage", &json!({ "QueueUrl": queue, "MaxNumberOfMessages": 10 }));
    let messages = told["Messages"].as_array().cloned().unwrap_or_default();
    messages.iter().filter_map(|message| message["Body"].as_str().map(ToOwned::to_owned)).collect()
}

#[tokio::test]
async fn a_client_that_blocks_the_only_thread_is_served() {
    let mesh = Mesh::start().await.expect("it starts");
    let queue = create(mesh.endpoint_url());
    assert!(queue.starts_with(mesh.endpoint_url()), "{queue}");
    let (_, sent) =
        sqs(mesh.endpoint_url(), "SendMessage", &json!({ "QueueUrl": queue, "MessageBody": "hello" }));
    assert_eq!(bodies(mesh.endpoint_url(), &queue), ["hello"]);
    let why =
        mesh.universe().why(sent["MessageId"].as_str().expect("an id")).await.expect("the record has it");
    assert_eq!(why["caused"][0]["operation"], "SendMessage");
    assert!(!mesh.universe().record().await.expect("a record").is_empty());
}

#[tokio::test]
async fn a_fork_is_a_tests_own_and_gone_with_it() {
    let mesh = Mesh::start().await.expect("it starts");
    let queue = create(mesh.endpoint_url());
    let one = mesh.universe().fork().await.expect("a fork");
    let other = mesh.universe().fork().await.expect("a fork");
    for (fork, body) in [(&one, "one"), (&other, "other")] {
        let (status, told) =
            sqs(fork.endpoint_url(), "SendMessage", &json!({ "QueueUrl": queue, "MessageBody": body }));
        assert_eq!(status, 200, "{told}");
    }
    assert_eq!(bodies(one.endpoint_url(), &queue), ["one"]);
    assert_eq!(bodies(mesh.endpoint_url(), &queue), Vec::<String>::new());
    drop(one);
    let gone = async { while mesh.universes().await.expect("a list").len() > 2 {} };
    tokio::time::timeout(PATIENCE, gone).await.expect("the dropped fork is deleted");
    assert_eq!(mesh.universes().await.expect("a list"), ["default", other.name()]);
    let name = other.name().to_owned();
    other.delete().await.expect("it is there");
    let kept = mesh.universe().fork_as(&name).await.expect("the name is free").keep();
    assert_eq!(mesh.universes().await.expect("a list"), ["default", kept.name()]);
    let refused = mesh.create("default").await.expect_err("there is one");
    assert_eq!(refused.status, 409, "{refused}");
}

/// `index.py` in an archive: a handler that tells the name in its event and the endpoint it is to call.
const FUNCTION: &str = "UEsDBBQAAAAAAAAAIVwh2A10cgAAAHIAAAAIAAAAaW5kZXgucHlpbXBvcnQgb3MKCmRlZiBoYW5kbGVyKGV2ZW50LCBjb250ZXh0KT\
    oKICAgIHJldHVybiB7ImhlbGxvIjogZXZlbnRbIm5hbWUiXSwgImF0Ijogb3MuZW52aXJvblsiQVdTX0VORFBPSU5UX1VSTCJdfQpQSwECFAMUAAAAAA\
    AAACFcIdgNdHIAAAByAAAACAAAAAAAAAAAAAAAgAEAAAAAaW5kZXgucHlQSwUGAAAAAAEAAQA2AAAAmAAAAAAA";

#[tokio::test]
async fn a_function_runs_in_the_universe_that_it_is_called_in() {
    if std::process::Command::new("python3").arg("--version").output().is_err() {
        return;
    }
    let mesh = Mesh::start().await.expect("it starts");
    let made = json!({
        "FunctionName": "f", "Runtime": "python3.11", "Handler": "index.handler",
        "Role": "arn:aws:iam::000000000000:role/r", "Code": { "ZipFile": FUNCTION },
    });
    let json = "Content-Type: application/json";
    let (status, told) = post(mesh.endpoint_url(), "/2015-03-31/functions", json, &made);
    assert_eq!(status, 201, "{told}");
    let fork = mesh.universe().fork().await.expect("a fork");
    for endpoint in [mesh.endpoint_url(), fork.endpoint_url()] {
        let invocations = "/2015-03-31/functions/f/invocations";
        let told = post(endpoint, invocations, json, &json!({ "name": "world" }));
        let at = told.1["at"].as_str().unwrap_or_default();
        assert_eq!((told.0, &told.1["hello"]), (200, &json!("world")), "{}", told.1);
        let own = endpoint.trim_start_matches("http://localhost");
        assert!(at.trim_end_matches('/').ends_with(own), "{at} and {endpoint}");
    }
}

#[tokio::test]
async fn a_universe_comes_out_of_the_file_it_went_into() {
    let mesh = Mesh::start().await.expect("it starts");
    let queue = create(mesh.endpoint_url());
    let send = json!({ "QueueUrl": queue, "MessageBody": "kept" });
    assert_eq!(sqs(mesh.endpoint_url(), "SendMessage", &send).0, 200);
    let file = mesh.universe().export().await.expect("it can be written");
    let other = Mesh::start().await.expect("it starts");
    let copy = other.create_from(file.clone(), "copy").await.expect("it can be read");
    assert_eq!(bodies(copy.endpoint_url(), &queue), ["kept"]);
    assert_eq!(other.create_from(file, "copy").await.expect_err("there is one").status, 409);
    let refused =
        other.create_from(b"something else".to_vec(), "third").await.expect_err("it is no such file");
    assert!(refused.sentence.contains("cannot be imported"), "{refused}");
}

#[tokio::test]
async fn a_quarter_of_an_hour_passes_at_once() {
    let at = SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_225_600);
    let mesh =
        Mesh::start_with(Options { frozen_at: Some(at), ..Options::default() }).await.expect("it starts");
    let (clock, endpoint) = (mesh.universe().clock(), mesh.endpoint_url());
    assert_eq!(clock.now().await, Ok(at));
    let queue = create(endpoint);
    let late = json!({ "QueueUrl": queue, "MessageBody": "late", "DelaySeconds": 900 });
    assert_eq!(sqs(endpoint, "SendMessage", &late).0, 200);
    clock.advance(QUARTER - Duration::from_micros(1)).await.expect("it comes to rest");
    assert_eq!(bodies(endpoint, &queue), Vec::<String>::new());
    let advanced = clock.advance(Duration::from_micros(1)).await.expect("it comes to rest");
    assert_eq!(bodies(endpoint, &queue), ["late"]);
    assert_eq!(advanced.micros, 1_767_226_500_000_000);
    assert_eq!(clock.now().await, Ok(at + QUARTER));

    let refused: Refused = clock.set(at).await.expect_err("time does not run backwards");
    assert!(refused.details["floor"].is_string(), "{refused}");
    clock.set(at + QUARTER * 2).await.expect("later");
    assert_eq!(clock.now().await, Ok(at + QUARTER * 2));
    clock.offset(QUARTER).await.expect("ahead of the machine");
    clock.freeze().await.expect("it stands");
    assert_eq!(clock.now().await, clock.now().await);
    clock.resume().await.expect("it runs");
    mesh.universe().settle().await.expect("nothing is due");
}

#[tokio::test]
async fn what_is_waited_for_comes_without_a_sleep_or_is_said_not_to() {
    let mesh = Mesh::start().await.expect("it starts");
    let (universe, endpoint, queue) = (mesh.universe(), mesh.endpoint_url(), create(mesh.endpoint_url()));
    let arrived = async || bodies(endpoint, &queue).pop();
    universe.clock().freeze().await.expect("it stands");
    assert!(universe.clock().is_frozen().await.expect("it is there"));
    let before = universe.clock().now().await.expect("it is there");
    let late = json!({ "QueueUrl": queue, "MessageBody": "late", "DelaySeconds": 30 });
    assert_eq!(sqs(endpoint, "SendMessage", &late).0, 200);
    assert_eq!(universe.wait_for(QUARTER, arrived).await, Ok("late".to_owned()));
    assert_eq!(universe.clock().now().await, Ok(before + Duration::from_secs(30)));
    let refused = universe.wait_for(Duration::from_millis(1_500), async || None::<()>).await;
    let refused = refused.expect_err("nothing comes");
    assert!(refused.status == 408 && refused.sentence.contains("1.5s of its own time"), "{refused}");
    assert_eq!(universe.clock().now().await, Ok(before + Duration::from_millis(31_500)));

    universe.clock().resume().await.expect("it runs");
    let slow = json!({ "service": "sqs", "operation": "SendMessage", "latency": "100ms" });
    universe.faults().add(slow).await.expect("a rule");
    let send = json!({ "QueueUrl": queue, "MessageBody": "slow" });
    let sending = std::thread::spawn({
        let endpoint = endpoint.to_owned();
        move || sqs(&endpoint, "SendMessage", &send).0
    });
    let arrived = async || bodies(endpoint, &queue).pop();
    assert_eq!(universe.wait_for(PATIENCE, arrived).await, Ok("slow".to_owned()));
    assert_eq!(sending.join().expect("an answer"), 200);
    let refused = universe.wait_for(Duration::from_millis(30), async || None::<()>).await;
    assert!(refused.expect_err("nothing comes").sentence.contains("30ms of real time"));
}

#[tokio::test]
async fn a_rule_strikes_and_a_wrong_one_says_why() {
    let mesh = Mesh::start().await.expect("it starts");
    let (universe, queue) = (mesh.universe(), create(mesh.endpoint_url()));
    universe
        .faults()
        .add(json!({ "name": "odd-one", "service": "sqs", "operation": "SendMessage", "error": "ServiceUnavailable", "every": 2 }))
        .await
        .expect("a rule");
    let send = json!({ "QueueUrl": queue, "MessageBody": "hello" });
    let statuses: Vec<u16> = (0..4).map(|_| sqs(mesh.endpoint_url(), "SendMessage", &send).0).collect();
    assert_eq!(statuses, [200, 503, 200, 503]);
    let rules = universe.faults().list().await.expect("rules");
    assert_eq!((&rules[0]["matches"], &rules[0]["injected"]), (&json!(4), &json!(2)));
    universe.faults().remove("odd-one").await.expect("it is there");
    universe.faults().clear().await.expect("nothing is there");
    assert_eq!(sqs(mesh.endpoint_url(), "SendMessage", &send).0, 200);
    let refused = universe.faults().add(json!({ "service": "sqss", "drop": "before" })).await;
    assert!(refused.expect_err("no such service").sentence.contains("sqss"));
    universe.reset().await.expect("it is there");
    assert_eq!(sqs(mesh.endpoint_url(), "SendMessage", &send).0, 400);
}

#[tokio::test]
async fn the_port_is_free_when_a_mesh_is_dropped_though_a_poll_waits() {
    let mesh = Mesh::start().await.expect("it starts");
    let (endpoint, queue) = (mesh.endpoint_url().to_owned(), create(mesh.endpoint_url()));
    let port = endpoint.rsplit(':').next().and_then(|port| port.parse().ok()).expect("a port");
    let taken = Mesh::start_with(Options { port, ..Options::default() }).await;
    assert!(matches!(taken, Err(StartError::Listen(_))));
    let fork = mesh.universe().fork().await.expect("a fork");
    let poll = json!({ "QueueUrl": queue, "WaitTimeSeconds": 20 });
    let waiting = {
        let endpoint = endpoint.clone();
        std::thread::spawn(move || sqs(&endpoint, "ReceiveMessage", &poll).0)
    };
    let waits = async { while mesh.universe().waiting().await.expect("it is there") == 0 {} };
    tokio::time::timeout(PATIENCE, waits).await.expect("it waits");
    drop(mesh);
    assert_eq!(waiting.join().expect("an answer"), 503);
    assert!(TcpStream::connect(("127.0.0.1", port)).is_err());
    assert_eq!(fork.settle().await.expect_err("it has ended").status, 503);
    let again = Mesh::start_with(Options { port, ..Options::default() }).await.expect("the port is free");
    assert_eq!(again.endpoint_url(), endpoint);
}
