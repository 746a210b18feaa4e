//! All services that need nothing outside, in one process and in virtual time; and the program over directories that it
//! cannot use.

mod directory;

use mesh_clock::Busy;
use mesh_models::sqs::{
    DeleteMessage, DeleteMessageInput, ReceiveMessage, ReceiveMessageInput, SendMessage, SendMessageInput,
};
use mesh_router::{Context, Registry, Service};
use mesh_testkit::{BEGINNING, TestBed};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

const DAY: Duration = Duration::from_secs(24 * 3_600);

fn bed() -> TestBed {
    TestBed::new(|registry: &mut Registry| {
        mesh_queues::Queues.register(registry);
        mesh_kv_store::KvStore.register(registry);
        mesh_access::Access.register(registry);
        mesh_observability::Observability.register(registry);
        mesh_gateway::Gateway.register(registry);
    })
}

/// What was received from which queue, and at which second of the day.
type Seen = Arc<Mutex<Vec<(i64, &'static str)>>>;

/// Polls until a message is there; `None` at the end of the universe.
async fn wait_for_one(cx: &Context, queue: &str) -> Option<String> {
    loop {
        let input = ReceiveMessageInput {
            queue_url: Some(queue.to_owned()),
            wait_time_seconds: Some(20),
            ..Default::default()
        };
        let output = cx.call::<ReceiveMessage>(input).await.ok()?;
        if let Some(message) = output.messages.and_then(|messages| messages.into_iter().next()) {
            return message.receipt_handle;
        }
    }
}

/// Sends a message to itself through a queue for ever, each delayed by so many seconds.
async fn go_round(cx: Context, queue: &'static str, seconds: i32, seen: Seen, busy: Busy) {
    loop {
        let input = SendMessageInput {
            queue_url: Some(queue.to_owned()),
            message_body: Some("again".to_owned()),
            delay_seconds: Some(seconds),
            ..Default::default()
        };
        if cx.call::<SendMessage>(input).await.is_err() {
            break;
        }
        let Some(receipt_handle) = wait_for_one(&cx, queue).await else { break };
        let input =
            DeleteMessageInput { queue_url: Some(queue.to_owned()), receipt_handle: Some(receipt_handle) };
        if cx.call::<DeleteMessage>(input).await.is_err() {
            break;
        }
        let at = cx.universe().clock().now().since(BEGINNING).as_secs();
        let at = i64::try_from(at).unwrap_or(i64::MAX);
        seen.lock().unwrap_or_else(PoisonError::into_inner).push((at, queue));
    }
    drop(busy);
}

/// A day of three queues that go round, and what was seen of them.
fn day(bed: &TestBed) -> Vec<(i64, &'static str)> {
    let seen = Seen::default();
    for (queue, seconds) in [("quarter-hour", 900), ("ten-minutes", 600), ("seven-minutes", 420)] {
        bed.call("sqs", "CreateQueue", &format!(r#"{{"QueueName": "{queue}"}}"#));
        let (cx, seen) = (bed.context(), Arc::clone(&seen));
        let busy = cx.universe().clock().activity().begin();
        bed.block_on(
            "it begins",
            async move { drop(tokio::spawn(go_round(cx, queue, seconds, seen, busy))) },
        );
    }
    bed.advance(DAY);
    let seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
    seen.clone()
}

#[test]
fn a_day_passes_without_a_sleep_and_all_that_falls_due_comes_in_order_at_its_moment() {
    let bed = bed();
    let seen = day(&bed);
    assert!(seen.is_sorted_by_key(|(at, _)| *at), "in order");
    for (queue, seconds) in [("quarter-hour", 900), ("ten-minutes", 600), ("seven-minutes", 420)] {
        let moments: Vec<i64> = seen.iter().filter(|(_, of)| *of == queue).map(|(at, _)| *at).collect();
        let expected: Vec<i64> = (1..=86_400 / seconds).map(|number| number * seconds).collect();
        assert_eq!(moments, expected, "{queue}");
    }
    assert_eq!(bed.now(), BEGINNING + DAY);
}

/// Calls of every kind with a day in between: all answers and the whole record, as text.
fn script(bed: &TestBed) -> String {
    let mut told = String::new();
    let mut call = |service: &str, operation: &str, input: &str| {
        let reply = bed.call(service, operation, input);
        told += &format!("{service} {operation}: {reply:?}\n");
    };
    call("sqs", "CreateQueue", r#"{"QueueName": "orders", "Attributes": {"VisibilityTimeout": "45"}}"#);
    for number in 0..20 {
        let input =
            format!(r#"{{"QueueUrl": "orders", "MessageBody": "{number}", "DelaySeconds": {}}}"#, number % 3);
        call("sqs", "SendMessage", &input);
    }
    call(
        "dynamodb",
        "CreateTable",
        r#"{"TableName": "t", "BillingMode": "PAY_PER_REQUEST",
            "KeySchema": [{"AttributeName": "k", "KeyType": "HASH"}],
            "AttributeDefinitions": [{"AttributeName": "k", "AttributeType": "S"}]}"#,
    );
    for number in 0..20 {
        let input = format!(
            r#"{{"TableName": "t", "Item": {{"k": {{"S": "{number}"}}, "n": {{"N": "{number}"}}}}}}"#
        );
        call("dynamodb", "PutItem", &input);
    }
    call("iam", "CreateRole", r#"{"RoleName": "r", "AssumeRolePolicyDocument": "{}"}"#);
    call("apigateway", "CreateRestApi", r#"{"name": "a"}"#);
    call("logs", "CreateLogGroup", r#"{"logGroupName": "g"}"#);
    told += &format!("{:?}\n", day(bed));
    let mut call = |service: &str, operation: &str, input: &str| {
        let reply = bed.call(service, operation, input);
        told += &format!("{service} {operation}: {reply:?}\n");
    };
    call(
        "sqs",
        "ReceiveMessage",
        r#"{"QueueUrl": "orders", "MaxNumberOfMessages": 10, "AttributeNames": ["All"]}"#,
    );
    call("dynamodb", "Scan", r#"{"TableName": "t", "Limit": 7}"#);
    call("dynamodb", "DescribeTable", r#"{"TableName": "t"}"#);
    call("logs", "DescribeLogGroups", "{}");
    let record = bed.router().record().of(&bed.universe());
    for entry in record {
        // How long a call took is the one thing that real time decides.
        if let mesh_router::Entry::Call(call) = entry {
            told += &format!("{} {} {} {:?}\n", call.request_id, call.operation, call.status, call.cause);
        }
    }
    told
}

#[test]
fn the_same_script_under_the_same_seed_gives_the_same_bytes() {
    let (first, again) = (script(&bed()), script(&bed()));
    let differs = first.lines().zip(again.lines()).find(|(one, other)| one != other);
    assert_eq!(differs, None);
    assert_eq!(first.len(), again.len());
    assert!(first.contains("ReceiveMessage") && first.matches("\n").count() > 500);
}
