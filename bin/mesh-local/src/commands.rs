//! The commands that ask a running instance.

use crate::Reach;
use crate::table::{Table, word};
use anyhow::Result;
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use std::io::{IsTerminal, Write};
use std::process::ExitCode;

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

/// Read, freeze, resume, set or advance the clock of a universe.
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
    Now,
    /// Stop it where it is.
    Freeze,
    /// Let it run on.
    Resume,
    /// Set it to a moment: 2026-01-01T00:00:00Z.
    Set {
        /// The moment.
        at: String,
    },
    /// Move it forward, running what falls due on the way: 25h, 90s, 1d2h.
    Advance {
        /// By how much.
        by: String,
    },
    /// Wait until nothing is pending.
    Settle,
}

impl ClockCommand {
    pub(crate) fn run(&self) -> Result<ExitCode> {
        let base = format!("/_mesh/universes/{}", self.universe);
        let (method, path, body) = match &self.action {
            ClockAction::Now => ("GET", "/clock", None),
            ClockAction::Freeze => ("POST", "/clock/freeze", Some(json!({}))),
            ClockAction::Resume => ("POST", "/clock/resume", Some(json!({}))),
            ClockAction::Set { at } => ("POST", "/clock/set", Some(json!({ "at": at }))),
            ClockAction::Advance { by } => ("POST", "/clock/advance", Some(json!({ "by": by }))),
            ClockAction::Settle => ("POST", "/settle", Some(json!({}))),
        };
        print(&self.reach.call(method, &format!("{base}{path}"), body.as_ref())?, self.reach.json)
    }
}

/// List, fork, reset or delete universes.
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
            UniverseAction::Fork { .. } | UniverseAction::Reset { .. } => {
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

fn print(answer: &Value, as_json: bool) -> Result<ExitCode> {
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
