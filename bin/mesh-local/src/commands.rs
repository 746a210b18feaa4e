//! The commands that ask a running instance.

use crate::Reach;
use anyhow::Result;
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use std::process::ExitCode;

/// Shows what runs.
pub(crate) fn status(reach: &Reach) -> Result<ExitCode> {
    print(&reach.call("GET", "/_mesh/status", None)?, reach.json)
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
        print(&self.reach.call(method, &path, body.as_ref())?, self.reach.json)
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
    if as_json {
        println!("{answer}");
    } else {
        print_plain(answer, 0);
    }
    Ok(ExitCode::SUCCESS)
}

/// One member a line, nested ones indented.
fn print_plain(value: &Value, depth: usize) {
    let indent = "  ".repeat(depth);
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                if member.is_object() || member.is_array() {
                    println!("{indent}{name}:");
                    print_plain(member, depth + 1);
                } else {
                    println!("{indent}{name}: {}", word(member));
                }
            }
        }
        Value::Array(elements) => {
            for element in elements {
                if element.is_object() {
                    print_plain(element, depth);
                    println!();
                } else {
                    println!("{indent}{}", word(element));
                }
            }
        }
        scalar => println!("{indent}{}", word(scalar)),
    }
}

fn word(scalar: &Value) -> String {
    scalar.as_str().map_or_else(|| scalar.to_string(), str::to_owned)
}
