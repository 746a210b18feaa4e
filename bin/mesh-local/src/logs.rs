//! `mesh-local logs`: the events of a CloudWatch log group, as its API tells them.

use crate::Reach;
use crate::client::{Answer, Api, Place};
use crate::commands::{show, shows_tables};
use crate::table::{Table, word};
use anyhow::{Context as _, Result, bail};
use clap::Args;
use mesh_clock::RealTime;
use mesh_edge::control::moment_text;
use mesh_types::Span;
use mesh_types::Timestamp;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::io::Write;
use std::process::ExitCode;
use std::time::Duration;

/// How often new events are asked for while they are followed.
const PAUSE: Duration = Duration::from_secs(1);

const LOGS: Api =
    Api { service: "logs", target: "Logs_20140328", content_type: "application/x-amz-json-1.1" };

/// Milliseconds by which an event may come later than one with a newer timestamp, and still be followed.
const OVERLAP: i64 = 10_000;

/// Print the events of a CloudWatch log group, or the log groups.
#[derive(Args)]
pub(crate) struct Logs {
    /// The log group: /aws/lambda/NAME is that of a function. Without it, the groups are listed.
    group: Option<String>,
    /// Go on with new events until it is interrupted.
    #[arg(long, short, requires = "group")]
    follow: bool,
    /// Only events of this last span of the universe's time: 10m, 1h30m.
    #[arg(long, value_name = "SPAN", value_parser = span, requires = "group")]
    since: Option<Duration>,
    /// Only events that match a filter pattern of CloudWatch Logs.
    #[arg(long, value_name = "PATTERN", requires = "group")]
    filter: Option<String>,
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    reach: Reach,
}

/// Reads a span of an option.
pub(crate) fn span(text: &str) -> Result<Duration, String> {
    Span::parse(text).map(|Span(span)| span).map_err(|invalid| invalid.to_string())
}

impl Logs {
    pub(crate) fn run(&self) -> Result<ExitCode> {
        match &self.group {
            Some(group) => self.events(group)?,
            None => self.groups()?,
        }
        Ok(ExitCode::SUCCESS)
    }

    /// Lists the groups.
    fn groups(&self) -> Result<()> {
        let groups = self.pages("DescribeLogGroups", json!({}), "logGroups")?;
        if shows_tables(self.reach.json) {
            let columns =
                [("log group", "logGroupName"), ("bytes", "storedBytes"), ("kept days", "retentionInDays")];
            show(&Table::of(&Value::Array(groups), &columns).to_string());
            return Ok(());
        }
        let line = |group: &Value| {
            if self.reach.json { group.to_string() } else { word(&group["logGroupName"]) }
        };
        show(&groups.iter().map(|group| line(group) + "\n").collect::<String>());
        Ok(())
    }

    /// Prints the events of a group, and new ones as they come.
    fn events(&self, group: &str) -> Result<()> {
        let mut input = json!({ "logGroupName": group });
        if let Some(filter) = &self.filter {
            input["filterPattern"] = filter.as_str().into();
        }
        if let Some(since) = self.since {
            let now =
                self.reach.call("GET", &format!("/_mesh/universes/{}/clock", self.place.universe), None)?;
            let now = now["micros"].as_i64().context("the universe's clock has no time")?;
            let since = i64::try_from(since.as_millis()).unwrap_or(i64::MAX);
            input["startTime"] = (now / 1_000).saturating_sub(since).max(0).into();
        }
        let mut seen = Seen::default();
        loop {
            let events = self.pages("FilterLogEvents", input.clone(), "events")?;
            let mut out = std::io::stdout().lock();
            for event in events.iter().filter(|event| seen.is_new(event)) {
                let line = if self.reach.json { event.to_string() } else { line(event) };
                if writeln!(out, "{line}").and_then(|()| out.flush()).is_err() {
                    // who read it has seen enough
                    return Ok(());
                }
            }
            drop(out);
            if !self.follow {
                return Ok(());
            }
            if let Some(from) = seen.forget() {
                let start = input["startTime"].as_i64().unwrap_or_default();
                input["startTime"] = from.max(start).into();
            }
            pause()?;
        }
    }

    /// All pages of an answer.
    fn pages(&self, operation: &str, mut input: Value, member: &str) -> Result<Vec<Value>> {
        let mut all = Vec::new();
        loop {
            let mut page = self.api(operation, &input)?;
            if let Value::Array(elements) = page[member].take() {
                all.extend(elements);
            }
            match page["nextToken"].take() {
                Value::Null => return Ok(all),
                token => input["nextToken"] = token,
            }
        }
    }

    fn api(&self, operation: &str, input: &Value) -> Result<Value> {
        let answer = self.reach.call_api(&LOGS, &self.place, operation, input)?;
        if is_not_found(&answer) {
            bail!(
                "there is no log group {:?} in {}: mesh-local logs lists them; a function's is \
                 /aws/lambda/NAME, made at its first invocation",
                word(&input["logGroupName"]),
                self.place.region()
            );
        }
        answer.json().with_context(|| format!("logs:{operation}"))
    }
}

fn is_not_found(answer: &Answer) -> bool {
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    answer.status == 400
        && body["__type"].as_str().is_some_and(|name| name.ends_with("ResourceNotFoundException"))
}

fn pause() -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
    runtime.context("cannot wait")?.block_on(RealTime::sleep(PAUSE));
    Ok(())
}

/// `2026-01-02T03:04:05.678Z  the message`
fn line(event: &Value) -> String {
    let at = moment_text(Timestamp::from_millis(event["timestamp"].as_i64().unwrap_or_default()));
    let millis = at.get(..at.len().saturating_sub(4)).unwrap_or(&at);
    format!("{millis}Z  {}", word(&event["message"]).trim_end())
}

/// The events that were printed and could come again.
#[derive(Debug, Default)]
struct Seen {
    /// Timestamps and ids.
    events: BTreeSet<(i64, String)>,
}

impl Seen {
    fn is_new(&mut self, event: &Value) -> bool {
        self.events.insert((event["timestamp"].as_i64().unwrap_or_default(), word(&event["eventId"])))
    }

    /// Forgets what will not come again, and says from which moment on to ask.
    fn forget(&mut self) -> Option<i64> {
        let newest = self.events.last()?.0;
        let from = newest.saturating_sub(OVERLAP).max(0);
        self.events = self.events.split_off(&(from, String::new()));
        Some(from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(timestamp: i64, id: &str) -> Value {
        json!({ "timestamp": timestamp, "eventId": id, "message": "hello\n" })
    }

    #[test]
    fn a_line_has_the_moment_and_the_message() {
        assert_eq!(line(&event(1_767_225_600_123, "1")), "2026-01-01T00:00:00.123Z  hello");
    }

    #[test]
    fn an_event_is_followed_once_also_if_it_comes_late() {
        let mut seen = Seen::default();
        assert!(seen.is_new(&event(100_000, "b")));
        assert_eq!(seen.forget(), Some(100_000 - OVERLAP));
        assert!(!seen.is_new(&event(100_000, "b")));
        assert!(seen.is_new(&event(99_000, "a")));
        assert!(seen.is_new(&event(200_000, "c")));
        assert_eq!(seen.forget(), Some(200_000 - OVERLAP));
        assert_eq!(seen.events.len(), 1);
    }

    #[test]
    fn spans_have_units() {
        assert_eq!(span("1h30m"), Ok(Duration::from_secs(5_400)));
        assert!(span("soon").is_err_and(|sentence| sentence.contains("90s")));
    }
}
