//! Many events: what is read in pages is read once, whatever the page.

use super::register;
use mesh_testkit::{BEGINNING, TestBed};

/// A bed with `count` events in two streams, a quarter of them in the same millisecond.
fn bed(count: usize) -> TestBed {
    let bed = TestBed::new(register);
    bed.call("logs", "CreateLogGroup", r#"{"logGroupName": "g"}"#);
    for stream in ["a", "b"] {
        bed.call(
            "logs",
            "CreateLogStream",
            &format!(r#"{{"logGroupName": "g", "logStreamName": "{stream}"}}"#),
        );
        let now = BEGINNING.as_millis();
        let events = (0..count / 2).map(|n| {
            let at = now + i64::try_from(n / 4).unwrap_or(0);
            format!(
                r#"{{"timestamp": {at}, "message": "{stream}{n} {}"}}"#,
                if n % 100 == 0 { "RARE" } else { "common" }
            )
        });
        let events: Vec<String> = events.collect();
        for batch in events.chunks(10_000) {
            let events = batch.join(", ");
            let input =
                format!(r#"{{"logGroupName": "g", "logStreamName": "{stream}", "logEvents": [{events}]}}"#);
            assert_eq!(bed.call("logs", "PutLogEvents", &input).status, 200);
        }
    }
    bed
}

fn text(reply: &mesh_testkit::Reply, member: &str) -> Option<String> {
    let body = serde_json::from_str::<serde_json::Value>(&reply.body.to_string()).expect("JSON");
    body.get(member).and_then(|value| value.as_str()).map(str::to_owned)
}

fn messages(reply: &mesh_testkit::Reply) -> Vec<String> {
    let body = serde_json::from_str::<serde_json::Value>(&reply.body.to_string()).expect("JSON");
    let events = body["events"].as_array().expect("events").clone();
    events.iter().filter_map(|event| event["message"].as_str().map(str::to_owned)).collect()
}

/// Follows a token until it is the same or absent.
fn follow(bed: &TestBed, operation: &str, input: &str, token: &str) -> Vec<Vec<String>> {
    let (mut pages, mut last) = (Vec::new(), None);
    loop {
        let given = last.as_ref().map_or(String::new(), |token| format!(r#", "nextToken": "{token}""#));
        let reply = bed.call("logs", operation, &format!("{{{input}{given}}}"));
        assert_eq!(reply.status, 200, "{}", reply.body);
        pages.push(messages(&reply));
        let next = text(&reply, token);
        if next.is_none() || next == last {
            return pages;
        }
        last = next;
    }
}

#[test]
fn every_event_is_read_once_forward_and_backward() {
    let bed = bed(1_000);
    let input = r#""logGroupName": "g", "logStreamName": "a", "limit": 7, "startFromHead": true"#;
    let forward: Vec<String> = follow(&bed, "GetLogEvents", input, "nextForwardToken").concat();
    let numbers = |events: &[String]| -> Vec<usize> {
        let number = |event: &String| event[1..].split(' ').next().and_then(|n| n.parse().ok());
        events.iter().filter_map(number).collect()
    };
    assert_eq!(numbers(&forward), (0..500).collect::<Vec<_>>());
    let input = r#""logGroupName": "g", "logStreamName": "a", "limit": 7"#;
    let mut pages = follow(&bed, "GetLogEvents", input, "nextBackwardToken");
    pages.reverse();
    assert_eq!(pages.concat(), forward);
}

#[test]
fn what_a_filter_finds_does_not_depend_on_the_page() {
    let bed = bed(1_000);
    let all = follow(&bed, "FilterLogEvents", r#""logGroupName": "g""#, "nextToken").concat();
    assert_eq!(all.len(), 1_000);
    for input in [
        r#""limit": 7"#,
        r#""limit": 7, "logStreamNames": ["a", "b"]"#,
        r#""limit": 13, "logStreamNamePrefix": "a""#,
    ] {
        let input = format!(r#""logGroupName": "g", {input}"#);
        let found = follow(&bed, "FilterLogEvents", &input, "nextToken").concat();
        let is_prefixed = input.contains("Prefix");
        let wanted: Vec<String> =
            all.iter().filter(|event| !is_prefixed || event.starts_with('a')).cloned().collect();
        assert_eq!(found, wanted, "{input}");
        let back = format!(r#"{input}, "startFromHead": false"#);
        let mut found = follow(&bed, "FilterLogEvents", &back, "nextToken").concat();
        found.reverse();
        assert_eq!(found, wanted, "{back}");
    }
    let rare =
        follow(&bed, "FilterLogEvents", r#""logGroupName": "g", "filterPattern": "RARE""#, "nextToken");
    assert_eq!(rare.concat().len(), 10);
}

#[test]
fn a_filter_that_finds_little_stops_and_goes_on_by_its_token() {
    let bed = bed(120_000);
    let pages =
        follow(&bed, "FilterLogEvents", r#""logGroupName": "g", "filterPattern": "RARE""#, "nextToken");
    assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [1_000, 200]);
}
