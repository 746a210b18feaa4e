//! Looking at a queue leaves it as it is.

use crate::register;
use mesh_queues::domain::{QueueAddress, Standing};
use mesh_testkit::TestBed;
use std::time::Duration;

#[test]
fn messages_are_seen_page_by_page_and_no_receive_is_counted() {
    let bed = TestBed::new(register);
    bed.call("sqs", "CreateQueue", r#"{"QueueName": "q", "Attributes": {"MessageRetentionPeriod": "60"}}"#);
    for (body, delay) in [("flying", 0), ("waiting", 0), ("delayed", 20)] {
        let input = format!(r#"{{"QueueUrl": "q", "MessageBody": "{body}", "DelaySeconds": {delay}}}"#);
        assert_eq!(bed.call("sqs", "SendMessage", &input).status, 200);
    }
    bed.call("sqs", "ReceiveMessage", r#"{"QueueUrl": "q"}"#);
    let cx = bed.context();
    let queue = QueueAddress { key: cx.key("q") };
    let peek = |after, limit| {
        let seen = cx.read(&queue.key, |state, now| state.peek(after, limit, now));
        seen.expect("the universe is there")
    };
    let first = peek(None, 2);
    let rest = peek(first.last().map(|last| last.sequence), 2);
    let shown: Vec<_> = first
        .iter()
        .chain(&rest)
        .map(|seen| (&*seen.message.body, seen.message.receives, seen.standing))
        .collect();
    let expected = [
        ("flying", 1, Standing::InFlight),
        ("waiting", 0, Standing::Visible),
        ("delayed", 0, Standing::Delayed),
    ];
    assert_eq!(shown, expected);
    assert_eq!(peek(None, 1), first[..1], "nothing was changed");
    bed.advance(Duration::from_secs(60));
    assert_eq!(peek(None, 10), []);
}
