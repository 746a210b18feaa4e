//! What goes on by itself goes on after a restart from disk.

#[expect(dead_code, reason = "the store's own tests break this disk")]
#[path = "../../../store/tests/store/medium.rs"]
mod medium;

use crate::register;
use medium::Medium;
use mesh_clock::Mode;
use mesh_store::{Durability, Universes};
use mesh_testkit::{BEGINNING, SEED, TestBed};
use std::time::Duration;

fn bed(medium: &Medium) -> TestBed {
    TestBed::over(register, |kinds| {
        Universes::open_backend(medium.tables(), medium.logs(), Durability::Relaxed, kinds, SEED)
            .expect("it can be opened")
    })
}

/// The status of the latest task, and how many messages are in its source and in its destination.
fn progress(bed: &TestBed) -> [String; 3] {
    let tasks = bed.call(
        "sqs",
        "ListMessageMoveTasks",
        r#"{"SourceArn": "arn:aws:sqs:us-east-1:000000000000:dead"}"#,
    );
    let status = tasks.body.at("Results[0].Status").and_then(|status| status.as_str());
    let count = |queue: &str| {
        let input =
            format!(r#"{{"QueueUrl": "{queue}", "AttributeNames": ["ApproximateNumberOfMessages"]}}"#);
        let counts = bed.call("sqs", "GetQueueAttributes", &input).body;
        let count = counts.at("Attributes.ApproximateNumberOfMessages").and_then(|count| count.as_str());
        count.unwrap_or_default().to_owned()
    };
    [status.unwrap_or_default().to_owned(), count("dead"), count("other")]
}

#[test]
fn a_move_task_goes_on_after_a_restart_where_it_was_and_at_its_rate() {
    let medium = Medium::default();
    let before = bed(&medium);
    before.universe().clock().set_mode(Mode::Frozen { at: BEGINNING });
    let policy =
        r#"{\"deadLetterTargetArn\": \"arn:aws:sqs:us-east-1:000000000000:dead\", \"maxReceiveCount\": 1}"#;
    let source = format!(r#"{{"QueueName": "q", "Attributes": {{"RedrivePolicy": "{policy}"}}}}"#);
    for queue in [r#"{"QueueName": "dead"}"#, r#"{"QueueName": "other"}"#, source.as_str()] {
        assert_eq!(before.call("sqs", "CreateQueue", queue).status, 200);
    }
    for _ in 0..5 {
        before.call("sqs", "SendMessage", r#"{"QueueUrl": "dead", "MessageBody": "x"}"#);
    }
    let task = r#"{
        "SourceArn": "arn:aws:sqs:us-east-1:000000000000:dead",
        "DestinationArn": "arn:aws:sqs:us-east-1:000000000000:other",
        "MaxNumberOfMessagesPerSecond": 1
    }"#;
    assert_eq!(before.call("sqs", "StartMessageMoveTask", task).status, 200);
    before.advance(Duration::from_secs(1));
    assert_eq!(progress(&before), ["RUNNING", "3", "2"]);
    before.router().universes().close();
    drop(before);

    let after = bed(&medium);
    after.settle();
    assert_eq!(progress(&after), ["RUNNING", "3", "2"], "it is not yet due");
    after.advance(Duration::from_secs(1));
    assert_eq!(progress(&after), ["RUNNING", "2", "3"]);
    after.advance(Duration::from_secs(10));
    assert_eq!(progress(&after), ["COMPLETED", "0", "5"]);
}
