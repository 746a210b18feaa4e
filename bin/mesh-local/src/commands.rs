//! The commands that ask a running instance.

use crate::Reach;
use crate::client::Request;
use crate::logs::span;
use crate::table::{Table, word};
use anyhow::Result;
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use std::io::{IsTerminal, Write};
use std::process::ExitCode;
use std::time::Duration;

/// How long an instance may take to answer beyond the time that it was given to work.
const TO_ANSWER: Duration = Duration::from_secs(30);

/// The columns of a table of universes.
const UNIVERSES: &[(&str, &str)] = &[
    ("universe", "name"),
    ("clock", "clock.mode"),
    ("now", "clock.now"),
    ("partitions", "partitions"),
    ("waiting", "waiting"),
    ("due later", "deadlines"),
    ("running", "running"),
];

/// The columns of a table of services.
const SERVICES: &[(&str, &str)] = &[("service", "name"), ("operations", "served"), ("of", "known")];

/// Shows what runs.
pub(crate) fn status(reach: &Reach) -> Result<ExitCode> {
    let answer = reach.call("GET", "/_mesh/status", None)?;
    if !shows_tables(reach.json) {
        return print(&answer, reach.json);
    }
    let told = ["version", "endpoint", "started_at"].map(|name| format!("{name}: {}\n", word(&answer[name])));
    let universes = Table::of(&answer["universes"], UNIVERSES);
    show(&format!("{}\n{universes}\n{}", told.concat(), Table::of(&answer["services"], SERVICES)));
    Ok(ExitCode::SUCCESS)
}

/// Whether a person reads what is printed.
pub(crate) fn shows_tables(as_json: bool) -> bool {
    !as_json && std::io::stdout().is_terminal()
}

/// Succeeds if the instance answers.
pub(crate) fn healthcheck(reach: &Reach) -> Result<ExitCode> {
    reach.call("GET", "/_mesh/health", None)?;
    Ok(ExitCode::SUCCESS)
}

/// Read, freeze, resume, set, offset or advance the clock of a universe.
#[derive(Args)]
pub(crate) struct ClockCommand {
    #[command(subcommand)]
    action: ClockAction,
    /// The universe.
    #[arg(long, short, default_value = "default", global = true)]
    universe: String,
    #[command(flatten)]
    reach: Reach,
}

#[derive(Subcommand)]
enum ClockAction {
    /// What time it is.
    #[command(alias = "now")]
    Show,
    /// Stop it where it is, or at a moment.
    Freeze {
        /// The moment: 2026-01-01T00:00:00Z.
        #[arg(long)]
        at: Option<String>,
    },
    /// Let it run on.
    Resume,
    /// Set it to a moment: 2026-01-01T00:00:00Z.
    Set {
        /// The moment.
        at: String,
    },
    /// Let it run by so much ahead of the machine's clock, or behind it: 25h, -2h, 0s.
    Offset {
        /// By how much.
        #[arg(allow_hyphen_values = true)]
        by: String,
    },
    /// Move it forward, running what falls due on the way: 25h, 90s, 1d2h.
    Advance {
        /// By how much.
        #[arg(allow_hyphen_values = true)]
        by: String,
        /// How long that may take, in real time.
        #[arg(long, value_name = "SPAN", value_parser = span, default_value = "60s")]
        timeout: Duration,
    },
    /// Wait until nothing is pending.
    Settle {
        /// How long that may take, in real time.
        #[arg(long, value_name = "SPAN", value_parser = span, default_value = "60s")]
        timeout: Duration,
    },
}

impl ClockCommand {
    pub(crate) fn run(&self) -> Result<ExitCode> {
        let (method, path, body) = match &self.action {
            ClockAction::Show => ("GET", "/clock", None),
            ClockAction::Freeze { at } => {
                ("POST", "/clock/freeze", Some(at.as_ref().map_or(json!({}), |at| json!({ "at": at }))))
            }
            ClockAction::Resume => ("POST", "/clock/resume", Some(json!({}))),
            ClockAction::Set { at } => ("POST", "/clock/set", Some(json!({ "at": at }))),
            ClockAction::Offset { by } => ("POST", "/clock/offset", Some(json!({ "by": by }))),
            ClockAction::Advance { by, timeout } => {
                return run_due(
                    &self.reach,
                    &self.universe,
                    "/clock/advance",
                    *timeout,
                    &json!({ "by": by }),
                );
            }
            ClockAction::Settle { timeout } => {
                return run_due(&self.reach, &self.universe, "/settle", *timeout, &json!({}));
            }
        };
        let path = format!("/_mesh/universes/{}{path}", self.universe);
        print(&self.reach.call(method, &path, body.as_ref())?, self.reach.json)
    }
}

/// Wait until nothing is pending in a universe; the exit code is 1 if something still is.
#[derive(Args)]
pub(crate) struct Settle {
    /// The universe.
    #[arg(long, short, default_value = "default")]
    universe: String,
    /// How long that may take, in real time.
    #[arg(long, value_name = "SPAN", value_parser = span, default_value = "60s")]
    timeout: Duration,
    #[command(flatten)]
    reach: Reach,
}

impl Settle {
    pub(crate) fn run(&self) -> Result<ExitCode> {
        run_due(&self.reach, &self.universe, "/settle", self.timeout, &json!({}))
    }
}

/// Has a universe run what is due, and prints what that was; or what still runs after the bound, with an error.
fn run_due(reach: &Reach, universe: &str, door: &str, bound: Duration, body: &Value) -> Result<ExitCode> {
    let path = format!("/_mesh/universes/{universe}{door}?timeout={}us", bound.as_micros());
    let headers = &[("content-type", "application/json")];
    // The instance answers at the bound: this one is for an instance that does not.
    let patience = bound.saturating_add(TO_ANSWER);
    let answer = reach.send(&Request { method: "POST", path: &path, headers, body: Some(body), patience })?;
    let told = serde_json::from_slice::<Value>(&answer.body).unwrap_or_default();
    if told["pending"].is_array() {
        let names = ["running", "pending", "calls"];
        let told = names.map(|name| (name.to_owned(), told[name].clone()));
        print(&Value::Object(told.into_iter().collect()), reach.json)?;
    }
    print(&answer.json()?, reach.json)
}

/// Create, list, fork, reset or delete universes.
#[derive(Args)]
pub(crate) struct UniverseCommand {
    #[command(subcommand)]
    action: UniverseAction,
    #[command(flatten)]
    reach: Reach,
}

#[derive(Subcommand)]
enum UniverseAction {
    /// All universes.
    List,
    /// Make an empty universe.
    Create {
        /// Its name.
        name: String,
    },
    /// Make a universe with another's state at this moment.
    Fork {
        /// The name of the new one.
        name: String,
        /// The other.
        #[arg(long, default_value = "default")]
        from: String,
    },
    /// Empty a universe.
    Reset {
        /// Which.
        #[arg(default_value = "default")]
        name: String,
    },
    /// Delete a universe.
    Delete {
        /// Which.
        name: String,
    },
}

impl UniverseCommand {
    pub(crate) fn run(&self) -> Result<ExitCode> {
        let (method, path, body) = match &self.action {
            UniverseAction::List => ("GET", "/_mesh/universes".to_owned(), None),
            UniverseAction::Create { name } => {
                ("POST", "/_mesh/universes".to_owned(), Some(json!({ "name": name, "empty": true })))
            }
            UniverseAction::Fork { name, from } => {
                ("POST", "/_mesh/universes".to_owned(), Some(json!({ "name": name, "from": from })))
            }
            UniverseAction::Reset { name } => {
                ("POST", format!("/_mesh/universes/{name}/reset"), Some(json!({})))
            }
            UniverseAction::Delete { name } => ("DELETE", format!("/_mesh/universes/{name}"), None),
        };
        let answer = self.reach.call(method, &path, body.as_ref())?;
        if !shows_tables(self.reach.json) {
            return print(&answer, self.reach.json);
        }
        show(&match &self.action {
            UniverseAction::List => Table::of(&answer["universes"], UNIVERSES).to_string(),
            UniverseAction::Create { .. } | UniverseAction::Fork { .. } | UniverseAction::Reset { .. } => {
                Table::of(&json!([answer]), UNIVERSES).to_string()
            }
            UniverseAction::Delete { name } => format!("The universe {name} is deleted.\n"),
        });
        Ok(ExitCode::SUCCESS)
    }
}

/// Follow a request or delivery id from cause to outcome.
#[derive(Args)]
pub(crate) struct Why {
    /// The id.
    id: String,
    /// The universe.
    #[arg(long, short, default_value = "default")]
    universe: String,
    #[command(flatten)]
    reach: Reach,
}

impl Why {
    pub(crate) fn run(&self) -> Result<ExitCode> {
        let path = format!("/_mesh/universes/{}/why/{}", self.universe, self.id);
        print(&self.reach.call("GET", &path, None)?, self.reach.json)
    }
}

/// Prints an answer: one member a line, or as JSON.
pub(crate) fn print(answer: &Value, as_json: bool) -> Result<ExitCode> {
    show(&if as_json { format!("{answer}\n") } else { plain(answer, 0) });
    Ok(ExitCode::SUCCESS)
}

/// Writes to the standard output. Who has read enough of it, as `head` does, is no failure.
pub(crate) fn show(text: &str) {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).ok();
}

/// One member a line, nested ones indented.
fn plain(value: &Value, depth: usize) -> String {
    let indent = "  ".repeat(depth);
    match value {
        Value::Object(members) => members
            .iter()
            .map(|(name, member)| match member {
                Value::Object(_) | Value::Array(_) => {
                    format!("{indent}{name}:\n{}", plain(member, depth + 1))
                }
                scalar => format!("{indent}{name}: {}\n", word(scalar)),
            })
            .collect(),
        Value::Array(elements) => elements
            .iter()
            .map(|element| match element {
                Value::Object(_) => format!("{}\n", plain(element, depth)),
                other => format!("{indent}{}\n", word(other)),
            })
            .collect(),
        // the answer of what has nothing to say
        Value::Null => String::new(),
        scalar => format!("{indent}{}\n", word(scalar)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_one_member_a_line() {
        let answer = json!({ "a": 1, "b": { "c": "text" }, "d": [{ "e": true }, "word"] });
        assert_eq!(plain(&answer, 0), "a: 1\nb:\n  c: text\nd:\n  e: true\n\n  word\n");
        assert_eq!(plain(&Value::Null, 0), "");
    }
}
