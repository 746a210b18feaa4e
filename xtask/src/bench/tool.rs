//! The program `mesh-bench`, which makes the load and reads the processes' figures.

use super::server::Server;
use anyhow::{Context, Result, bail};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::fmt::Display;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// The program.
#[derive(Debug)]
pub(super) struct Tool(PathBuf);

/// A load that is asked for: a scenario and the options of `mesh-bench load`.
#[derive(Debug, Clone)]
pub(super) struct Request(Vec<String>);

/// What a load came to.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Loaded {
    pub(super) requests: u64,
    pub(super) requests_per_second: f64,
    pub(super) p50_us: f64,
    pub(super) p99_us: f64,
    pub(super) cpu_us_per_request: Option<f64>,
    pub(super) ticked_us_per_request: Option<f64>,
    pub(super) answer_bytes: u64,
    pub(super) receipt_bytes: u64,
}

/// What a process uses.
#[derive(Debug, Clone, Copy, Deserialize)]
pub(super) struct Watched {
    /// Bytes of memory.
    pub(super) resident: u64,
    /// Nanoseconds on a core over the span.
    pub(super) cpu_ns: u64,
}

impl Request {
    /// A scenario's load, under a word that no other run on the server has.
    pub(super) fn of(scenario: &str, run: impl Into<String>) -> Self {
        Request(vec!["--scenario".to_owned(), scenario.to_owned(), "--run".to_owned(), run.into()])
    }

    /// The same from a load that leaves the processor to the server while it waits.
    pub(super) fn sleeping(mut self) -> Self {
        self.0.push("--sleeps".to_owned());
        self
    }

    /// Sets an option; the last word counts.
    pub(super) fn option(mut self, name: &str, value: impl Display) -> Self {
        let name = format!("--{name}");
        match self.0.iter().position(|word| *word == name) {
            Some(at) => self.0[at + 1] = value.to_string(),
            None => self.0.extend([name, value.to_string()]),
        }
        self
    }

    /// Sends to a bare server what was sent to ours.
    pub(super) fn like(mut self, ours: &Loaded) -> Self {
        self.0.push("--bare".to_owned());
        self.option("receipt-bytes", ours.receipt_bytes)
    }
}

impl Loaded {
    /// A load whose answers are so long.
    pub(super) fn answering(answer_bytes: u64) -> Self {
        Loaded { answer_bytes, receipt_bytes: 200, ..Loaded::default() }
    }
}

impl Tool {
    /// The program at a path.
    pub(super) fn new(path: PathBuf) -> Self {
        Tool(path)
    }

    /// The program, to be started by someone else.
    pub(super) fn command(&self) -> Command {
        Command::new(&self.0)
    }

    /// Runs the program and reads the line of JSON that it prints.
    pub(super) fn call<T: DeserializeOwned>(&self, arguments: &[&str]) -> Result<T> {
        let output =
            self.command().args(arguments).stdin(Stdio::null()).output().context("cannot run mesh-bench")?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            bail!("{}", said.trim().trim_start_matches("error: "));
        }
        serde_json::from_slice(&output.stdout).context("mesh-bench printed something else than expected")
    }

    /// Loads a server.
    pub(super) fn load(&self, server: &Server, request: &Request) -> Result<Loaded> {
        let (target, pid) = (server.target(), server.pid().to_string());
        let mut arguments = vec!["load", "--target", &target, "--server-pid", &pid];
        arguments.extend(request.0.iter().map(String::as_str));
        self.call(&arguments)
    }

    /// Brings rows to a server, and measures nothing.
    pub(super) fn fill(&self, server: &Server, request: &Request) -> Result<()> {
        let target = server.target();
        let mut arguments = vec!["fill", "--target", &target];
        arguments.extend(request.0.iter().map(String::as_str));
        self.call::<serde_json::Value>(&arguments)?;
        Ok(())
    }

    /// What a server uses over some seconds.
    pub(super) fn watch(&self, server: &Server, seconds: f64) -> Result<Watched> {
        self.call(&["watch", "--pid", &server.pid().to_string(), "--seconds", &seconds.to_string()])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_option_that_is_set_again_is_replaced() {
        let request = Request::of("sqs-send", "a").option("seconds", 2).option("seconds", 0.5);
        assert_eq!(request.0, ["--scenario", "sqs-send", "--run", "a", "--seconds", "0.5"]);
    }

    #[test]
    fn a_load_is_read_whatever_more_it_tells() {
        let loaded: Loaded =
            serde_json::from_str(r#"{"requests": 7, "cpu_us_per_request": 9.5, "more": true}"#)
                .expect("a load");
        assert_eq!((loaded.requests, loaded.cpu_us_per_request), (7, Some(9.5)));
    }
}
