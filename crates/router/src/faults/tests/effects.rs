//! What happens to a call that is struck.

use super::bed::{Bed, Told, soon, unavailable, until};
use crate::Caller;
use crate::faults::{ConnectionDropped, Draft, Dropped};
use futures_util::FutureExt;
use std::time::Duration;

const SEND: &str = r#"{"QueueUrl": "http://h/000000000000/q", "MessageBody": "hello"}"#;

#[tokio::test]
async fn an_error_is_answered_in_the_callers_protocol_and_named_in_a_header() {
    let bed = Bed::new();
    let named = |name: &str, code: &str| Draft {
        name: Some(name.into()),
        error: Some(code.into()),
        ..Draft::default()
    };
    bed.add(Draft { service: Some("sqs".into()), ..named("gone", "QueueDoesNotExist") });
    bed.add(Draft { service: Some("iam".into()), ..named("busy", "Throttling") });
    let message = Some("Come back later.".to_owned());
    bed.add(Draft { service: Some("dynamodb".into()), message, ..named("db", "InternalServerError") });
    let answer = bed.answer(bed.context(&bed.universe(), Caller::Anonymous), "sqs SendMessage", SEND).await;
    let query_error = answer.headers().get("x-amzn-query-error").expect("its header").clone();
    assert_eq!(query_error, "AWS.SimpleQueueService.NonExistentQueue;Sender");
    let told = bed.told(answer);
    assert_eq!((told.status, told.faults), (400, vec!["gone error=QueueDoesNotExist".to_owned()]));
    assert!(told.body.contains("The specified queue does not exist."), "{}", told.body);
    let told = bed.call(&bed.universe(), "iam GetRole", "Action=GetRole&Version=2010-05-08&RoleName=r").await;
    assert!(told.status == 400 && told.body.contains("<Code>Throttling</Code>"), "{told:?}");
    assert!(told.body.contains("<Message>Rate exceeded</Message>"), "{told:?}");
    let told = bed.call(&bed.universe(), "dynamodb GetItem", r#"{"TableName": "ttt", "Key": {}}"#).await;
    assert!(told.status == 500 && told.body.contains("Come back later."), "{told:?}");
    let expected = [
        "gone error=QueueDoesNotExist sqs SendMessage",
        "busy error=Throttling iam GetRole",
        "db error=InternalServerError dynamodb GetItem",
    ];
    assert_eq!(bed.recorded(&bed.universe()), expected);
    assert_eq!(bed.taken(&bed.universe()), [""; 0], "what was answered by a rule did not run");
}

#[tokio::test]
async fn an_error_for_all_operations_strikes_those_that_may_answer_it() {
    let bed = Bed::new();
    let error = Some("ConditionalCheckFailedException".to_owned());
    bed.add(Draft { service: Some("dynamodb".into()), error, ..Draft::default() });
    let universe = bed.universe();
    let got = bed.call(&universe, "dynamodb GetItem", r#"{"TableName": "ttt", "Key": {}}"#).await;
    let put = bed.call(&universe, "dynamodb PutItem", r#"{"TableName": "ttt", "Item": {}}"#).await;
    assert_eq!((got.status, put.status), (200, 400));
}

#[tokio::test]
async fn a_throttle_lets_through_what_its_rate_allows() {
    let bed = Bed::new();
    bed.add(Draft { throttle: Some(0.5), burst: Some(2), service: Some("sqs".into()), ..Draft::default() });
    let universe = bed.universe();
    assert_eq!(bed.failures(&universe, 4).await, [3, 4]);
    let told = bed.call(&universe, "sqs SendMessage", SEND).await;
    assert!(told.body.contains("RequestThrottled"), "{told:?}");
    assert_eq!(told.faults, ["throttle throttle"]);
    universe.clock().advance(Duration::from_secs(2)).await;
    assert_eq!(bed.failures(&universe, 3).await, [2, 3], "one call in two seconds");
    universe.clock().advance(Duration::from_secs(3_600)).await;
    assert_eq!(bed.failures(&universe, 3).await, [3], "no more than the burst at once");
}

#[tokio::test]
async fn a_caller_from_outside_feels_latency_also_while_the_clock_stands() {
    let bed = Bed::new();
    let span = Duration::from_millis(20);
    bed.add(Draft { latency: Some((span, span)), ..Draft::default() });
    let begun = tokio::time::Instant::now();
    let told = soon(bed.call(&bed.universe(), "sqs SendMessage", SEND)).await;
    assert!(begun.elapsed() >= span);
    assert_eq!((told.status, told.faults), (200, vec!["latency latency".to_owned()]));
}

#[tokio::test]
async fn latencies_add_up_and_an_error_comes_after_them() {
    let bed = Bed::new();
    let least = Duration::from_millis(10);
    let slow = |most| Draft { latency: Some((least, most)), ..Draft::default() };
    bed.add(slow(least));
    bed.add(slow(least * 2));
    bed.add(unavailable());
    let begun = tokio::time::Instant::now();
    let told = bed.call(&bed.universe(), "sqs SendMessage", SEND).await;
    assert!(begun.elapsed() >= least * 2);
    assert_eq!(told.status, 503);
    assert_eq!(told.faults, ["latency latency", "latency-2 latency", "error error=ServiceUnavailable"]);
}

#[tokio::test]
async fn a_call_that_takes_longer_keeps_its_universe_busy_and_ends_with_it() {
    let bed = Bed::new();
    let span = Duration::from_secs(600);
    bed.add(Draft { latency: Some((span, span)), ..Draft::default() });
    let universe = bed.universe();
    let calling = bed.call(&universe, "sqs SendMessage", SEND);
    tokio::pin!(calling);
    assert!(calling.as_mut().now_or_never().is_none());
    until(|| universe.clock().activity().running() == 1).await;
    let running = bed.router.running(&universe);
    assert_eq!(running.iter().map(|call| call.operation).collect::<Vec<_>>(), ["SendMessage"]);
    bed.router.universes().reset(universe.name());
    assert_eq!(soon(calling).await.status, 503, "its universe is gone");
    until(|| universe.clock().activity().running() == 0).await;
    assert_eq!(bed.router.running(&universe), []);
}

#[tokio::test]
async fn a_delivery_is_late_by_the_universes_clock() {
    let bed = Bed::new();
    let span = Duration::from_secs(600);
    bed.add(Draft { latency: Some((span, span)), caller: Some("sns".into()), ..Draft::default() });
    let universe = bed.universe();
    bed.owe(&universe, &["late"]);
    soon(universe.clock().settle()).await;
    assert_eq!(bed.taken(&universe), [""; 0]);
    soon(universe.clock().advance(Duration::from_secs(601))).await;
    assert_eq!(bed.taken(&universe), ["late"]);
}

#[tokio::test]
async fn a_connection_breaks_before_or_after_the_operation() {
    for (dropped, ran) in [(Dropped::Before, 0), (Dropped::After, 1)] {
        let bed = Bed::new();
        bed.add(Draft { drop: Some(dropped), ..Draft::default() });
        let cx = bed.context(&bed.universe(), Caller::Anonymous);
        let answer = bed.answer(cx, "sqs SendMessage", SEND).await;
        assert!(answer.extensions().get::<ConnectionDropped>().is_some(), "{dropped:?}");
        assert_eq!(bed.taken(&bed.universe()).len(), ran, "{dropped:?}");
        assert_eq!(bed.recorded(&bed.universe()).len(), 1);
    }
}

#[tokio::test]
async fn a_delivery_that_fails_by_a_rule_is_tried_again() {
    let bed = Bed::new();
    bed.add(Draft { times: Some(2), caller: Some("sns".into()), ..unavailable() });
    let universe = bed.universe();
    bed.owe(&universe, &["one"]);
    soon(universe.clock().settle()).await;
    assert_eq!(bed.taken(&universe), [""; 0]);
    soon(universe.clock().advance(Duration::from_secs(600))).await;
    assert_eq!(bed.taken(&universe), ["one"]);
    assert_eq!(bed.recorded(&universe).len(), 2);
}

#[tokio::test]
async fn a_delivery_is_made_twice_and_a_call_of_a_client_once() {
    let bed = Bed::new();
    bed.add(Draft { duplicate: true, operation: Some("SendMessage".into()), ..Draft::default() });
    let universe = bed.universe();
    bed.owe(&universe, &["owed"]);
    soon(universe.clock().settle()).await;
    assert_eq!(bed.call(&universe, "sqs SendMessage", SEND).await.faults, [""; 0]);
    assert_eq!(bed.taken(&universe), ["owed", "owed", "hello"]);
    assert_eq!(bed.recorded(&universe), ["duplicate duplicate sqs SendMessage"]);
}

#[tokio::test]
async fn deliveries_come_in_another_order_and_in_every_run_in_the_same() {
    let words = ["a", "b", "c", "d", "e", "f", "g", "h"];
    let order = async |draft: Option<Draft>| {
        let bed = Bed::new();
        draft.into_iter().for_each(|draft| bed.add(draft));
        let universe = bed.universe();
        bed.owe(&universe, &words);
        soon(universe.clock().settle()).await;
        bed.taken(&universe)
    };
    let reorder = || Draft { reorder: true, resource: Some("q".into()), ..Draft::default() };
    assert_eq!(order(None).await, words);
    let reordered = order(Some(reorder())).await;
    assert_ne!(reordered, words);
    assert_eq!(order(Some(reorder())).await, reordered);
    let mut sorted = reordered;
    sorted.sort_unstable();
    assert_eq!(sorted, words, "none is lost and none comes twice");
    assert_eq!(order(Some(Draft { resource: Some("other".into()), ..reorder() })).await, words);
}

#[tokio::test]
async fn what_a_request_brings_is_for_itself_alone() {
    let bed = Bed::new();
    let cx = bed.context(&bed.universe(), Caller::Anonymous);
    cx.bring_faults(vec![bed.rule(Draft { name: Some("header".into()), ..unavailable() })]);
    let told = bed.told(bed.answer(cx, "sqs SendMessage", SEND).await);
    assert_eq!((told.status, told.faults), (503, vec!["header error=ServiceUnavailable".to_owned()]));
    let told = bed.call(&bed.universe(), "sqs SendMessage", SEND).await;
    assert!(matches!(told, Told { status: 200, faults, .. } if faults.is_empty()));
    assert!(!bed.router.arming().is_armed());
}

#[tokio::test]
async fn who_hangs_up_is_not_waited_for() {
    let bed = Bed::new();
    let span = Duration::from_secs(600);
    bed.add(Draft { latency: Some((span, span)), ..Draft::default() });
    let universe = bed.universe();
    let cx = bed.context(&universe, Caller::Anonymous);
    let hangup = cx.clone();
    let calling = bed.answer(cx, "sqs SendMessage", SEND);
    tokio::pin!(calling);
    assert!(calling.as_mut().now_or_never().is_none());
    hangup.hangup().happen();
    soon(calling).await;
    until(|| universe.clock().activity().running() == 0).await;
}
