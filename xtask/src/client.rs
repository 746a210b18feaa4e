//! A kept-alive HTTP/1.1 connection that calls AWS's JSON APIs, as an SDK does, and the control plane.

use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// No call takes longer, unless something is wrong.
const PATIENCE: Duration = Duration::from_secs(60);

/// A connection.
pub(crate) struct Client {
    stream: BufReader<TcpStream>,
    target: String,
    /// What leads to the universe that is called, in front of every path.
    prefix: String,
}

impl Client {
    /// Connects.
    pub(crate) fn connect(target: &str) -> Result<Self> {
        let stream = TcpStream::connect(target).with_context(|| format!("cannot connect to {target}"))?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_nodelay(true)?;
        Ok(Self { stream: BufReader::new(stream), target: target.to_owned(), prefix: String::new() })
    }

    /// Calls another universe from now on.
    pub(crate) fn enter(&mut self, universe: &str) {
        self.prefix = format!("/_mesh/u/{universe}");
    }

    /// The URL of a queue.
    pub(crate) fn queue_url(&self, queue: &str) -> String {
        format!("http://{}/000000000000/{queue}", self.target)
    }

    /// Calls an operation of an API in awsJson that must be answered with success.
    pub(crate) fn call(&mut self, operation: &str, input: &Value) -> Result<Value> {
        let head = format!(
            "POST {}/ HTTP/1.1\r\ncontent-type: application/x-amz-json-1.0\r\nx-amz-target: {operation}\r\n",
            self.prefix
        );
        self.send(&head, input).with_context(|| operation.to_owned())
    }

    /// Calls an operation of Lambda that must be answered with success.
    pub(crate) fn call_lambda(&mut self, request: &str, headers: &str, input: &Value) -> Result<Value> {
        let head = format!(
            "{request} HTTP/1.1\r\ncontent-type: application/json\r\nauthorization: AWS4-HMAC-SHA256 \
             Credential=test/20260101/us-east-1/lambda/aws4_request, SignedHeaders=host, Signature=0\r\n{headers}"
        );
        self.send(&head, input).with_context(|| request.to_owned())
    }

    /// Posts to the control plane.
    pub(crate) fn control(&mut self, path: &str, body: &Value) -> Result<Value> {
        let head = format!("POST /_mesh{path} HTTP/1.1\r\nx-mesh: 1\r\ncontent-type: application/json\r\n");
        self.send(&head, body).with_context(|| path.to_owned())
    }

    /// Sends a request with these first lines, and reads the answer's JSON.
    fn send(&mut self, head: &str, input: &Value) -> Result<Value> {
        let body = input.to_string();
        let request = format!("{head}host: {}\r\ncontent-length: {}\r\n\r\n{body}", self.target, body.len());
        self.stream.get_mut().write_all(request.as_bytes())?;
        let (status, body) = self.answer()?;
        if !(200..300).contains(&status) {
            bail!("answered {status}: {}", String::from_utf8_lossy(&body));
        }
        serde_json::from_slice(&body)
            .or_else(|_| if body.is_empty() { Ok(Value::Null) } else { bail!("no JSON") })
    }

    fn answer(&mut self) -> Result<(u16, Vec<u8>)> {
        let status = self.line()?;
        let status = status.split(' ').nth(1).and_then(|status| status.parse().ok()).context("no status")?;
        let mut length = 0;
        loop {
            let line = self.line()?;
            if line.is_empty() {
                break;
            }
            if let Some((name, value)) = line.split_once(':')
                && name.eq_ignore_ascii_case("content-length")
            {
                length = value.trim().parse()?;
            }
        }
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body)?;
        Ok((status, body))
    }

    fn line(&mut self) -> Result<String> {
        let mut line = String::new();
        if self.stream.read_line(&mut line)? == 0 {
            bail!("the connection was closed");
        }
        Ok(line.trim_end().to_owned())
    }

    /// Takes all messages of a queue: their bodies. `wait` is how many seconds to wait for the first.
    pub(crate) fn drain(&mut self, queue: &str, wait: u32) -> Result<Vec<String>> {
        let queue_url = self.queue_url(queue);
        let mut bodies = Vec::new();
        loop {
            let wait = if bodies.is_empty() { wait } else { 0 };
            // Not hidden: a crash that takes the deletion but not this would hide it from the next look.
            let input = serde_json::json!({
                "QueueUrl": queue_url, "MaxNumberOfMessages": 10, "VisibilityTimeout": 0, "WaitTimeSeconds": wait,
            });
            let mut received = self.call("AmazonSQS.ReceiveMessage", &input)?;
            let Some(messages) = received["Messages"].as_array_mut() else { return Ok(bodies) };
            let entry = |(number, message): (usize, &Value)| {
                let id = number.to_string();
                serde_json::json!({ "Id": id, "ReceiptHandle": message["ReceiptHandle"] })
            };
            let entries: Vec<Value> = messages.iter().enumerate().map(entry).collect();
            let input = serde_json::json!({ "QueueUrl": queue_url, "Entries": entries });
            self.call("AmazonSQS.DeleteMessageBatch", &input)?;
            for message in messages {
                bodies.push(message["Body"].as_str().context("a message without a body")?.to_owned());
            }
        }
    }
}
