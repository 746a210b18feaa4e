//! However many messages were received too often, one receive gets past them.

use crate::register;
use mesh_testkit::TestBed;
use std::time::Duration;

/// More than one transaction moves.
const SPENT: usize = 250;

#[test]
fn one_receive_moves_all_dead_letters_and_gets_what_is_behind_them() {
    let bed = TestBed::new(register);
    let policy =
        r#"{\"deadLetterTargetArn\": \"arn:aws:sqs:us-east-1:000000000000:dead\", \"maxReceiveCount\": 1}"#;
    let source = format!(r#"{{"QueueName": "q", "Attributes": {{"RedrivePolicy": "{policy}"}}}}"#);
    for queue in [r#"{"QueueName": "dead"}"#, source.as_str()] {
        assert_eq!(bed.call("sqs", "CreateQueue", queue).status, 200);
    }
    for _ in 0..SPENT {
        bed.call("sqs", "SendMessage", r#"{"QueueUrl": "q", "MessageBody": "spent"}"#);
        let received = bed.call("sqs", "ReceiveMessage", r#"{"QueueUrl": "q"}"#).body;
        assert!(received.at("Messages[0]").is_some());
    }
    bed.advance(Duration::from_secs(30));
    bed.call("sqs", "SendMessage", r#"{"QueueUrl": "q", "MessageBody": "behind"}"#);
    let received = bed.call("sqs", "ReceiveMessage", r#"{"QueueUrl": "q", "MaxNumberOfMessages": 10}"#).body;
    assert_eq!(received.at("Messages[0].Body").and_then(|body| body.as_str()), Some("behind"));
    assert!(received.at("Messages[1]").is_none());
    let count = r#"{"QueueUrl": "dead", "AttributeNames": ["ApproximateNumberOfMessages"]}"#;
    let counts = bed.call("sqs", "GetQueueAttributes", count).body;
    let count = counts.at("Attributes.ApproximateNumberOfMessages").and_then(|count| count.as_str());
    assert_eq!(count, Some(SPENT.to_string().as_str()));
}
