//! AWS's quotas, where they are held: without the switch nothing is refused.

use crate::register;
use mesh_router::{Quotas, Registry};
use mesh_testkit::{Reply, TestBed};
use std::time::Duration;

fn strict(registry: &mut Registry) {
    register(registry);
    registry.hold(Quotas::Strict);
}

fn answer(bed: &TestBed, number: usize, group: &str) -> Reply {
    let input = format!(
        r#"{{"QueueUrl": "q.fifo", "MessageBody": "x", "MessageGroupId": "{group}", "MessageDeduplicationId": "{number}"}}"#
    );
    bed.call("sqs", "SendMessage", &input)
}

fn send(bed: &TestBed, number: usize, group: &str) -> Option<String> {
    answer(bed, number, group).error
}

fn bed(register: fn(&mut Registry), attributes: &str) -> TestBed {
    let bed = TestBed::new(register);
    let input = format!(r#"{{"QueueName": "q.fifo", "Attributes": {{"FifoQueue": "true"{attributes}}}}}"#);
    assert_eq!(bed.call("sqs", "CreateQueue", &input).status, 200);
    bed
}

#[test]
fn a_fifo_queue_takes_three_hundred_calls_of_an_action_in_a_second() {
    let bed = bed(strict, "");
    assert!((0..300).all(|number| send(&bed, number, "g").is_none()));
    let refused = answer(&bed, 300, "other");
    assert_eq!((refused.status, refused.error.as_deref()), (403, Some("RequestThrottled")));
    let receive = bed.call("sqs", "ReceiveMessage", r#"{"QueueUrl": "q.fifo"}"#);
    assert_eq!(receive.status, 200, "another action is counted apart");
    bed.advance(Duration::from_secs(1));
    assert_eq!(send(&bed, 300, "g"), None);
}

#[test]
fn in_high_throughput_mode_each_group_takes_as_many() {
    let attributes = r#", "DeduplicationScope": "messageGroup", "FifoThroughputLimit": "perMessageGroupId""#;
    let bed = bed(strict, attributes);
    assert!((0..300).all(|number| send(&bed, number, "g").is_none()));
    assert_eq!(send(&bed, 300, "g").as_deref(), Some("RequestThrottled"));
    assert_eq!(send(&bed, 300, "other"), None);
}

#[test]
fn without_the_switch_nothing_is_counted() {
    let bed = bed(register, "");
    assert!((0..310).all(|number| send(&bed, number, "g").is_none()));
}
