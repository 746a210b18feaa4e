//! What became of a message for each subscription is in the record.

use crate::register;
use mesh_router::{Entry, Outcome};
use mesh_testkit::TestBed;

const TOPIC: &str = "arn:aws:sns:us-east-1:000000000000:t";

fn bed() -> TestBed {
    let bed = TestBed::new(register);
    bed.call("sns", "CreateTopic", r#"{"Name": "t"}"#);
    bed.call("sqs", "CreateQueue", r#"{"QueueName": "there"}"#);
    bed.call("sqs", "CreateQueue", r#"{"QueueName": "dead"}"#);
    bed
}

fn subscribe(bed: &TestBed, queue: &str, attributes: &str) {
    let input = format!(
        r#"{{"TopicArn": "{TOPIC}", "Protocol": "sqs", "Endpoint": "arn:aws:sqs:us-east-1:000000000000:{queue}", "Attributes": {attributes}}}"#
    );
    assert_eq!(bed.call("sns", "Subscribe", &input).status, 200);
}

/// Where deliveries went, and how they ended, by name.
fn outcomes(bed: &TestBed) -> Vec<(String, Outcome)> {
    let input = format!(
        r#"{{"TopicArn": "{TOPIC}", "Message": "m", "MessageAttributes": {{"colour": {{"DataType": "String", "StringValue": "red"}}}}}}"#
    );
    assert_eq!(bed.call("sns", "Publish", &input).status, 200);
    bed.settle();
    let entries = bed.router().record().of(&bed.universe());
    let mut outcomes: Vec<(String, Outcome)> = entries
        .into_iter()
        .filter_map(|entry| match entry {
            Entry::Delivery(delivery) => Some((delivery.to.to_string(), delivery.outcome)),
            _ => None,
        })
        .collect();
    outcomes.sort_by(|(one, _), (other, _)| one.cmp(other));
    outcomes
}

#[test]
fn a_message_is_delivered_filtered_failed_or_dead_lettered() {
    let bed = bed();
    subscribe(&bed, "gone", "{}");
    subscribe(
        &bed,
        "lost",
        r#"{"RedrivePolicy": "{\"deadLetterTargetArn\": \"arn:aws:sqs:us-east-1:000000000000:dead\"}"}"#,
    );
    subscribe(&bed, "picky", r#"{"FilterPolicy": "{\"colour\": [\"blue\"]}"}"#);
    subscribe(&bed, "there", "{}");
    let outcomes = outcomes(&bed);
    let to = |queue: &str| format!("sns sqs arn:aws:sqs:us-east-1:000000000000:{queue}");
    let queue = "arn:aws:sqs:us-east-1:000000000000:dead".into();
    let filtered = Outcome::Filtered {
        policy: r#"{"colour": ["blue"]}"#.into(),
        key: "colour".into(),
        value: r#""red""#.into(),
    };
    let last_error = "QueueDoesNotExist: The specified queue does not exist.".into();
    let expected = [
        (to("gone"), Outcome::Failed { after: 1, last_error }),
        (to("lost"), Outcome::DeadLettered { queue }),
        (to("picky"), filtered),
        (to("there"), Outcome::Delivered),
    ];
    assert_eq!(outcomes, expected);
}
