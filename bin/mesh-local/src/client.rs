//! Calls the control plane of a running instance.

use crate::Reach;
use anyhow::{Context as _, Result, bail};
use serde_json::Value;
use std::io::{Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::time::Duration;

/// How long a call may take: an advance runs whatever falls due.
const PATIENCE: Duration = Duration::from_secs(120);

impl Reach {
    /// Calls the control plane, and reads the answer's JSON.
    pub(crate) fn call(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Value> {
        let host = self.endpoint.strip_prefix("http://").context("an endpoint begins with http://")?;
        let host = host.trim_end_matches('/');
        let address = if host.contains(':') { host.to_owned() } else { format!("{host}:80") };
        let unreachable = || format!("nothing answers at {}: is it running (mesh-local up)?", self.endpoint);
        let address =
            address.to_socket_addrs().with_context(unreachable)?.next().with_context(unreachable)?;
        let mut stream =
            TcpStream::connect_timeout(&address, Duration::from_secs(5)).with_context(unreachable)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        let body = body.map(Value::to_string).unwrap_or_default();
        let token = self.token.as_ref().map(|token| format!("x-mesh-token: {token}\r\n")).unwrap_or_default();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nhost: {host}\r\nx-mesh: 1\r\n{token}content-type: application/json\r\n\
             content-length: {}\r\nconnection: close\r\n\r\n{body}",
            body.len()
        )?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).context("the answer broke off")?;
        read(&answer)
    }
}

fn read(answer: &[u8]) -> Result<Value> {
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n").context("the answer is no HTTP")?;
    let (head, body) = (String::from_utf8_lossy(&answer[..end]), &answer[end + 4..]);
    let status: u16 =
        head.split(' ').nth(1).and_then(|status| status.parse().ok()).context("the answer is no HTTP")?;
    let value: Value = if body.is_empty() {
        Value::Null
    } else {
        serde_json::from_slice(body).context("the answer is no JSON")?
    };
    if status >= 400 {
        let said =
            ["error", "message"].iter().find_map(|name| value[name].as_str()).unwrap_or("without words");
        bail!("{said} ({status})");
    }
    Ok(value)
}
