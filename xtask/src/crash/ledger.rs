//! What a client was told, and whether it is so.

use super::Durability;
use crate::client::Client;
use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

/// The table of all clients.
const TABLE: &str = "crash";

/// So many items each client has; it puts one after the other, again and again, so that a long run is as fast at its end.
const ITEMS: u64 = 200;

/// A client's own account of what was acknowledged.
pub(super) struct Ledger {
    client: usize,
    durability: Durability,
    /// Numbers the turns, through all kills.
    turn: u64,
    calls: usize,
    lost: usize,
    /// What was acknowledged since the last check, in its order.
    deeds: Vec<Deed>,
    /// Messages and queues whose deletion was acknowledged.
    deleted: BTreeSet<String>,
}

/// Something that was acknowledged.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Deed {
    /// A message was sent.
    Sent(String),
    /// An item was put, over an older one.
    Put(String),
    /// A queue was made.
    Made(String),
}

impl Ledger {
    pub(super) fn new(client: usize, durability: Durability) -> Self {
        let (deeds, deleted) = (Vec::new(), BTreeSet::new());
        Self { client, durability, turn: 0, calls: 0, lost: 0, deeds, deleted }
    }

    /// The client's queue.
    pub(super) fn queue(&self) -> String {
        format!("crash-{}", self.client)
    }

    /// How many calls were acknowledged.
    pub(super) fn acknowledged(&self) -> usize {
        self.calls
    }

    /// How many of them a crash has taken.
    pub(super) fn lost(&self) -> usize {
        self.lost
    }

    /// Calls until the connection breaks.
    pub(super) fn work(&mut self, target: &str) -> Result<()> {
        let mut client = Client::connect(target)?;
        let queue_url = client.queue_url(&self.queue());
        loop {
            self.turn += 1;
            let name = format!("{}-{:09}", self.client, self.turn);
            client.call("AmazonSQS.SendMessage", &json!({ "QueueUrl": queue_url, "MessageBody": name }))?;
            self.told(Deed::Sent(name.clone()));
            client.call("DynamoDB_20120810.PutItem", &json!({ "TableName": TABLE, "Item": item(&name) }))?;
            self.told(Deed::Put(name.clone()));
            if self.turn.is_multiple_of(16) {
                let queue = format!("made-{name}");
                client.call("AmazonSQS.CreateQueue", &json!({ "QueueName": queue }))?;
                self.told(Deed::Made(queue));
            }
        }
    }

    fn told(&mut self, deed: Deed) {
        self.calls += 1;
        self.deeds.push(deed);
    }

    /// Checks that what was acknowledged is there, and takes the messages and the queues.
    pub(super) fn check(&mut self, client: &mut Client) -> Result<()> {
        let found = self.find(client)?;
        let back: Vec<&Deed> = found.iter().filter(|deed| self.deleted.contains(deed.name())).collect();
        let (deeds, is_relaxed) = (std::mem::take(&mut self.deeds), self.durability == Durability::Relaxed);
        let left = deeds.iter().take_while(|deed| found.contains(deed)).count();
        match deeds.get(left) {
            Some(lost) if !is_relaxed => bail!("{lost:?} was acknowledged and is not there"),
            Some(lost) => {
                let later = deeds[left..].iter().find(|deed| found.contains(deed));
                ensure!(later.is_none(), "{lost:?} is not there, and {later:?} came later and is");
            }
            None => {}
        }
        // They were deleted before any of the deeds.
        let may_be_back = is_relaxed && left == 0;
        ensure!(back.is_empty() || may_be_back, "the deletion was acknowledged, and there are {back:?}");
        self.lost += deeds.len() - left;
        self.calls += found.iter().filter(|deed| !matches!(deed, Deed::Put(_))).count();
        self.deleted.extend(found.into_iter().filter_map(|deed| match deed {
            Deed::Sent(name) | Deed::Made(name) => Some(name),
            Deed::Put(_) => None,
        }));
        Ok(())
    }

    /// What is there of all that this client did; what can be deleted is.
    fn find(&self, client: &mut Client) -> Result<BTreeSet<Deed>> {
        let mut found = BTreeSet::new();
        let mut newest: BTreeMap<String, String> = BTreeMap::new();
        for deed in &self.deeds {
            let Deed::Put(name) = deed else { continue };
            let key = key(name);
            let newest = match newest.entry(key.to_string()) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(unknown) => {
                    let input = json!({ "TableName": TABLE, "Key": key });
                    let got = client.call("DynamoDB_20120810.GetItem", &input)?;
                    unknown.insert(got["Item"]["name"]["S"].as_str().unwrap_or_default().to_owned())
                }
            };
            // One that was put later stands in its place.
            if *newest >= *name {
                found.insert(deed.clone());
            }
        }
        found.extend(self.take_queues(client)?.into_iter().map(Deed::Made));
        found.extend(client.drain(&self.queue(), 0)?.into_iter().map(Deed::Sent));
        Ok(found)
    }

    /// The queues that were made. Each is in the list and there, or neither: it is made, and deleted, in two partitions at
    /// once.
    fn take_queues(&self, client: &mut Client) -> Result<Vec<String>> {
        let prefix = format!("made-{}-", self.client);
        let input = json!({ "QueueNamePrefix": prefix, "MaxResults": 1000 });
        let listed = client.call("AmazonSQS.ListQueues", &input)?;
        let urls = listed["QueueUrls"].as_array().into_iter().flatten().filter_map(Value::as_str);
        let queues: Vec<String> = urls.filter_map(|url| url.rsplit('/').next()).map(str::to_owned).collect();
        for queue in &queues {
            client.call("AmazonSQS.GetQueueUrl", &json!({ "QueueName": queue }))?;
            client.call("AmazonSQS.DeleteQueue", &json!({ "QueueUrl": client.queue_url(queue) }))?;
        }
        Ok(queues)
    }
}

impl Deed {
    fn name(&self) -> &str {
        match self {
            Self::Sent(name) | Self::Put(name) | Self::Made(name) => name,
        }
    }
}

/// What a table counts of its items fits what they are: both are written at once.
pub(super) fn check_table(client: &mut Client) -> Result<()> {
    let described = client.call("DynamoDB_20120810.DescribeTable", &json!({ "TableName": TABLE }))?;
    let (items, bytes) = (&described["Table"]["ItemCount"], &described["Table"]["TableSizeBytes"]);
    let (items, bytes) = (items.as_u64().context("no count")?, bytes.as_u64().context("no size")?);
    let size = ("id".len() + "0-000".len() + "name".len() + "0-000000000".len()) as u64;
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

/// The key of the item that a turn puts.
fn key(name: &str) -> Value {
    let (client, turn) = name.split_once('-').unwrap_or_default();
    let place = turn.parse().unwrap_or(0_u64) % ITEMS;
    json!({ "id": { "S": format!("{client}-{place:03}") } })
}

fn item(name: &str) -> Value {
    let mut item = key(name);
    item["name"] = json!({ "S": name });
    item
}
