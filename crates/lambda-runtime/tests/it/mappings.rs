//! Event source mappings, with a function that is played by the test: what it gets, and when.

use crate::rig::{function, text};
use mesh_lambda_runtime::LambdaRuntime;
use mesh_models::lambda::{self, InvokeError, InvokeInput, InvokeOutput, TooManyRequestsException};
use mesh_queues::Queues;
use mesh_router::{Context, Handler, Service};
use mesh_testkit::TestBed;
use mesh_wire::{Blob, ErrorShape, Operation};
use parking_lot::Mutex;
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

/// What the function does with an event.
enum Deed {
    Answer(&'static str),
    Fail,
    Throttle,
    Take(Duration),
}

/// A function that is played: what it got, with the universe and the second, and what it does next; then it succeeds.
#[derive(Clone, Default)]
struct Played {
    got: Arc<Mutex<Vec<(String, i64, Value)>>>,
    deeds: Arc<Mutex<VecDeque<Deed>>>,
}

impl Handler<lambda::Invoke> for Played {
    fn run<'a>(
        &'a self,
        cx: &'a Context,
        input: InvokeInput,
    ) -> impl Future<Output = Result<InvokeOutput, InvokeError>> + Send + 'a {
        let event = serde_json::from_slice(input.payload.expect("an event").as_ref()).expect("JSON");
        let clock = cx.universe().clock();
        self.got.lock().push((cx.universe().name().to_string(), clock.now().as_secs(), event));
        let deed = self.deeds.lock().pop_front();
        async move {
            let mut output = InvokeOutput { status_code: Some(200), ..InvokeOutput::default() };
            match deed {
                Some(Deed::Answer(answer)) => output.payload = Some(Blob::new(answer)),
                Some(Deed::Fail) => output.function_error = text("Unhandled"),
                Some(Deed::Throttle) => {
                    return Err(TooManyRequestsException::from_message("Rate Exceeded.".to_owned()).into());
                }
                Some(Deed::Take(span)) => clock.sleep_until(clock.now() + span).await,
                None => {}
            }
            Ok(output)
        }
    }
}

struct Bed {
    bed: TestBed,
    played: Played,
    began: i64,
}

const QUEUE: &str = "arn:aws:sqs:us-east-1:000000000000:q";
const URL: &str = "http://localhost:4566/000000000000/q";

impl Bed {
    /// A queue, a function, and a mapping between them on these terms.
    fn new(terms: Value) -> (Self, String) {
        let played = Played::default();
        let plays = played.clone();
        let bed = TestBed::new(move |registry| {
            LambdaRuntime.register(registry);
            Queues.register(registry);
            registry.operation::<lambda::Invoke>(plays);
        });
        let began = bed.now().as_secs();
        let bed = Self { bed, played, began };
        bed.sqs("CreateQueue", json!({"QueueName": "q"}));
        bed.create_function();
        let mut input = terms;
        input["FunctionName"] = json!("f");
        input["EventSourceArn"] = json!(QUEUE);
        let created = bed.lambda("CreateEventSourceMapping", input);
        let id = created["UUID"].as_str().expect("a UUID").to_owned();
        bed.bed.settle();
        (bed, id)
    }

    fn create_function(&self) {
        self.call::<lambda::CreateFunction>(function("f", "python3.12", "a.b", &[("a.py", "")]));
    }

    fn call<O: Operation>(&self, input: O::Input) -> O::Output {
        let cx = self.bed.context();
        let called = self.bed.block_on("a call", async move {
            let _busy = cx.universe().clock().activity().begin();
            cx.call::<O>(input).await
        });
        called.unwrap_or_else(|error| panic!("{error}"))
    }

    fn reply(&self, service: &str, operation: &str, input: &Value) -> Value {
        let reply = self.bed.call(service, operation, &input.to_string());
        assert!(reply.status < 300, "{operation} {input}: {:?}", reply.body);
        serde_json::from_str(&reply.body.to_string()).expect("JSON")
    }

    fn sqs(&self, operation: &str, input: Value) -> Value {
        self.reply("sqs", operation, &input)
    }

    fn lambda(&self, operation: &str, input: Value) -> Value {
        self.reply("lambda", operation, &input)
    }

    fn send(&self, body: &str) {
        self.sqs("SendMessage", json!({"QueueUrl": URL, "MessageBody": body}));
        self.bed.settle();
    }

    fn advance(&self, seconds: u64) {
        self.bed.advance(Duration::from_secs(seconds));
    }

    fn next(&self, deeds: impl IntoIterator<Item = Deed>) {
        self.played.deeds.lock().extend(deeds);
    }

    /// Per invocation: the second, and the bodies.
    fn got(&self) -> Vec<(i64, Vec<String>)> {
        let bodies = |event: &Value| {
            let records = event["Records"].as_array().expect("records");
            records.iter().map(|record| record["body"].as_str().expect("a body").to_owned()).collect()
        };
        self.played.got.lock().iter().map(|(_, at, event)| (at - self.began, bodies(event))).collect()
    }

    /// Messages in the queue: visible, and hidden.
    fn count(&self) -> (String, String) {
        let names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"];
        let answer = self.sqs("GetQueueAttributes", json!({"QueueUrl": URL, "AttributeNames": names}));
        let of = |name: &str| answer["Attributes"][name].as_str().expect("a count").to_owned();
        (of(names[0]), of(names[1]))
    }

    fn is_empty(&self) -> bool {
        self.count() == ("0".to_owned(), "0".to_owned())
    }

    fn state(&self, id: &str) -> Value {
        self.lambda("GetEventSourceMapping", json!({"UUID": id}))["State"].clone()
    }
}

fn one(at: i64, bodies: &[&str]) -> (i64, Vec<String>) {
    (at, bodies.iter().map(|body| (*body).to_owned()).collect())
}

#[test]
fn a_message_reaches_the_function_as_aws_shows_it_and_is_deleted() {
    let (bed, id) = Bed::new(json!({}));
    assert_eq!(bed.state(&id), "Enabled");
    let attributes = json!({"t": {"DataType": "String", "StringValue": "x"}});
    bed.sqs("SendMessage", json!({"QueueUrl": URL, "MessageBody": "hello", "MessageAttributes": attributes}));
    bed.bed.settle();
    let event = bed.played.got.lock()[0].2.clone();
    let record = &event["Records"][0];
    assert_eq!(record["body"], "hello");
    assert_eq!(record["eventSource"], "aws:sqs");
    assert_eq!(record["eventSourceARN"], QUEUE);
    assert_eq!(record["awsRegion"], "us-east-1");
    assert_eq!(record["md5OfBody"], "5d41402abc4b2a76b9719d911017c592");
    assert_eq!(record["attributes"]["ApproximateReceiveCount"], "1");
    assert_eq!(record["messageAttributes"]["t"]["stringValue"], "x");
    let sent = (bed.began * 1000).to_string();
    assert_eq!(record["attributes"]["SentTimestamp"], sent.as_str());
    assert_eq!(record["attributes"]["ApproximateFirstReceiveTimestamp"], sent.as_str());
    assert!(bed.is_empty());
}

#[test]
fn what_failed_is_tried_again_when_it_is_visible_again() {
    // recordings/lambda.json::test_failing_lambda_retries_after_visibility_timeout
    let (bed, _) = Bed::new(json!({"BatchSize": 1}));
    bed.next([Deed::Fail]);
    bed.send("a");
    assert_eq!(bed.count(), ("0".to_owned(), "1".to_owned()));
    bed.advance(29);
    assert_eq!(bed.got(), [one(0, &["a"])]);
    bed.advance(1);
    assert_eq!(bed.got(), [one(0, &["a"]), one(30, &["a"])]);
    let again = bed.played.got.lock()[1].2["Records"][0]["attributes"]["ApproximateReceiveCount"].clone();
    assert_eq!(again, "2");
    assert!(bed.is_empty());
}

#[test]
fn of_a_batch_only_what_the_function_names_has_failed() {
    let (bed, _) = Bed::new(json!({
        "FunctionResponseTypes": ["ReportBatchItemFailures"], "MaximumBatchingWindowInSeconds": 1
    }));
    bed.next([Deed::Answer(r#"{"batchItemFailures": [{"itemIdentifier": "nobody"}]}"#)]);
    bed.send("a");
    bed.send("b");
    bed.advance(1);
    assert_eq!(bed.got(), [one(1, &["a", "b"])]);
    assert_eq!(bed.count().1, "2");
    let id = bed.played.got.lock()[0].2["Records"][1]["messageId"].as_str().expect("an id").to_owned();
    let answer = json!({"batchItemFailures": [{"itemIdentifier": id}]}).to_string();
    bed.next([Deed::Answer(answer.leak())]);
    bed.advance(31);
    assert_eq!(bed.got()[1], one(31, &["a", "b"]));
    bed.advance(31);
    assert_eq!(bed.got()[2], one(61, &["b"]));
    assert!(bed.is_empty());
}

#[test]
fn without_that_term_the_answer_says_nothing() {
    let (bed, _) = Bed::new(json!({}));
    bed.next([Deed::Answer(r#"{"batchItemFailures": [{"itemIdentifier": "nobody"}]}"#)]);
    bed.send("a");
    assert!(bed.is_empty());
}

#[test]
fn what_no_filter_lets_pass_is_deleted() {
    let filters = json!([{"Pattern": r#"{"body":{"n":[{"numeric":[">",100]}]}}"#}, {"Pattern": r#"{"body":["plain"]}"#}]);
    let (bed, _) = Bed::new(json!({"FilterCriteria": {"Filters": filters}}));
    for body in [r#"{"n":100}"#, "plain", r#"{"n":101}"#, "other"] {
        bed.send(body);
    }
    assert_eq!(bed.got(), [one(0, &["plain"]), one(0, &[r#"{"n":101}"#])]);
    assert!(bed.is_empty());
}

#[test]
fn a_window_gathers_until_it_is_over_or_the_batch_is_full() {
    let (bed, _) = Bed::new(json!({"BatchSize": 12, "MaximumBatchingWindowInSeconds": 5}));
    bed.send("a");
    bed.bed.advance(Duration::from_millis(3_500));
    bed.send("b");
    bed.bed.advance(Duration::from_millis(1_499));
    assert_eq!(bed.got(), []);
    bed.bed.advance(Duration::from_millis(1));
    assert_eq!(bed.got(), [one(5, &["a", "b"])]);
    let all: Vec<String> = (0..12).map(|n| n.to_string()).collect();
    all.iter().for_each(|body| bed.send(body));
    assert_eq!(bed.got()[1], (5, all));
}

#[test]
fn a_message_that_is_visible_again_within_a_window_is_in_the_batch_once() {
    let (bed, _) = Bed::new(json!({"MaximumBatchingWindowInSeconds": 40}));
    bed.send("a");
    bed.advance(35);
    bed.send("b");
    bed.advance(5);
    assert_eq!(bed.got(), [one(40, &["a", "b"])]);
    assert!(bed.is_empty());
}

#[test]
fn what_is_disabled_or_deleted_is_off() {
    let (bed, id) = Bed::new(json!({"Enabled": false}));
    assert_eq!(bed.state(&id), "Disabled");
    bed.send("a");
    bed.advance(60);
    assert_eq!(bed.got(), []);
    let updated = bed.lambda("UpdateEventSourceMapping", json!({"UUID": id, "Enabled": true}));
    assert_eq!(updated["State"], "Enabling");
    bed.bed.settle();
    assert_eq!((bed.state(&id), bed.got()), (json!("Enabled"), vec![one(60, &["a"])]));
    bed.lambda("UpdateEventSourceMapping", json!({"UUID": id, "Enabled": false}));
    bed.send("b");
    bed.advance(60);
    assert_eq!((bed.state(&id), bed.got().len()), (json!("Disabled"), 1));
    bed.lambda("UpdateEventSourceMapping", json!({"UUID": id, "Enabled": true}));
    bed.bed.settle();
    assert_eq!(bed.got().len(), 2);
    let deleted = bed.lambda("DeleteEventSourceMapping", json!({"UUID": id}));
    assert_eq!(deleted["State"], "Deleting");
    bed.send("c");
    bed.advance(60);
    assert_eq!((bed.got().len(), bed.count().0.as_str()), (2, "1"));
    let gone = bed.bed.call("lambda", "GetEventSourceMapping", &json!({"UUID": id}).to_string());
    assert_eq!(gone.error.as_deref(), Some("ResourceNotFoundException"));
}

#[test]
fn as_many_batches_are_worked_on_at_once_as_may_be() {
    let (bed, _) = Bed::new(json!({"BatchSize": 1, "ScalingConfig": {"MaximumConcurrency": 2}}));
    bed.next([Deed::Take(Duration::from_secs(7)), Deed::Take(Duration::from_secs(10))]);
    ["a", "b", "c"].iter().for_each(|body| bed.send(body));
    bed.advance(6);
    // the third is not hidden while nobody can work on it
    assert_eq!((bed.got().len(), bed.count()), (2, ("1".to_owned(), "2".to_owned())));
    bed.advance(1);
    assert_eq!(bed.got()[2], one(7, &["c"]));
    bed.advance(3);
    assert!(bed.is_empty());
}

#[test]
fn a_throttled_batch_is_tried_again_while_its_messages_are_hidden() {
    let (bed, _) = Bed::new(json!({}));
    bed.next([Deed::Throttle, Deed::Throttle]);
    bed.send("a");
    bed.advance(3);
    assert_eq!(bed.got(), [one(0, &["a"]), one(1, &["a"]), one(3, &["a"])]);
    assert!(bed.is_empty());
    bed.next(std::iter::repeat_with(|| Deed::Throttle).take(5));
    bed.send("b");
    bed.advance(29);
    assert_eq!(bed.got().len(), 8);
    bed.advance(1);
    assert_eq!(bed.got()[8], one(33, &["b"]));
    assert!(bed.is_empty());
}

#[test]
fn messages_wait_untouched_for_a_function_that_was_deleted() {
    let (bed, _) = Bed::new(json!({}));
    bed.lambda("DeleteFunction", json!({"FunctionName": "f"}));
    // the receive that was under way then
    bed.advance(20);
    bed.send("a");
    bed.advance(40);
    assert_eq!((bed.got(), bed.count().0.as_str()), (vec![], "1"));
    bed.create_function();
    bed.advance(60);
    assert_eq!(bed.got().len(), 1);
    let count = bed.played.got.lock()[0].2["Records"][0]["attributes"]["ApproximateReceiveCount"].clone();
    assert_eq!(count, "1");
}

#[test]
fn a_queue_that_was_deleted_may_come_again() {
    let (bed, id) = Bed::new(json!({}));
    bed.sqs("DeleteQueue", json!({"QueueUrl": URL}));
    bed.advance(300);
    assert_eq!(bed.state(&id), "Enabled");
    bed.sqs("CreateQueue", json!({"QueueName": "q"}));
    bed.send("a");
    bed.advance(60);
    assert_eq!(bed.got().len(), 1);
    assert!(bed.is_empty());
}

#[test]
fn a_fork_goes_on_by_itself_and_a_reset_universe_does_not() {
    let (bed, _) = Bed::new(json!({}));
    bed.sqs("SendMessage", json!({"QueueUrl": URL, "MessageBody": "later", "DelaySeconds": 60}));
    bed.bed.settle();
    bed.bed.fork("other");
    bed.bed.enter("other");
    bed.advance(60);
    let universes: Vec<String> = bed.played.got.lock().iter().map(|(name, _, _)| name.clone()).collect();
    assert_eq!(universes, ["other"]);
    assert!(bed.is_empty());
    bed.bed.enter("default");
    assert!(!bed.is_empty() || bed.bed.now().as_secs() == bed.began);
    bed.advance(60);
    assert_eq!(bed.got().len(), 2);
    bed.bed.reset();
    bed.sqs("CreateQueue", json!({"QueueName": "q"}));
    bed.send("a");
    bed.advance(60);
    assert_eq!(bed.got().len(), 2);
}

#[test]
fn of_a_group_one_batch_is_worked_on_at_a_time_and_in_order() {
    // the mapping of the bed's own queue has nothing to do
    let (bed, _) = Bed::new(json!({}));
    let fifo = json!({"QueueName": "q.fifo", "Attributes": {"FifoQueue": "true"}});
    let url = bed.sqs("CreateQueue", fifo)["QueueUrl"].clone();
    let source = format!("{QUEUE}.fifo");
    bed.lambda(
        "CreateEventSourceMapping",
        json!({"FunctionName": "f", "EventSourceArn": source, "BatchSize": 1}),
    );
    bed.bed.settle();
    bed.next([Deed::Take(Duration::from_secs(10)), Deed::Fail]);
    for (group, body) in [("g", "1"), ("h", "2"), ("g", "3"), ("h", "4")] {
        let message = json!({
            "QueueUrl": url, "MessageBody": body, "MessageGroupId": group, "MessageDeduplicationId": body
        });
        bed.sqs("SendMessage", message);
    }
    bed.bed.settle();
    // g is being worked on, and h has failed: both wait
    assert_eq!(bed.got(), [one(0, &["1"]), one(0, &["2"])]);
    let group = bed.played.got.lock()[0].2["Records"][0]["attributes"]["MessageGroupId"].clone();
    assert_eq!(group, "g");
    bed.advance(10);
    assert_eq!(bed.got()[2..], [one(10, &["3"])]);
    bed.advance(20);
    assert_eq!(bed.got()[3..], [one(30, &["2"]), one(30, &["4"])]);
}

#[test]
fn nothing_runs_while_the_queue_is_empty() {
    let (bed, _) = Bed::new(json!({}));
    let universe = bed.bed.universe();
    assert_eq!(universe.clock().activity().running(), 0);
    // one receive in twenty seconds, as long as SQS lets one wait
    assert_eq!(universe.waiting(), 2, "the driver, and one long poll");
}
