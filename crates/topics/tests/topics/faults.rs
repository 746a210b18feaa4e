//! What a fault rule has a batch do.

use crate::register;
use mesh_router::faults::Draft;
use mesh_testkit::TestBed;

/// The values of a member, in the order in which they stand in an answer.
fn all<'a>(answer: &'a str, member: &str) -> Vec<&'a str> {
    let written = format!(r#""{member}""#);
    answer.split(&*written).skip(1).filter_map(|rest| rest.split('"').nth(1)).collect()
}

/// The ids that succeeded, those that failed, and what arrived.
fn run() -> (Vec<String>, Vec<String>, Vec<String>) {
    let bed = TestBed::new(register);
    let call = |service: &str, operation: &str, input: &str| {
        let answer = bed.call(service, operation, input);
        assert_eq!(answer.status, 200, "{operation}: {:?}", answer.body);
        answer.body.to_string()
    };
    call("sqs", "CreateQueue", r#"{"QueueName": "q"}"#);
    call("sns", "CreateTopic", r#"{"Name": "t"}"#);
    let topic = "arn:aws:sns:us-east-1:000000000000:t";
    let subscribe = format!(
        r#"{{"TopicArn": "{topic}", "Protocol": "sqs", "Endpoint": "arn:aws:sqs:us-east-1:000000000000:q",
            "Attributes": {{"RawMessageDelivery": "true"}}}}"#
    );
    call("sns", "Subscribe", &subscribe);
    let half = Draft { partial_batch: Some(0.5), operation: Some("PublishBatch".into()), ..Draft::default() };
    let rule = bed.router().faults().check(half).expect("a rule");
    bed.router().faults().add(&bed.universe(), &[rule]).expect("the universe is there");
    let entries: Vec<String> =
        (0..10).map(|id| format!(r#"{{"Id": "{id}", "Message": "sent {id}"}}"#)).collect();
    let batch =
        format!(r#"{{"TopicArn": "{topic}", "PublishBatchRequestEntries": [{}]}}"#, entries.join(", "));
    let body = call("sns", "PublishBatch", &batch);
    let (successful, failed) = body.split_once(r#""Failed""#).expect("it has both");
    assert!(all(failed, "Code").iter().all(|code| *code == "InternalError"), "{body}");
    assert_eq!(all(failed, "Code").len(), all(failed, "Id").len());
    let own = |texts: Vec<&str>| texts.into_iter().map(str::to_owned).collect::<Vec<_>>();
    let (successful, failed) = (own(all(successful, "Id")), own(all(failed, "Id")));
    bed.settle();
    let received = call("sqs", "ReceiveMessage", r#"{"QueueUrl": "q", "MaxNumberOfMessages": 10}"#);
    let mut received = own(all(&received, "Body"));
    received.sort();
    (successful, failed, received)
}

#[test]
fn entries_of_a_batch_that_fail_are_not_published_and_in_every_run_the_same() {
    let (successful, failed, received) = run();
    assert!(!successful.is_empty() && !failed.is_empty() && successful.len() + failed.len() == 10);
    assert_eq!(received, successful.iter().map(|id| format!("sent {id}")).collect::<Vec<_>>());
    assert_eq!(run(), (successful, failed, received));
}
