//! Which calls a rule means, and which of them it strikes.

use super::bed::{Bed, unavailable};
use crate::Caller;
use crate::faults::Draft;
use mesh_types::Timestamp;
use std::time::Duration;

#[tokio::test]
async fn every_third_call_fails_and_the_others_do_not() {
    let bed = Bed::new();
    bed.add(Draft { every: Some(3), ..unavailable() });
    assert_eq!(bed.failures(&bed.universe(), 10).await, [3, 6, 9]);
}

#[tokio::test]
async fn a_rule_strikes_no_more_often_than_it_may() {
    let bed = Bed::new();
    bed.add(Draft { times: Some(2), ..unavailable() });
    assert_eq!(bed.failures(&bed.universe(), 5).await, [1, 2]);
    let (_, counts) = bed.router.faults().list(&bed.universe()).expect("rules").remove(0);
    assert_eq!((counts.matches, counts.injected), (2, 2));
}

#[tokio::test]
async fn a_rule_strikes_within_its_window_of_the_universes_time() {
    let bed = Bed::new();
    let (from, until) = (Timestamp::from_secs(1_060), Timestamp::from_secs(1_120));
    bed.add(Draft { from: Some(from), until: Some(until), ..unavailable() });
    let mut failed = Vec::new();
    for _ in 0..4 {
        failed.push(bed.failures(&bed.universe(), 1).await.len());
        bed.universe().clock().advance(Duration::from_secs(40)).await;
    }
    assert_eq!(failed, [0, 0, 1, 0]);
}

#[tokio::test]
async fn the_same_seed_strikes_the_same_calls_and_another_seed_others() {
    let struck = async |seed: u64| {
        let bed = Bed::seeded(seed);
        bed.add(Draft { probability: Some(0.3), ..unavailable() });
        bed.failures(&bed.universe(), 60).await
    };
    let first = struck(7).await;
    assert!((8..=28).contains(&first.len()), "{first:?}");
    assert_eq!(struck(7).await, first);
    assert_ne!(struck(8).await, first);
}

#[tokio::test]
async fn what_other_rules_mean_and_other_calls_do_changes_no_draw() {
    let bed = Bed::new();
    let rare = || Draft { probability: Some(0.3), name: Some("rare".into()), ..unavailable() };
    bed.add(rare());
    let alone = bed.failures(&bed.universe(), 30).await;
    let bed = Bed::new();
    bed.add(Draft { latency: Some((Duration::ZERO, Duration::from_micros(1))), ..Draft::default() });
    bed.add(rare());
    bed.call(&bed.universe(), "dynamodb GetItem", r#"{"TableName": "ttt", "Key": {}}"#).await;
    assert_eq!(bed.failures(&bed.universe(), 30).await, alone);
}

#[tokio::test]
async fn a_fork_carries_rules_and_counts_and_a_reset_clears_them() {
    let bed = Bed::new();
    bed.add(Draft { every: Some(3), ..unavailable() });
    assert_eq!(bed.failures(&bed.universe(), 2).await, [0; 0]);
    let fork = bed.fork("fork");
    assert_eq!(bed.failures(&fork, 2).await, [1], "the third call, counted from before the fork");
    assert_eq!(bed.failures(&bed.universe(), 2).await, [1], "the fork's calls are the fork's");
    bed.router.universes().reset(bed.universe().name());
    assert_eq!(bed.failures(&bed.universe(), 6).await, [0; 0]);
    assert_eq!(bed.failures(&fork, 2).await, [2], "a reset is of one universe");
}

#[tokio::test]
async fn a_fork_of_a_probability_draws_on_as_its_source_does() {
    let bed = Bed::new();
    bed.add(Draft { probability: Some(0.5), ..unavailable() });
    bed.failures(&bed.universe(), 5).await;
    let fork = bed.fork("fork");
    assert_eq!(bed.failures(&fork, 40).await, bed.failures(&bed.universe(), 40).await);
}

#[tokio::test]
async fn a_rule_means_only_what_it_names() {
    let bed = Bed::new();
    let send = r#"{"QueueUrl": "http://localhost:4566/000000000000/orders", "MessageBody": "b"}"#;
    for (draft, is_struck) in [
        (Draft { service: Some("sqs".into()), ..Draft::default() }, true),
        (Draft { service: Some("s*".into()), operation: Some("Send*".into()), ..Draft::default() }, true),
        (Draft { service: Some("dynamodb".into()), ..Draft::default() }, false),
        (Draft { operation: Some("ReceiveMessage".into()), ..Draft::default() }, false),
        (Draft { resource: Some("orders".into()), ..Draft::default() }, true),
        (Draft { resource: Some("http://*/orders".into()), ..Draft::default() }, true),
        (Draft { resource: Some("order".into()), ..Draft::default() }, false),
        (Draft { account: Some("000000000000".into()), ..Draft::default() }, true),
        (Draft { account: Some("1*".into()), ..Draft::default() }, false),
        (Draft { caller: Some("test".into()), ..Draft::default() }, true),
        (Draft { caller: Some("sns".into()), ..Draft::default() }, false),
        (Draft { caller: Some("anonymous".into()), ..Draft::default() }, false),
    ] {
        let (universe, said) = (bed.universe(), format!("{draft:?}"));
        let rule = bed.rule(Draft { error: Some("InternalFailure".into()), ..draft });
        bed.router.faults().replace(&universe, &[rule]).expect("the universe is there");
        assert_eq!(bed.call(&universe, "sqs SendMessage", send).await.status == 500, is_struck, "{said}");
    }
}

#[tokio::test]
async fn a_caller_without_a_name_is_anonymous() {
    let bed = Bed::new();
    bed.add(Draft { caller: Some("anonymous".into()), ..unavailable() });
    let send = r#"{"QueueUrl": "http://h/0/q", "MessageBody": "b"}"#;
    let cx = bed.context(&bed.universe(), Caller::Anonymous);
    assert_eq!(bed.answer(cx, "sqs SendMessage", send).await.status(), 503);
    assert_eq!(bed.failures(&bed.universe(), 1).await, [0; 0]);
}

#[tokio::test]
async fn rules_are_asked_about_only_while_a_universe_has_some() {
    let bed = Bed::new();
    assert!(!bed.router.arming().is_armed());
    bed.add(unavailable());
    assert!(bed.router.arming().is_armed());
    let fork = bed.fork("fork");
    assert!(bed.router.faults().remove(&bed.universe(), "error").expect("the universe is there"));
    assert!(bed.router.arming().is_armed(), "the fork has its own");
    bed.router.faults().replace(&fork, &[]).expect("the universe is there");
    assert!(!bed.router.arming().is_armed());
}

#[tokio::test]
async fn two_rules_of_one_name_are_told_apart_by_a_number() {
    let bed = Bed::new();
    bed.add(unavailable());
    bed.add(unavailable());
    let names: Vec<_> = bed.router.faults().list(&bed.universe()).expect("rules");
    let names: Vec<_> = names.into_iter().map(|(rule, _)| rule.name).collect();
    assert_eq!(names, ["error", "error-2"]);
    assert!(!bed.router.faults().remove(&bed.universe(), "error-3").expect("the universe is there"));
}
