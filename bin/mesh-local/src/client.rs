//! Calls a running instance: its control plane and its APIs.

use crate::{Reach, environment, shell};
use anyhow::{Context as _, Result, bail};
use clap::Args;
use serde_json::Value;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::time::Duration;

/// How long a call may take: an advance runs whatever falls due.
const PATIENCE: Duration = Duration::from_secs(120);

/// How long it may take to be connected.
const TO_CONNECT: Duration = Duration::from_secs(5);

/// One request, but for the place it goes to.
pub(crate) struct Request<'a> {
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) headers: &'a [(&'a str, &'a str)],
    pub(crate) body: &'a [u8],
    /// How long the answer may take.
    pub(crate) patience: Duration,
}

/// Whose resources a command is about.
#[derive(Args)]
pub(crate) struct Place {
    /// The Region [default: AWS_REGION, AWS_DEFAULT_REGION or us-east-1].
    #[arg(long)]
    region: Option<String>,
    /// The account.
    #[arg(long, default_value = "000000000000")]
    pub(crate) account: String,
    /// The universe.
    #[arg(long, short, default_value = "default")]
    pub(crate) universe: String,
}

/// An API that speaks JSON.
pub(crate) struct Api {
    /// As signatures name it.
    pub(crate) service: &'static str,
    /// What stands before an operation in `x-amz-target`.
    pub(crate) target: &'static str,
    pub(crate) content_type: &'static str,
}

/// How long an answer of an API may take.
pub(crate) const API_PATIENCE: Duration = Duration::from_secs(30);

impl Place {
    /// The Region.
    pub(crate) fn region(&self) -> String {
        let environment = environment::variables();
        let named = ["AWS_REGION", "AWS_DEFAULT_REGION"].iter().find_map(|name| environment.get(*name));
        self.region.as_ref().or(named).map_or(shell::REGION, String::as_str).to_owned()
    }
}

/// An answer, as it came.
#[derive(Debug, PartialEq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
}

impl Reach {
    /// Calls the control plane, and reads the answer's JSON.
    pub(crate) fn call(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Value> {
        let headers = &[("content-type", "application/json")];
        let body = body.map(Value::to_string).unwrap_or_default();
        self.send(&Request { method, path, headers, body: body.as_bytes(), patience: PATIENCE })?.json()
    }

    /// Sends a file to the control plane, and reads the answer's JSON.
    pub(crate) fn upload(&self, path: &str, file: &[u8]) -> Result<Value> {
        let headers = &[("content-type", "application/octet-stream")];
        self.send(&Request { method: "POST", path, headers, body: file, patience: PATIENCE })?.json()
    }

    /// Fetches a file from the control plane.
    pub(crate) fn download(&self, path: &str) -> Result<Vec<u8>> {
        let answer =
            self.send(&Request { method: "GET", path, headers: &[], body: &[], patience: PATIENCE })?;
        if answer.status >= 400 {
            answer.json()?;
        }
        Ok(answer.body)
    }

    /// Calls an operation of an API.
    pub(crate) fn call_api(
        &self,
        api: &Api,
        place: &Place,
        operation: &str,
        input: &Value,
    ) -> Result<Answer> {
        // It says who asks, and where; the signature itself is not looked at.
        let authorization = format!(
            "AWS4-HMAC-SHA256 Credential={}/20150830/{}/{}/aws4_request, SignedHeaders=host, Signature=0",
            place.account,
            place.region(),
            api.service
        );
        self.send(&Request {
            method: "POST",
            path: &format!("/_mesh/u/{}/", place.universe),
            headers: &[
                ("content-type", api.content_type),
                ("x-amz-target", &format!("{}.{operation}", api.target)),
                ("authorization", &authorization),
            ],
            body: input.to_string().as_bytes(),
            patience: API_PATIENCE,
        })
    }

    /// Sends a request.
    pub(crate) fn send(&self, request: &Request<'_>) -> Result<Answer> {
        let (host, addresses) = self.addresses()?;
        let mut stream = self.connect(&addresses)?;
        stream.set_read_timeout(Some(request.patience))?;
        let mut head = format!(
            "{} {} HTTP/1.1\r\nhost: {host}\r\nx-mesh: 1\r\nconnection: close\r\n",
            request.method, request.path
        );
        let token = self.token.iter().map(|token| ("x-mesh-token", token.as_str()));
        for (name, value) in request.headers.iter().copied().chain(token) {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        write!(stream, "{head}content-length: {}\r\n\r\n", request.body.len())?;
        stream.write_all(request.body)?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).with_context(|| {
            format!("the answer of {} broke off: mesh-local doctor says what listens there", self.endpoint)
        })?;
        Answer::read(&answer).with_context(|| {
            format!("what listens at {} is no mesh-local: mesh-local doctor says more", self.endpoint)
        })
    }

    /// The host, as it is named in a request, and its addresses.
    pub(crate) fn addresses(&self) -> Result<(&str, Vec<SocketAddr>)> {
        let host = self.endpoint.strip_prefix("http://").with_context(|| {
            format!("{:?} is no endpoint: one begins with http://, as http://localhost:4566", self.endpoint)
        })?;
        let host = host.trim_end_matches('/');
        let has_port = host.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
        let authority = if has_port { host.to_owned() } else { format!("{host}:80") };
        let addresses = authority.to_socket_addrs().with_context(|| {
            format!("{host:?} has no address: is --endpoint (MESH_LOCAL_ENDPOINT) written right?")
        })?;
        Ok((host, addresses.collect()))
    }

    /// Connects to the first address that answers: `localhost` can mean `::1` before it means 127.0.0.1.
    fn connect(&self, addresses: &[SocketAddr]) -> Result<TcpStream> {
        let mut failure = None;
        for address in addresses {
            match TcpStream::connect_timeout(address, TO_CONNECT) {
                Ok(stream) => return Ok(stream),
                Err(error) => failure = Some(error),
            }
        }
        let sentence = format!("nothing answers at {}: is it running (mesh-local up)?", self.endpoint);
        match failure {
            Some(error) => Err(error).context(sentence),
            None => bail!(sentence),
        }
    }

    /// Whether anything listens there.
    pub(crate) fn is_listened_at(&self) -> Result<bool> {
        let (_, addresses) = self.addresses()?;
        Ok(addresses.iter().any(|address| TcpStream::connect_timeout(address, TO_CONNECT).is_ok()))
    }
}

impl Answer {
    fn read(answer: &[u8]) -> Result<Self> {
        let end = answer.windows(4).position(|four| four == b"\r\n\r\n").context("the answer is no HTTP")?;
        let head = String::from_utf8_lossy(&answer[..end]);
        let status = head.strip_prefix("HTTP/1.").and_then(|head| head.split(' ').nth(1)?.parse().ok());
        let status = status.context("the answer is no HTTP")?;
        Ok(Self { status, body: answer[end + 4..].to_vec() })
    }

    /// The JSON of an answer that is no error.
    pub(crate) fn json(&self) -> Result<Value> {
        let value: Value = if self.body.is_empty() {
            Value::Null
        } else {
            serde_json::from_slice(&self.body).context("the answer is no JSON")?
        };
        if self.status >= 400 {
            let said = ["error", "message", "Message"].iter().find_map(|name| value[name].as_str());
            bail!("{} ({})", said.unwrap_or("without words"), self.status);
        }
        Ok(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn reach(endpoint: &str) -> Reach {
        Reach { endpoint: endpoint.to_owned(), token: None, json: false }
    }

    #[test]
    fn an_answer_has_a_status_and_a_body() {
        let answer =
            Answer::read(b"HTTP/1.1 200 OK\r\ncontent-length: 7\r\n\r\n{\"a\":1}").expect("an answer");
        assert_eq!(answer, Answer { status: 200, body: b"{\"a\":1}".to_vec() });
        assert_eq!(answer.json().expect("JSON"), json!({ "a": 1 }));
        assert!(Answer::read(b"SSH-2.0-OpenSSH\r\n\r\n").is_err());
        assert!(Answer::read(b"").is_err());
    }

    #[test]
    fn an_error_is_told_in_the_words_of_the_instance() {
        let answer = Answer { status: 404, body: br#"{"error": "There is no universe."}"#.to_vec() };
        assert_eq!(answer.json().expect_err("an error").to_string(), "There is no universe. (404)");
    }

    #[test]
    fn an_endpoint_has_a_scheme_and_perhaps_a_port() {
        assert_eq!(reach("http://127.0.0.1:4567/").addresses().expect("addresses").0, "127.0.0.1:4567");
        let addresses = reach("http://127.0.0.1").addresses().expect("addresses").1;
        assert_eq!(addresses, [SocketAddr::from(([127, 0, 0, 1], 80))]);
        let addresses = reach("http://[::1]:4567").addresses().expect("addresses").1;
        assert_eq!(addresses[0].port(), 4567);
        let error = reach("localhost:4566").addresses().expect_err("no endpoint").to_string();
        assert!(error.contains("http://localhost:4566"), "{error}");
    }
}
