//! What a fault rule has a standard queue do: nothing that AWS's does not allow.

use crate::register;
use mesh_router::faults::Draft;
use mesh_testkit::TestBed;
use std::collections::BTreeSet;

/// A bed with a queue of ten messages, and this rule.
fn bed(draft: Draft) -> TestBed {
    let bed = TestBed::new(register);
    bed.call("sqs", "CreateQueue", r#"{"QueueName": "q"}"#);
    for body in 'a'..='j' {
        let sent =
            bed.call("sqs", "SendMessage", &format!(r#"{{"QueueUrl": "q", "MessageBody": "{body}"}}"#));
        assert_eq!(sent.status, 200);
    }
    let rule = bed.router().faults().check(Draft { operation: Some("ReceiveMessage".into()), ..draft });
    bed.router().faults().add(&bed.universe(), &[rule.expect("a rule")]).expect("the universe is there");
    bed
}

/// The bodies of the messages that one receive gets.
fn receive(bed: &TestBed, count: usize) -> Vec<String> {
    let input = format!(r#"{{"QueueUrl": "q", "MaxNumberOfMessages": {count}}}"#);
    let body = bed.call("sqs", "ReceiveMessage", &input).body.to_string();
    body.split(r#""Body""#).skip(1).filter_map(|rest| rest.split('"').nth(1).map(str::to_owned)).collect()
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
