//! The scenarios: what is made ready, what is sent again and again, and the figure that has to be reached. To add one, add
//! an entry to [`SCENARIOS`].

use crate::request::{APIGATEWAY, Call, DYNAMODB, KINESIS, SNS, SQS};
use anyhow::Result;
use std::net::SocketAddr;

/// What a run's calls are made from.
#[derive(Debug, Clone)]
pub(crate) struct Run {
    /// The server.
    pub(crate) target: SocketAddr,
    /// A word that no other run on this server has.
    pub(crate) id: String,
    /// How many rows there are before measuring.
    pub(crate) depth: usize,
    /// The bytes of a message's or an item's payload.
    pub(crate) payload: usize,
}

impl Run {
    /// The URL of the run's queue.
    pub(crate) fn queue_url(&self) -> String {
        format!("http://{}/000000000000/bench-{}", self.target, self.id)
    }

    fn text(&self) -> String {
        "mesh of text ".chars().cycle().take(self.payload).collect()
    }
}

/// One thing that is measured.
pub(crate) struct Scenario {
    /// Its name on the command line.
    pub(crate) name: &'static str,
    /// How much of the bare server's speed has to be reached; nothing if it is not compared with that one.
    pub(crate) bar: Option<f64>,
    /// What the names of its resources end in.
    pub(crate) ending: &'static str,
    /// Calls made once, in order, before anything else.
    pub(crate) setup: fn(&Run) -> Vec<Call>,
    /// How rows come to be there, if the scenario needs any.
    pub(crate) fill: Option<Row>,
    /// How many rows, unless told otherwise.
    pub(crate) depth: usize,
    /// What each connection does again and again.
    pub(crate) turn: Turn,
}

/// The call that brings one row.
pub(crate) type Row = fn(&Run, number: usize) -> Call;

/// What each connection does again and again.
pub(crate) enum Turn {
    /// Calls prepared beforehand, numbered, taken in turn.
    Call(Row),
    /// Calls made one by one, each with a number that no other and no row has.
    Fresh(Row),
    /// Receives a message; as many as there are rows, then the measurement ends.
    Receive,
    /// Deletes a message that was received beforehand; as many as there are rows.
    Delete,
    /// Receives a message and deletes it.
    ReceiveAndDelete,
}

/// Every scenario.
pub(crate) const SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "sqs-send",
        bar: Some(0.75),
        ending: "",
        setup: queue,
        fill: None,
        depth: 0,
        turn: Turn::Call(send),
    },
    Scenario {
        name: "sqs-send-100",
        bar: Some(0.75),
        ending: "",
        setup: queue,
        fill: None,
        depth: 0,
        turn: Turn::Call(send_short),
    },
    Scenario {
        name: "sqs-receive",
        bar: Some(0.6),
        ending: "",
        setup: queue,
        fill: Some(send),
        depth: 80_000,
        turn: Turn::Receive,
    },
    Scenario {
        name: "sqs-delete",
        bar: Some(0.6),
        ending: "",
        setup: queue,
        fill: Some(send),
        depth: 80_000,
        turn: Turn::Delete,
    },
    Scenario {
        name: "sqs-receive-delete",
        bar: Some(0.6),
        ending: "",
        setup: queue,
        fill: Some(send),
        depth: 80_000,
        turn: Turn::ReceiveAndDelete,
    },
    Scenario {
        name: "sqs-fifo-receive-delete-few",
        bar: None,
        ending: ".fifo",
        setup: fifo_queue,
        fill: Some(send_to_few_groups),
        depth: 100_000,
        turn: Turn::ReceiveAndDelete,
    },
    Scenario {
        name: "sqs-fifo-send-few",
        bar: None,
        ending: ".fifo",
        setup: fifo_queue,
        fill: Some(send_to_few_groups),
        depth: 100_000,
        turn: Turn::Fresh(send_to_few_groups),
    },
    Scenario {
        name: "sqs-fifo-receive-delete-many",
        bar: None,
        ending: ".fifo",
        setup: fifo_queue,
        fill: Some(send_to_many_groups),
        depth: 100_000,
        turn: Turn::ReceiveAndDelete,
    },
    Scenario {
        name: "sqs-fifo-send-many",
        bar: None,
        ending: ".fifo",
        setup: fifo_queue,
        fill: Some(send_to_many_groups),
        depth: 100_000,
        turn: Turn::Fresh(send_to_many_groups),
    },
    Scenario {
        name: "sns-publish",
        bar: Some(0.75),
        ending: "",
        setup: topic,
        fill: None,
        depth: 0,
        turn: Turn::Call(publish),
    },
    Scenario {
        name: "sns-publish-filtered",
        bar: None,
        ending: "",
        setup: topic,
        fill: Some(subscribe),
        depth: 100,
        turn: Turn::Call(publish_red),
    },
    Scenario {
        name: "ddb-put",
        bar: Some(0.75),
        ending: "",
        setup: table,
        fill: None,
        depth: 0,
        turn: Turn::Call(put_item),
    },
    Scenario {
        name: "ddb-get",
        bar: Some(0.75),
        ending: "",
        setup: table,
        fill: Some(put_item),
        depth: 10_000,
        turn: Turn::Call(get_item),
    },
    Scenario {
        name: "ddb-update",
        bar: Some(0.6),
        ending: "",
        setup: table,
        fill: Some(put_item),
        depth: 10_000,
        turn: Turn::Call(update_item),
    },
    Scenario {
        name: "kinesis-put",
        bar: Some(0.75),
        ending: "",
        setup: stream,
        fill: None,
        depth: 0,
        turn: Turn::Call(put_record),
    },
    Scenario {
        name: "rest-mock",
        // What the first issue asks for; the design's own goal is 0.75.
        bar: Some(0.6),
        ending: "",
        setup: mock,
        fill: None,
        depth: 0,
        turn: Turn::Call(ask_mock),
    },
];

/// The scenario of that name.
pub(crate) fn named(name: &str) -> Result<&'static Scenario> {
    SCENARIOS.iter().find(|scenario| scenario.name == name).ok_or_else(|| {
        let names: Vec<&str> = SCENARIOS.iter().map(|scenario| scenario.name).collect();
        anyhow::anyhow!("no scenario {name}; there are {}", names.join(", "))
    })
}

/// Prints the scenarios that are compared with the bare server, and their bars.
pub(crate) fn list() -> Result<()> {
    let list: Vec<_> = SCENARIOS
        .iter()
        .filter_map(|scenario| {
            scenario.bar.map(|bar| serde_json::json!({ "name": scenario.name, "bar": bar }))
        })
        .collect();
    println!("{}", serde_json::to_string(&list)?);
    Ok(())
}

fn queue(run: &Run) -> Vec<Call> {
    vec![Call::new(&SQS, "CreateQueue", format!(r#"{{"QueueName": "bench-{}"}}"#, run.id))]
}

fn send(run: &Run, _: usize) -> Call {
    let body = format!(r#"{{"QueueUrl": "{}", "MessageBody": "{}"}}"#, run.queue_url(), run.text());
    Call::new(&SQS, "SendMessage", body)
}

/// A message of a hundred bytes: what the MD5 of a longer one costs is not in it.
fn send_short(run: &Run, number: usize) -> Call {
    send(&Run { payload: 100, id: run.id.clone(), ..*run }, number)
}

fn fifo_queue(run: &Run) -> Vec<Call> {
    let body = format!(r#"{{"QueueName": "bench-{}", "Attributes": {{"FifoQueue": "true"}}}}"#, run.id);
    vec![Call::new(&SQS, "CreateQueue", body)]
}

/// Few groups, but more than there are connections: each finds one that no other has a message of in flight.
const FEW_GROUPS: usize = 100;

fn send_to_few_groups(run: &Run, number: usize) -> Call {
    send_to_group(run, number, number % FEW_GROUPS)
}

/// A group of its own for each message.
fn send_to_many_groups(run: &Run, number: usize) -> Call {
    send_to_group(run, number, number)
}

fn send_to_group(run: &Run, number: usize, group: usize) -> Call {
    let body = format!(
        r#"{{"QueueUrl": "{}", "MessageBody": "{}", "MessageGroupId": "group-{group}", "MessageDeduplicationId": "{number}"}}"#,
        run.queue_url(),
        run.text()
    );
    Call::new(&SQS, "SendMessage", body)
}

/// Receives up to `count` messages, which stay hidden longer than any run takes.
pub(crate) fn receive(run: &Run, count: usize) -> Call {
    let url = run.queue_url();
    let body =
        format!(r#"{{"QueueUrl": "{url}", "MaxNumberOfMessages": {count}, "VisibilityTimeout": 3600}}"#);
    Call::new(&SQS, "ReceiveMessage", body)
}

/// Deletes the message of a receipt.
pub(crate) fn delete(run: &Run, receipt: &str) -> Call {
    let body = format!(r#"{{"QueueUrl": "{}", "ReceiptHandle": "{receipt}"}}"#, run.queue_url());
    Call::new(&SQS, "DeleteMessage", body)
}

fn topic(run: &Run) -> Vec<Call> {
    vec![Call::new(
        &SNS,
        "CreateTopic",
        format!("Action=CreateTopic&Version=2010-03-31&Name=bench-{}", run.id),
    )]
}

fn publish(run: &Run, _: usize) -> Call {
    let body = format!(
        "Action=Publish&Version=2010-03-31&TopicArn=arn%3Aaws%3Asns%3Aus-east-1%3A000000000000%3Abench-{}&Message={}",
        run.id,
        run.text().replace(' ', "+")
    );
    Call::new(&SNS, "Publish", body)
}

/// The same, with an attribute that none of the subscriptions asks for.
fn publish_red(run: &Run, number: usize) -> Call {
    publish(run, number).with_more(
        "&MessageAttributes.entry.1.Name=colour&MessageAttributes.entry.1.Value.DataType=String\
         &MessageAttributes.entry.1.Value.StringValue=red",
    )
}

/// A queue's subscription to a colour that nothing published has. The queue need not be there: nothing is sent to it.
fn subscribe(run: &Run, number: usize) -> Call {
    let id = &run.id;
    let body = format!(
        "Action=Subscribe&Version=2010-03-31&TopicArn=arn%3Aaws%3Asns%3Aus-east-1%3A000000000000%3Abench-{id}\
         &Protocol=sqs&Endpoint=arn%3Aaws%3Asqs%3Aus-east-1%3A000000000000%3Abench-{id}-{number}\
         &Attributes.entry.1.key=FilterPolicy\
         &Attributes.entry.1.value=%7B%22colour%22%3A%5B%22colour-{number}%22%5D%7D"
    );
    Call::new(&SNS, "Subscribe", body)
}

fn table(run: &Run) -> Vec<Call> {
    let body = format!(
        r#"{{"TableName": "bench-{}", "AttributeDefinitions": [{{"AttributeName": "pk", "AttributeType": "S"}}],
            "KeySchema": [{{"AttributeName": "pk", "KeyType": "HASH"}}], "BillingMode": "PAY_PER_REQUEST"}}"#,
        run.id
    );
    vec![Call::new(&DYNAMODB, "CreateTable", body)]
}

/// An item of five attributes, its payload spread over three of them.
fn item(run: &Run, row: usize) -> String {
    let text = run.text();
    let third = text.len() / 3;
    let (one, rest) = text.split_at(third);
    let (two, three) = rest.split_at(third);
    format!(
        r#"{{"pk": {{"S": "row-{row}"}}, "count": {{"N": "{row}"}}, "one": {{"S": "{one}"}}, "two": {{"S": "{two}"}}, "three": {{"S": "{three}"}}}}"#
    )
}

fn put_item(run: &Run, number: usize) -> Call {
    let body = format!(r#"{{"TableName": "bench-{}", "Item": {}}}"#, run.id, item(run, number));
    Call::new(&DYNAMODB, "PutItem", body)
}

/// Rows far from one another, so that a run touches the whole table.
fn scattered(run: &Run, number: usize) -> usize {
    number.wrapping_mul(7_919) % run.depth.max(1)
}

fn get_item(run: &Run, number: usize) -> Call {
    let row = scattered(run, number);
    Call::new(
        &DYNAMODB,
        "GetItem",
        format!(r#"{{"TableName": "bench-{}", "Key": {{"pk": {{"S": "row-{row}"}}}}}}"#, run.id),
    )
}

fn update_item(run: &Run, number: usize) -> Call {
    let row = scattered(run, number);
    let body = format!(
        r##"{{"TableName": "bench-{}", "Key": {{"pk": {{"S": "row-{row}"}}}}, "UpdateExpression": "SET #c = #c + :one",
            "ExpressionAttributeNames": {{"#c": "count"}}, "ExpressionAttributeValues": {{":one": {{"N": "1"}}}}}}"##,
        run.id
    );
    Call::new(&DYNAMODB, "UpdateItem", body)
}

fn stream(run: &Run) -> Vec<Call> {
    vec![Call::new(
        &KINESIS,
        "CreateStream",
        format!(r#"{{"StreamName": "bench-{}", "ShardCount": 1}}"#, run.id),
    )]
}

fn put_record(run: &Run, number: usize) -> Call {
    // Letters only, and a multiple of four of them, are Base64.
    let data: String = "meshtext".chars().cycle().take(run.payload / 3 * 4).collect();
    let body =
        format!(r#"{{"StreamName": "bench-{}", "Data": "{data}", "PartitionKey": "key-{number}"}}"#, run.id);
    Call::new(&KINESIS, "PutRecord", body)
}

/// A REST API whose root answers GET by itself, deployed.
fn mock(run: &Run) -> Vec<Call> {
    let get = "/restapis/<id>/resources/<rootResourceId>/methods/GET";
    let put = |operation, path: String, body: &str| {
        Call::rest(&APIGATEWAY, operation, "PUT", path, body.to_owned())
    };
    let api = format!(r#"{{"name": "bench-{}"}}"#, run.id);
    vec![
        Call::rest(&APIGATEWAY, "CreateRestApi", "POST", "/restapis", api).keeping(&["id", "rootResourceId"]),
        put("PutMethod", get.to_owned(), r#"{"authorizationType": "NONE"}"#),
        put("PutMethodResponse", format!("{get}/responses/200"), "{}"),
        put(
            "PutIntegration",
            format!("{get}/integration"),
            r#"{"type": "MOCK", "requestTemplates": {"application/json": "{\"statusCode\": 200}"}}"#,
        ),
        put(
            "PutIntegrationResponse",
            format!("{get}/integration/responses/200"),
            r#"{"responseTemplates": {"application/json": "{\"message\": \"hello\"}"}}"#,
        ),
        Call::rest(
            &APIGATEWAY,
            "CreateDeployment",
            "POST",
            "/restapis/<id>/deployments",
            r#"{"stageName": "bench"}"#.to_owned(),
        ),
    ]
}

fn ask_mock(_: &Run, _: usize) -> Call {
    Call::page("/restapis/<id>/bench/_user_request_/")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run() -> Run {
        Run { target: SocketAddr::from(([127, 0, 0, 1], 4566)), id: "a".to_owned(), depth: 10, payload: 1024 }
    }

    fn body(call: &Call) -> String {
        let bytes = crate::request::bytes(run().target, call);
        let text = String::from_utf8(bytes).expect("text");
        text.split_once("\r\n\r\n").expect("a body").1.to_owned()
    }

    #[test]
    fn every_prepared_json_body_is_json() {
        for scenario in SCENARIOS {
            let mut calls = (scenario.setup)(&run());
            if let Some(fill) = &scenario.fill {
                calls.push(fill(&run(), 3));
            }
            if let Turn::Call(call) | Turn::Fresh(call) = scenario.turn {
                calls.push(call(&run(), 7));
            }
            for call in calls {
                let body = body(&call);
                let is_json = serde_json::from_str::<serde_json::Value>(&body).is_ok();
                assert!(
                    is_json || body.is_empty() || body.starts_with("Action="),
                    "{}: {body}",
                    scenario.name
                );
            }
        }
    }

    #[test]
    fn whatever_a_call_names_was_kept_before_it() {
        for scenario in SCENARIOS {
            let Turn::Call(call) = scenario.turn else { continue };
            let mut kept = crate::request::Kept::new();
            let calls = (scenario.setup)(&run()).into_iter().chain([call(&run(), 7)]);
            for call in calls {
                let call = call.filled(&kept);
                let bytes = crate::request::bytes(run().target, &call);
                let line = bytes.split(|byte| *byte == b'\r').next().expect("a line");
                assert!(!line.contains(&b'<'), "{}: {}", scenario.name, String::from_utf8_lossy(line));
                kept.extend(call.keeps().iter().map(|name| (*name, "0123456789".to_owned())));
            }
        }
    }

    #[test]
    fn every_fifo_message_is_its_own_and_few_groups_are_few() {
        let sent = |row: Row, number| serde_json::from_str(&body(&row(&run(), number))).expect("JSON");
        let group_and_id = |message: serde_json::Value| {
            ["MessageGroupId", "MessageDeduplicationId"].map(|name| message[name].as_str().map(str::to_owned))
        };
        let [few, again] = [7, 7 + FEW_GROUPS].map(|number| group_and_id(sent(send_to_few_groups, number)));
        assert!(few[0] == again[0] && few[0].is_some() && few[1] != again[1], "{few:?} {again:?}");
        let [many, other] = [7, 7 + FEW_GROUPS].map(|number| group_and_id(sent(send_to_many_groups, number)));
        assert!(many[0] != other[0] && many[1] != other[1], "{many:?} {other:?}");
    }

    #[test]
    fn an_item_has_five_attributes_and_its_payload() {
        let item = item(&run(), 1);
        let item: serde_json::Value = serde_json::from_str(&item).expect("JSON");
        assert_eq!(item.as_object().map(serde_json::Map::len), Some(5));
        let payload: usize =
            ["one", "two", "three"].iter().filter_map(|name| item[name]["S"].as_str()).map(str::len).sum();
        assert_eq!(payload, 1024);
    }

    #[test]
    fn scattered_rows_are_rows_that_exist() {
        assert!((0..1000).all(|number| scattered(&run(), number) < 10));
    }

    #[test]
    fn a_scenario_that_does_not_exist_is_answered_with_those_that_do() {
        let error = named("nonsense").err().expect("no such scenario");
        assert!(error.to_string().contains("sqs-send"), "{error}");
    }
}
