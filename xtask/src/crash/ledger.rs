//! What a client was told, and whether it is so.

use super::client::Client;
use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The table of all clients.
const TABLE: &str = "crash";

/// What every item's payload is, so that all are of one size.
const PAYLOAD: &str = "0123456789";

/// A client's own account of what was acknowledged.
pub(super) struct Ledger {
    client: usize,
    /// Numbers the turns, through all kills.
    turn: u64,
    calls: usize,
    /// Messages that were sent and not yet received.
    sent: BTreeSet<String>,
    /// Messages whose deletion was acknowledged.
    deleted: BTreeSet<String>,
    /// Items that were put since the last check.
    put: Vec<String>,
    /// Queues that were made since the last check.
    made: Vec<String>,
}

impl Ledger {
    pub(super) fn new(client: usize) -> Self {
        let (sent, deleted) = (BTreeSet::new(), BTreeSet::new());
        Self { client, turn: 0, calls: 0, sent, deleted, put: Vec::new(), made: Vec::new() }
    }

    /// The client's queue.
    pub(super) fn queue(&self) -> String {
        format!("crash-{}", self.client)
    }

    /// How many calls were acknowledged.
    pub(super) fn acknowledged(&self) -> usize {
        self.calls
    }

    /// Calls until the connection breaks.
    pub(super) fn work(&mut self, target: &str) -> Result<()> {
        let mut client = Client::connect(target)?;
        loop {
            self.turn += 1;
            let name = format!("{}-{:09}", self.client, self.turn);
            let queue_url = client.queue_url(&self.queue());
            client.call("AmazonSQS.SendMessage", &json!({ "QueueUrl": queue_url, "MessageBody": name }))?;
            self.sent.insert(name.clone());
            client.call("DynamoDB_20120810.PutItem", &json!({ "TableName": TABLE, "Item": item(&name) }))?;
            self.put.push(name.clone());
            self.calls += 2;
            if self.turn.is_multiple_of(16) {
                let queue = format!("made-{name}");
                client.call("AmazonSQS.CreateQueue", &json!({ "QueueName": queue }))?;
                self.made.push(queue);
                self.calls += 1;
            }
        }
    }

    /// Checks that what was acknowledged is there, and takes the messages.
    pub(super) fn check(&mut self, client: &mut Client) -> Result<()> {
        for name in std::mem::take(&mut self.put) {
            let found = client
                .call("DynamoDB_20120810.GetItem", &json!({ "TableName": TABLE, "Key": key(&name) }))?;
            ensure!(found["Item"] == item(&name), "the item {name} was acknowledged, and there is {found}");
        }
        self.check_queues(client)?;
        let queue_url = client.queue_url(&self.queue());
        loop {
            let input = json!({ "QueueUrl": queue_url, "MaxNumberOfMessages": 10, "VisibilityTimeout": 600 });
            let received = client.call("AmazonSQS.ReceiveMessage", &input)?;
            let messages = received["Messages"].as_array().cloned().unwrap_or_default();
            if messages.is_empty() {
                break;
            }
            for message in messages {
                self.take(client, &queue_url, &message)?;
            }
        }
        match self.sent.first() {
            Some(lost) => bail!("the message {lost} was acknowledged and is not there"),
            None => Ok(()),
        }
    }

    fn take(&mut self, client: &mut Client, queue_url: &str, message: &Value) -> Result<()> {
        let body = message["Body"].as_str().context("a message without a body")?.to_owned();
        ensure!(!self.deleted.contains(&body), "the deletion of {body} was acknowledged, and it is there");
        let input = json!({ "QueueUrl": queue_url, "ReceiptHandle": message["ReceiptHandle"] });
        client.call("AmazonSQS.DeleteMessage", &input)?;
        self.sent.remove(&body);
        self.deleted.insert(body);
        self.calls += 1;
        Ok(())
    }

    /// A queue is in the list and there, or neither: it is made in two partitions at once.
    fn check_queues(&mut self, client: &mut Client) -> Result<()> {
        let prefix = format!("made-{}-", self.client);
        let listed =
            client.call("AmazonSQS.ListQueues", &json!({ "QueueNamePrefix": prefix, "MaxResults": 1000 }))?;
        let listed: BTreeSet<String> = listed["QueueUrls"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|url| url.as_str()?.rsplit('/').next().map(str::to_owned))
            .collect();
        for queue in &listed {
            client.call("AmazonSQS.GetQueueUrl", &json!({ "QueueName": queue }))?;
        }
        match std::mem::take(&mut self.made).into_iter().find(|made| !listed.contains(made)) {
            Some(lost) => bail!("the queue {lost} was acknowledged and is not listed"),
            None => Ok(()),
        }
    }
}

/// What a table counts of its items fits what they are: both are written at once.
pub(super) fn check_table(client: &mut Client) -> Result<()> {
    let described = client.call("DynamoDB_20120810.DescribeTable", &json!({ "TableName": TABLE }))?;
    let (items, bytes) = (&described["Table"]["ItemCount"], &described["Table"]["TableSizeBytes"]);
    let (items, bytes) = (items.as_u64().context("no count")?, bytes.as_u64().context("no size")?);
    let size = ("id".len() + "0-000000000".len() + "payload".len() + PAYLOAD.len()) as u64;
    ensure!(bytes == items * size, "{items} items of {size} bytes are said to be {bytes}");
    Ok(())
}

/// What the table is made with.
pub(super) fn table() -> Value {
    json!({
        "TableName": TABLE,
        "KeySchema": [{ "AttributeName": "id", "KeyType": "HASH" }],
        "AttributeDefinitions": [{ "AttributeName": "id", "AttributeType": "S" }],
        "BillingMode": "PAY_PER_REQUEST",
    })
}

fn key(name: &str) -> Value {
    json!({ "id": { "S": name } })
}

fn item(name: &str) -> Value {
    json!({ "id": { "S": name }, "payload": { "S": PAYLOAD } })
}
