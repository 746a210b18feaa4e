//! Rules that are none.

use super::bed::Bed;
use crate::faults::{Draft, Dropped};
use mesh_types::Timestamp;
use std::time::Duration;

#[test]
fn a_rule_that_cannot_do_what_it_says_is_refused_with_a_sentence() {
    let bed = Bed::new();
    let error = |code: &str| Draft { error: Some(code.into()), ..Draft::default() };
    let of = |service: &str, operation: &str, draft: Draft| Draft {
        service: Some(service.into()),
        operation: Some(operation.into()),
        ..draft
    };
    let busy = || error("ServiceUnavailable");
    for (draft, says) in [
        (Draft::default(), "one effect"),
        (Draft { reorder: true, ..busy() }, "error and reorder"),
        (Draft { probability: Some(0.5), every: Some(2), ..busy() }, "probability or every"),
        (Draft { probability: Some(0.0), ..busy() }, "more than 0"),
        (Draft { probability: Some(1.1), ..busy() }, "at most 1"),
        (Draft { probability: Some(f64::NAN), ..busy() }, "at most 1"),
        (Draft { every: Some(0), ..busy() }, "every is 1 or more"),
        (Draft { times: Some(0), ..busy() }, "times is 1 or more"),
        (
            Draft { from: Some(Timestamp::from_secs(2)), until: Some(Timestamp::from_secs(2)), ..busy() },
            "until is later",
        ),
        (
            Draft { message: Some("m".into()), drop: Some(Dropped::Before), ..Draft::default() },
            "message goes with error",
        ),
        (Draft { burst: Some(1), ..busy() }, "burst goes with throttle"),
        (Draft { code: Some("c".into()), ..busy() }, "code goes with partial_batch"),
        (Draft { throttle: Some(0.0), ..Draft::default() }, "more than 0"),
        (Draft { throttle: Some(f64::INFINITY), ..Draft::default() }, "more than 0"),
        (Draft { throttle: Some(1.0), burst: Some(0), ..Draft::default() }, "burst is 1 or more"),
        (Draft { latency: Some((Duration::ZERO, Duration::ZERO)), ..Draft::default() }, "latency is a span"),
        (
            Draft { latency: Some((Duration::ZERO, Duration::from_secs(901))), ..Draft::default() },
            "900s at most",
        ),
        (Draft { stale_read: Some(Duration::ZERO), ..Draft::default() }, "stale_read is how old"),
        (Draft { partial_batch: Some(2.0), ..Draft::default() }, "at most 1"),
        (of("sqs", "SendMessage", Draft { partial_batch: Some(0.5), ..Draft::default() }), "wants a batch"),
        (
            of("sqs", "*", Draft { stale_read: Some(Duration::from_secs(1)), ..Draft::default() }),
            "has ConsistentRead",
        ),
        (of("s4", "*", busy()), "no service s4; there are dynamodb, iam, sqs"),
        (of("sqs", "SendMesage", busy()), "no operation SendMesage of sqs"),
        (of("sqs", "PurgeQueue", busy()), "not served"),
        (of("sqs", "GetItem", busy()), "no operation GetItem of sqs"),
        (of("sqs", "SendMessage", error("NoSuchBucket")), "cannot answer NoSuchBucket; it can answer "),
        (of("sqs", "*", error("NoSuchBucket")), "none of these operations"),
        (error("NoSuchBucket"), "none of these operations"),
        (Draft { name: Some("a name".into()), ..busy() }, "no name of a fault rule"),
        (Draft { name: Some(String::new()), ..busy() }, "no name of a fault rule"),
    ] {
        let written = format!("{draft:?}");
        let refusal = bed.router.faults().check(draft).expect_err(&written).to_string();
        assert!(refusal.contains(says) && refusal.ends_with('.'), "{written}\n{refusal}");
    }
}
