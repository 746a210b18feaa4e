//! What a fault rule has a standard queue do: nothing that AWS's does not allow.

use crate::register;
use mesh_router::faults::Draft;
use mesh_testkit::TestBed;
use std::collections::BTreeSet;
use std::time::Duration;

/// A bed with a queue of ten messages, and this rule.
fn bed(draft: Draft) -> TestBed {
    let bed = TestBed::new(register);
    bed.call("sqs", "CreateQueue", r#"{"QueueName": "q"}"#);
    for body in 'a'..='j' {
        let sent =
            bed.call("sqs", "SendMessage", &format!(r#"{{"QueueUrl": "q", "MessageBody": "{body}"}}"#));
        assert_eq!(sent.status, 200);
    }
    let on = draft.operation.clone().or_else(|| Some("ReceiveMessage".into()));
    let rule = bed.router().faults().check(Draft { operation: on, ..draft });
    bed.router().faults().add(&bed.universe(), &[rule.expect("a rule")]).expect("the universe is there");
    bed
}

/// The bodies of the messages that one receive gets.
fn receive(bed: &TestBed, count: usize) -> Vec<String> {
    let input = format!(r#"{{"QueueUrl": "q", "MaxNumberOfMessages": {count}}}"#);
    let body = bed.call("sqs", "ReceiveMessage", &input).body.to_string();
    all(&body, "Body").into_iter().map(str::to_owned).collect()
}

#[test]
fn messages_come_in_another_order_each_once_and_in_every_run_in_the_same() {
    let run = || {
        let bed = bed(Draft { reorder: true, ..Draft::default() });
        (0..5).flat_map(|_| receive(&bed, 2)).collect::<Vec<_>>()
    };
    let received = run();
    assert_eq!(received.iter().collect::<BTreeSet<_>>().len(), 10, "{received:?}");
    assert!(!received.is_sorted(), "{received:?}");
    assert_eq!(run(), received);
}

#[test]
fn a_message_is_handed_out_twice() {
    let bed = bed(Draft { duplicate: true, times: Some(1), ..Draft::default() });
    assert_eq!((receive(&bed, 1), receive(&bed, 1)), (vec!["a".to_owned()], vec!["a".to_owned()]));
    assert_eq!(receive(&bed, 1), ["b"], "the rule strikes once");
}

/// The values of a member, wherever it stands in an answer.
fn all<'a>(answer: &'a str, member: &str) -> Vec<&'a str> {
    let written = format!(r#""{member}""#);
    answer.split(&*written).skip(1).filter_map(|rest| rest.split('"').nth(1)).collect()
}

/// A rule that has about half of a batch fail.
fn half(operation: &str) -> Draft {
    Draft { partial_batch: Some(0.5), operation: Some(operation.into()), ..Draft::default() }
}

/// What an operation on ten entries tells: the ids that succeeded, and those that failed.
fn batch(bed: &TestBed, operation: &str, entry: impl Fn(usize) -> String) -> (Vec<String>, Vec<String>) {
    let entries: Vec<String> = (0..10).map(|id| format!(r#"{{"Id": "{id}", {}}}"#, entry(id))).collect();
    let input = format!(r#"{{"QueueUrl": "q", "Entries": [{}]}}"#, entries.join(", "));
    let answer = bed.call("sqs", operation, &input);
    assert_eq!(answer.status, 200);
    let body = answer.body.to_string();
    let (successful, failed) = body.split_once(r#""Failed""#).unwrap_or((&body, ""));
    let ids = |part| all(part, "Id").into_iter().map(str::to_owned).collect::<Vec<_>>();
    let failures = all(failed, "Code");
    assert!(failures.iter().all(|code| *code == "InternalError"), "{body}");
    assert_eq!(failed.matches(r#""SenderFault": false"#).count(), failures.len(), "{body}");
    (ids(successful), ids(failed))
}

#[test]
fn entries_of_a_batch_that_fail_are_not_sent_and_in_every_run_the_same() {
    let run = || {
        let bed = bed(half("SendMessageBatch"));
        let told = batch(&bed, "SendMessageBatch", |id| format!(r#""MessageBody": "sent {id}""#));
        let mut received: Vec<String> = (0..4).flat_map(|_| receive(&bed, 10)).collect();
        received.retain(|body| body.starts_with("sent"));
        (told, received)
    };
    let ((successful, failed), received) = run();
    assert!(!successful.is_empty() && !failed.is_empty() && successful.len() + failed.len() == 10);
    assert_eq!(received, successful.iter().map(|id| format!("sent {id}")).collect::<Vec<_>>());
    assert_eq!(run(), ((successful, failed), received));
}

#[test]
fn entries_of_a_batch_that_fail_are_not_deleted_and_not_hidden_for_longer() {
    for (operation, members) in
        [("DeleteMessageBatch", ""), ("ChangeMessageVisibilityBatch", r#", "VisibilityTimeout": 600"#)]
    {
        let bed = bed(half(operation));
        let input = r#"{"QueueUrl": "q", "MaxNumberOfMessages": 10}"#;
        let answer = bed.call("sqs", "ReceiveMessage", input).body.to_string();
        let (bodies, receipts) = (all(&answer, "Body"), all(&answer, "ReceiptHandle"));
        assert_eq!(bodies.len(), 10);
        let entry = |id: usize| format!(r#""ReceiptHandle": "{}"{members}"#, receipts[id]);
        let (successful, failed) = batch(&bed, operation, entry);
        assert!(!successful.is_empty() && !failed.is_empty() && successful.len() + failed.len() == 10);
        bed.advance(Duration::from_secs(31));
        let expected: Vec<_> =
            failed.iter().map(|id| bodies[id.parse::<usize>().expect("a number")]).collect();
        assert_eq!(receive(&bed, 10), expected, "{operation}");
    }
}
