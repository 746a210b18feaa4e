//! What services show when they ask.

use super::bed::{Bed, soon};
use crate::faults::Draft;
use std::time::Duration;

const BATCH: &str = r#"{"QueueUrl": "http://h/0/q", "Entries": [
    {"Id": "a", "MessageBody": "1"}, {"Id": "b", "MessageBody": "2"}, {"Id": "c", "MessageBody": "3"}]}"#;

#[tokio::test]
async fn a_part_of_a_batch_fails() {
    let bed = Bed::new();
    let code = Some("ServiceUnavailable".to_owned());
    bed.add(Draft { partial_batch: Some(0.4), code, service: Some("sqs".into()), ..Draft::default() });
    let told = bed.call(&bed.universe(), "sqs SendMessageBatch", BATCH).await;
    assert_eq!((told.status, &*told.faults), (200, &["partial_batch partial_batch".to_owned()][..]));
    assert!(
        told.body.contains(r#""Failed":[{"#) && told.body.contains(r#""Successful":[{"#),
        "{}",
        told.body
    );
    assert!(told.body.contains(r#""Code":"ServiceUnavailable""#), "{}", told.body);
    let again = Bed::new();
    again.add(Draft {
        partial_batch: Some(0.4),
        code: Some("ServiceUnavailable".into()),
        ..Draft::default()
    });
    assert_eq!(again.call(&again.universe(), "sqs SendMessageBatch", BATCH).await.body, told.body);
}

#[tokio::test]
async fn a_service_that_asks_hears_of_its_own_call_alone() {
    let bed = Bed::new();
    bed.add(Draft { reorder: true, resource: Some("q".into()), ..Draft::default() });
    bed.add(Draft { duplicate: true, resource: Some("other".into()), ..Draft::default() });
    let receive = |queue: &str| format!(r#"{{"QueueUrl": "http://h/0/{queue}"}}"#);
    let universe = bed.universe();
    let told = bed.call(&universe, "sqs ReceiveMessage", &receive("q")).await;
    assert!(told.body.contains("true false"), "{}", told.body);
    let told = bed.call(&universe, "sqs ReceiveMessage", &receive("other")).await;
    assert!(told.body.contains("false true"), "{}", told.body);
    let told = bed.call(&universe, "sqs ReceiveMessage", &receive("third")).await;
    assert!(told.body.contains("false false"), "{}", told.body);
}

impl Bed {
    async fn put(&self, value: &str) {
        let body = format!(r#"{{"TableName": "ttt", "Item": {{"v": {{"S": "{value}"}}}}}}"#);
        assert_eq!(self.call(&self.universe(), "dynamodb PutItem", &body).await.status, 200);
    }

    async fn get(&self, is_consistent: bool) -> String {
        let body = format!(r#"{{"TableName": "ttt", "Key": {{}}, "ConsistentRead": {is_consistent}}}"#);
        let told = self.call(&self.universe(), "dynamodb GetItem", &body).await;
        told.body.split('"').nth(7).unwrap_or_default().to_owned()
    }
}

#[tokio::test]
async fn a_stale_read_sees_what_was_before_the_last_write_while_that_is_young() {
    let bed = Bed::new();
    bed.put("unseen by rules").await;
    bed.add(Draft { stale_read: Some(Duration::from_secs(1)), ..Draft::default() });
    assert_eq!(bed.get(false).await, "unseen by rules", "nothing was kept before there was a rule");
    bed.put("first").await;
    bed.put("second").await;
    assert_eq!((bed.get(false).await, bed.get(true).await), ("first".to_owned(), "second".to_owned()));
    assert_eq!(bed.recorded(&bed.universe()), ["stale_read stale_read dynamodb GetItem"]);
    soon(bed.universe().clock().advance(Duration::from_secs(1))).await;
    assert_eq!(bed.get(false).await, "second");
    let (_, counts) = bed.router.faults().list(&bed.universe()).expect("rules").remove(0);
    assert_eq!((counts.matches, counts.injected), (1, 1), "what cannot be stale is not counted");
}

#[tokio::test]
async fn every_other_stale_read_is_every_other_read_that_could_be_stale() {
    let bed = Bed::new();
    bed.add(Draft { stale_read: Some(Duration::from_secs(1)), every: Some(2), ..Draft::default() });
    bed.put("first").await;
    bed.put("second").await;
    let mut seen = Vec::new();
    for is_consistent in [false, true, false, true, false, false] {
        seen.push(bed.get(is_consistent).await);
    }
    assert_eq!(seen, ["second", "second", "first", "second", "second", "first"]);
}
