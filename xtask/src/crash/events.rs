//! Events that a function was to get: each is a delivery that is owed, and must come at least once.

use super::Durability;
use crate::bench::function::{PYTHON, interpreter};
use crate::client::Client;
use crate::project::Stopwatch;
use anyhow::{Result, bail};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use std::collections::BTreeSet;
use std::io::{Cursor, Write};
use std::time::Duration;
use zip::write::{SimpleFileOptions, ZipWriter};

/// The function, and the queue to which it sends the events that it gets.
const NAME: &str = "crash-events";

/// Events between two kills: more would only wait for one another.
const AT_ONCE: usize = 4;

/// No event takes longer to come: one whose attempt failed is tried again after a minute.
const PATIENCE: Duration = Duration::from_secs(150);

const HANDLER: &str = r#"
import json, os, urllib.request

def handler(event, context):
    key, region = os.environ["AWS_ACCESS_KEY_ID"], os.environ["AWS_REGION"]
    scope = f"{key}/20260101/{region}/sqs/aws4_request"
    urllib.request.urlopen(urllib.request.Request(
        os.environ["AWS_ENDPOINT_URL"] + "/",
        json.dumps({"QueueUrl": "crash-events", "MessageBody": event["id"]}).encode(),
        {
            "X-Amz-Target": "AmazonSQS.SendMessage", "Content-Type": "application/x-amz-json-1.0",
            "Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0",
        },
    ), timeout=10)
"#;

/// An account of the events that were acknowledged.
pub(super) struct Events {
    durability: Durability,
    /// Why there are none, where there are none.
    absent: Option<String>,
    turn: u64,
    /// Those that were acknowledged since the last check, in their order.
    owed: Vec<String>,
    came: usize,
    again: usize,
    lost: usize,
}

impl Events {
    /// Makes the function. Without an interpreter there are no events.
    pub(super) fn prepare(client: &mut Client, durability: Durability) -> Result<Self> {
        let mut events =
            Self { durability, absent: None, turn: 0, owed: Vec::new(), came: 0, again: 0, lost: 0 };
        let runtime = match interpreter(&PYTHON) {
            Ok((_, runtime)) => runtime,
            Err(error) => {
                events.absent = Some(format!("{error:#}"));
                return Ok(events);
            }
        };
        let function = json!({
            "FunctionName": NAME, "Runtime": runtime, "Handler": "app.handler", "Timeout": 30,
            "Role": "arn:aws:iam::000000000000:role/crash", "Code": { "ZipFile": STANDARD.encode(archive()?) },
        });
        client.call_lambda("POST /2015-03-31/functions", "", &function)?;
        client.call("AmazonSQS.CreateQueue", &json!({ "QueueName": NAME }))?;
        Ok(events)
    }

    /// Hands some events to the function.
    pub(super) fn work(&mut self, target: &str) -> Result<()> {
        if self.absent.is_some() {
            return Ok(());
        }
        let mut client = Client::connect(target)?;
        let request = format!("POST /2015-03-31/functions/{NAME}/invocations");
        for _ in 0..AT_ONCE {
            self.turn += 1;
            let id = format!("{:09}", self.turn);
            client.call_lambda(&request, "x-amz-invocation-type: Event\r\n", &json!({ "id": id }))?;
            self.owed.push(id);
        }
        Ok(())
    }

    /// Waits until all have come that were acknowledged.
    pub(super) fn check(&mut self, client: &mut Client) -> Result<()> {
        let owed = std::mem::take(&mut self.owed);
        let (mut came, watch) = (BTreeSet::new(), Stopwatch::start());
        // One whose attempt failed comes later than all that is pending now.
        let mut wait = 0;
        client.control("/universes/default/settle?timeout=60s", &json!({}))?;
        loop {
            for id in client.drain(NAME, wait)? {
                self.again += usize::from(!came.insert(id));
            }
            let left = owed.iter().take_while(|id| came.contains(*id)).count();
            let is_a_beginning = owed[left..].iter().all(|id| !came.contains(id));
            if left == owed.len() || (self.durability == Durability::Relaxed && is_a_beginning) {
                self.came += left;
                self.lost += owed.len() - left;
                return Ok(());
            }
            if watch.elapsed() > PATIENCE {
                bail!("of the events {owed:?}, which were acknowledged, there came {came:?}");
            }
            wait = 5;
        }
    }

    /// How many came.
    pub(super) fn summary(&self) -> String {
        match &self.absent {
            Some(why) => format!("no events: {why}"),
            None => {
                let Self { came, again, lost, .. } = self;
                format!("{came} events came, {again} of them again, and {lost} were lost")
            }
        }
    }
}

/// The function's code.
fn archive() -> Result<Vec<u8>> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    archive.start_file("app.py", SimpleFileOptions::default())?;
    archive.write_all(HANDLER.as_bytes())?;
    Ok(archive.finish()?.into_inner())
}
