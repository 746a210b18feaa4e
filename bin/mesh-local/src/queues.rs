//! `mesh-local queues`: the queues of an account in a Region with their counts, or the messages of one, none of which is
//! received by it.

use crate::Reach;
use crate::client::{API_PATIENCE, Answer, Api, Place, Request};
use crate::commands::{show, shows_tables};
use crate::table::{Table, word};
use anyhow::{Context as _, Result, bail};
use clap::Args;
use mesh_edge::control::moment_text;
use mesh_types::Timestamp;
use serde_json::{Value, json};
use std::process::ExitCode;

const SQS: Api = Api { service: "sqs", target: "AmazonSQS", content_type: "application/x-amz-json-1.0" };

/// Characters of a body in a table.
const SHOWN: usize = 60;

/// The columns of the list, and the attribute that each shows.
const COUNTS: [(&str, &str); 3] = [
    ("visible", "ApproximateNumberOfMessages"),
    ("delayed", "ApproximateNumberOfMessagesDelayed"),
    ("in flight", "ApproximateNumberOfMessagesNotVisible"),
];

/// List queues with their counts, or look at the messages of one without receiving them.
#[derive(Args)]
pub(crate) struct Queues {
    /// The name of a queue. Without it, the queues are listed.
    queue: Option<String>,
    /// The most messages that are shown.
    #[arg(long, default_value_t = 20, requires = "queue")]
    limit: usize,
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    reach: Reach,
}

impl Queues {
    pub(crate) fn run(&self) -> Result<ExitCode> {
        match &self.queue {
            Some(queue) => self.messages(queue)?,
            None => self.list()?,
        }
        Ok(ExitCode::SUCCESS)
    }

    fn list(&self) -> Result<()> {
        let mut queues = Vec::new();
        let mut input = json!({ "MaxResults": 1000 });
        loop {
            let page = self.api("ListQueues", &input)?.json().context("sqs:ListQueues")?;
            for url in page["QueueUrls"].as_array().into_iter().flatten() {
                let attributes = json!({ "QueueUrl": url, "AttributeNames": COUNTS.map(|(_, name)| name) });
                let Some(counts) = attributes_of(&self.api("GetQueueAttributes", &attributes)?)? else {
                    continue;
                };
                let name = url.as_str().and_then(|url| url.rsplit('/').next()).unwrap_or_default();
                let mut queue = json!({ "queue": name, "url": url });
                for (column, attribute) in COUNTS {
                    let count = counts[attribute].as_str().and_then(|count| count.parse::<u64>().ok());
                    queue[column.replace(' ', "_")] = count.into();
                }
                queues.push(queue);
            }
            match page["NextToken"].as_str() {
                Some(token) => input["NextToken"] = token.into(),
                None => break,
            }
        }
        let columns =
            [("queue", "queue"), ("visible", "visible"), ("delayed", "delayed"), ("in flight", "in_flight")];
        self.tell(queues, &columns, "queue")
    }

    fn messages(&self, queue: &str) -> Result<()> {
        let (region, Place { account, universe, .. }) = (self.place.region(), &self.place);
        let path = format!(
            "/_mesh/u/{universe}/_aws/sqs/messages/{region}/{account}/{queue}?ShowInvisible=true&ShowDelayed=true\
             &MaxNumberOfMessages={}",
            self.limit
        );
        let answer = self.reach.send(&Request {
            method: "GET",
            path: &path,
            headers: &[("accept", "application/json")],
            body: &[],
            patience: API_PATIENCE,
        })?;
        if answer.status == 400 {
            bail!(
                "there is no queue {queue:?} in {region} of account {account}: mesh-local queues lists them"
            );
        }
        let told = answer.json()?;
        let messages = match &told["ReceiveMessageResponse"]["ReceiveMessageResult"]["Message"] {
            Value::Array(messages) => messages.clone(),
            Value::Null => Vec::new(),
            one => vec![one.clone()],
        };
        let messages = messages.iter().map(described).collect();
        let columns = [
            ("message", "message_id"),
            ("sent", "sent_at"),
            ("receives", "receives"),
            ("state", "state"),
            ("body", "shown"),
        ];
        self.tell(messages, &columns, "message_id")
    }

    /// Prints objects: as a table on a terminal, one a line otherwise, as JSON where that is asked for.
    fn tell(&self, objects: Vec<Value>, columns: &[(&str, &str)], name: &str) -> Result<()> {
        if shows_tables(self.reach.json) {
            show(&Table::of(&Value::Array(objects), columns).to_string());
            return Ok(());
        }
        let line = |object: &Value| if self.reach.json { object.to_string() } else { word(&object[name]) };
        show(&objects.iter().map(|object| line(object) + "\n").collect::<String>());
        Ok(())
    }

    fn api(&self, operation: &str, input: &Value) -> Result<Answer> {
        self.reach.call_api(&SQS, &self.place, operation, input)
    }
}

/// The attributes that GetQueueAttributes answered; nothing where the queue was deleted since it was listed.
fn attributes_of(answer: &Answer) -> Result<Option<Value>> {
    let error: Option<Value> = serde_json::from_slice(&answer.body).ok();
    let error = error.as_ref().and_then(|error| error["__type"].as_str()).unwrap_or_default();
    if error.ends_with("#QueueDoesNotExist") {
        return Ok(None);
    }
    Ok(Some(answer.json().context("sqs:GetQueueAttributes")?["Attributes"].take()))
}

/// A message as it is printed.
fn described(message: &Value) -> Value {
    let attribute = |name: &str| {
        let all = message["Attribute"].as_array().into_iter().flatten();
        all.clone().find(|attribute| attribute["Name"] == name).map(|attribute| word(&attribute["Value"]))
    };
    let sent_at = attribute("SentTimestamp").and_then(|at| at.parse().ok()).map(Timestamp::from_millis);
    let state = match (attribute("IsDelayed").as_deref(), attribute("IsVisible").as_deref()) {
        (Some("true"), _) => "delayed",
        (_, Some("false")) => "in flight",
        _ => "visible",
    };
    let body = word(&message["Body"]);
    let receives = attribute("ApproximateReceiveCount").and_then(|count| count.parse::<u64>().ok());
    json!({
        "message_id": message["MessageId"],
        "sent_at": sent_at.map(|at| moment_text(at).to_string()),
        "receives": receives,
        "state": state,
        "group_id": attribute("MessageGroupId"),
        "body": body,
        "shown": shortened(&body),
    })
}

/// The beginning of a body, on one line.
fn shortened(body: &str) -> String {
    let mut shown: String = body.chars().take(SHOWN).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if body.chars().nth(SHOWN).is_some() {
        shown.push_str("...");
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_described_by_what_the_door_tells() {
        let attribute = |name: &str, value: &str| json!({ "Name": name, "Value": value });
        let told = json!({
            "MessageId": "m", "Body": "one\ntwo",
            "Attribute": [
                attribute("SentTimestamp", "1767225600123"), attribute("ApproximateReceiveCount", "2"),
                attribute("IsVisible", "false"), attribute("IsDelayed", "false"),
            ],
        });
        let described = described(&told);
        assert_eq!(described["sent_at"], "2026-01-01T00:00:00.123000Z");
        assert_eq!((&described["state"], &described["receives"]), (&json!("in flight"), &json!(2)));
        assert_eq!((&described["body"], &described["shown"]), (&json!("one\ntwo"), &json!("one two")));
    }

    #[test]
    fn a_queue_that_was_deleted_since_it_was_listed_is_passed_over() {
        let attributes = |status: u16, body: &[u8]| attributes_of(&Answer { status, body: body.to_vec() });
        let gone = br#"{"__type": "com.amazonaws.sqs#QueueDoesNotExist", "message": "It does not exist."}"#;
        assert_eq!(attributes(400, gone).expect("it is no trouble"), None);
        let there = attributes(200, br#"{"Attributes": {"QueueArn": "a"}}"#).expect("an answer");
        assert_eq!(there, Some(json!({ "QueueArn": "a" })));
        assert!(attributes(503, br#"{"__type": "ServiceUnavailable", "message": "no"}"#).is_err());
    }

    #[test]
    fn a_long_body_is_shown_in_part() {
        assert_eq!(shortened(&"x".repeat(SHOWN)), "x".repeat(SHOWN));
        assert_eq!(shortened(&"\u{e9}".repeat(SHOWN + 1)), "\u{e9}".repeat(SHOWN) + "...");
    }
}
