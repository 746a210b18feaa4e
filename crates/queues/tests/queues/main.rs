//! The scenarios of this crate, in both protocols of SQS; and what a scenario cannot show.

mod dead_letters;
mod faults;
mod in_flight;
mod model;
mod model_fifo;
mod neighbours;
mod quotas;
mod real;
mod restart;
mod retention;

use mesh_queues::Queues;
use mesh_router::{Registry, Service};
use mesh_testkit::{TestBed, scenario};
use mesh_wire::Protocol;

fn register(registry: &mut Registry) {
    Queues.register(registry);
}

mesh_testkit::scenarios!("tests/scenarios", "sqs", register, Protocol::AwsQuery);

/// Inputs of wrong types can be sent in JSON alone.
mod in_json {
    mesh_testkit::scenarios!("tests/scenarios-json", "sqs", super::register);
}

#[test]
fn the_same_script_gives_the_same_bytes() {
    let script = r#"
        > CreateQueue {"QueueName": "q"}
        > SendMessage {"QueueUrl": "q", "MessageBody": "one"}
        > SendMessage {"QueueUrl": "q", "MessageBody": "two", "DelaySeconds": 5}
        > ReceiveMessage {"QueueUrl": "q", "MaxNumberOfMessages": 10, "AttributeNames": ["All"]}
        + 1m
        > ReceiveMessage {"QueueUrl": "q", "MaxNumberOfMessages": 10, "AttributeNames": ["All"]}
    "#;
    let run = || {
        let bed = TestBed::new(register);
        scenario::transcript_with(&bed, "sqs", None, scenario::Detail::Bytes, script)
            .unwrap_or_else(|error| panic!("{error}"))
    };
    let first = run();
    assert!(first.contains("x-amzn-requestid"), "{first}");
    assert_eq!(first, run());
}
