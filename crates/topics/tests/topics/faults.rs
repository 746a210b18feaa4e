//! What a fault rule has a topic do.

use crate::register;
use mesh_router::faults::Draft;
use mesh_testkit::TestBed;

#[test]
fn entries_of_a_batch_fail_alone_and_the_others_are_sent() {
    let bed = TestBed::new(register);
    let topic = "arn:aws:sns:us-east-1:000000000000:t";
    bed.call("sns", "CreateTopic", r#"{"Name": "t"}"#);
    bed.call("sqs", "CreateQueue", r#"{"QueueName": "q"}"#);
    let queue = "arn:aws:sqs:us-east-1:000000000000:q";
    let raw = r#"{"RawMessageDelivery": "true"}"#;
    let input = format!(
        r#"{{"TopicArn": "{topic}", "Protocol": "sqs", "Endpoint": "{queue}", "Attributes": {raw}}}"#
    );
    assert_eq!(bed.call("sns", "Subscribe", &input).status, 200);
    let draft =
        Draft { operation: Some("PublishBatch".into()), partial_batch: Some(0.5), ..Draft::default() };
    let rule = bed.router().faults().check(draft).expect("a rule");
    bed.router().faults().add(&bed.universe(), &[rule]).expect("the universe is there");
    let entries = r#"[{"Id": "a", "Message": "a"}, {"Id": "b", "Message": "b"}]"#;
    let input = format!(r#"{{"TopicArn": "{topic}", "PublishBatchRequestEntries": {entries}}}"#);
    let answer = bed.call("sns", "PublishBatch", &input).body.to_string();
    let (good, bad) = answer.split_once(r#""Failed""#).expect("both are told");
    assert_eq!((good.matches(r#""Id""#).count(), bad.matches("InternalError").count()), (1, 1), "{answer}");
    bed.settle();
    let input = r#"{"QueueUrl": "q", "MaxNumberOfMessages": 10}"#;
    let received = bed.call("sqs", "ReceiveMessage", input).body.to_string();
    assert_eq!(received.matches(r#""Body""#).count(), 1, "{received}");
}
