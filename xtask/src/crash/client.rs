//! A kept-alive HTTP/1.1 connection that calls AWS's JSON APIs as an SDK does.

use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// No call takes longer, unless something is wrong.
const PATIENCE: Duration = Duration::from_secs(20);

/// A connection.
pub(super) struct Client {
    stream: BufReader<TcpStream>,
    target: String,
}

impl Client {
    /// Connects.
    pub(super) fn connect(target: &str) -> Result<Self> {
        let stream = TcpStream::connect(target).with_context(|| format!("cannot connect to {target}"))?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_nodelay(true)?;
        Ok(Self { stream: BufReader::new(stream), target: target.to_owned() })
    }

    /// The URL of a queue.
    pub(super) fn queue_url(&self, queue: &str) -> String {
        format!("http://{}/000000000000/{queue}", self.target)
    }

    /// Calls an operation that must be answered with success.
    pub(super) fn call(&mut self, operation: &str, input: &Value) -> Result<Value> {
        let body = input.to_string();
        let request = format!(
            "POST / HTTP/1.1\r\nhost: {}\r\ncontent-type: application/x-amz-json-1.0\r\nx-amz-target: {operation}\r\n\
             content-length: {}\r\n\r\n{body}",
            self.target,
            body.len()
        );
        self.stream.get_mut().write_all(request.as_bytes())?;
        let (status, body) = self.answer()?;
        if status != 200 {
            bail!("{operation} was answered {status}: {}", String::from_utf8_lossy(&body));
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
}
