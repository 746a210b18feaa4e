//! The commands that ask a running instance.

use crate::Reach;
use crate::client::Request;
use crate::logs::span;
use crate::table::{Table, word};
use crate::why;
use anyhow::{Context as _, Result};
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use std::fs::File;
use std::io::{IsTerminal, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
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
    let answer = reach.send(&Request {
        method: "POST",
        path: &path,
        headers,
        body: body.to_string().as_bytes(),
        patience,
    })?;
    let told = serde_json::from_slice::<Value>(&answer.body).unwrap_or_default();
    if told["pending"].is_array() {
        let names = ["running", "pending", "calls"];
        let told = names.map(|name| (name.to_owned(), told[name].clone()));
        print(&Value::Object(told.into_iter().collect()), reach.json)?;
    }
    print(&answer.json()?, reach.json)
}

/// Create, list, fork, reset, delete, keep and restore universes.
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
    /// Keep a universe's state of this moment under a name.
    Snapshot {
        /// The name.
        name: String,
        /// The universe.
        #[arg(long, default_value = "default")]
        of: String,
    },
    /// Put a snapshot in the place of a universe.
    Restore {
        /// The snapshot.
        name: String,
        /// The universe.
        #[arg(long, default_value = "default")]
        to: String,
    },
    /// List the snapshots.
    Snapshots,
    /// Write a universe into one file, that only you can read: it holds whatever secrets the universe does.
    Export {
        /// The file.
        file: PathBuf,
        /// The universe.
        #[arg(long, default_value = "default")]
        of: String,
    },
    /// Make a universe of such a file.
    Import {
        /// The file.
        file: PathBuf,
        /// The universe.
        name: String,
        /// Put it in the place of one that there is.
        #[arg(long)]
        replace: bool,
    },
}

/// The columns of a table of snapshots.
const SNAPSHOTS: &[(&str, &str)] = &[("snapshot", "name")];

impl UniverseCommand {
    pub(crate) fn run(&self) -> Result<ExitCode> {
        let (universes, of) = ("/_mesh/universes", |name: &str| format!("/_mesh/universes/{name}"));
        let call = |method, path: &str, body: Option<Value>| self.reach.call(method, path, body.as_ref());
        let answer = match &self.action {
            UniverseAction::List => call("GET", universes, None),
            UniverseAction::Create { name } => {
                call("POST", universes, Some(json!({ "name": name, "empty": true })))
            }
            UniverseAction::Fork { name, from } => {
                call("POST", universes, Some(json!({ "name": name, "from": from })))
            }
            UniverseAction::Reset { name } => call("POST", &format!("{}/reset", of(name)), Some(json!({}))),
            UniverseAction::Delete { name } => call("DELETE", &of(name), None),
            UniverseAction::Snapshot { name, of: universe } => {
                call("POST", &format!("{}/snapshot", of(universe)), Some(json!({ "name": name })))
            }
            UniverseAction::Restore { name, to } => {
                call("POST", &format!("{}/restore", of(to)), Some(json!({ "name": name })))
            }
            UniverseAction::Snapshots => call("GET", "/_mesh/snapshots", None),
            UniverseAction::Export { file, of: universe } => {
                let bytes = self.reach.download(&format!("{}/export", of(universe)))?;
                write_secret(file, &bytes)?;
                Ok(json!({ "file": file, "bytes": bytes.len() }))
            }
            UniverseAction::Import { file, name, replace } => {
                let bytes = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
                self.reach.upload(&format!("{}/import?replace={replace}", of(name)), &bytes)
            }
        }?;
        if !shows_tables(self.reach.json) {
            return print(&answer, self.reach.json);
        }
        show(&match &self.action {
            UniverseAction::List => Table::of(&answer["universes"], UNIVERSES).to_string(),
            UniverseAction::Create { .. }
            | UniverseAction::Fork { .. }
            | UniverseAction::Reset { .. }
            | UniverseAction::Restore { .. }
            | UniverseAction::Import { .. } => Table::of(&json!([answer]), UNIVERSES).to_string(),
            UniverseAction::Delete { name } => format!("The universe {name} is deleted.\n"),
            UniverseAction::Snapshot { name, of } => format!("The snapshot {name} of {of} is kept.\n"),
            UniverseAction::Snapshots => Table::of(&answer["snapshots"], SNAPSHOTS).to_string(),
            UniverseAction::Export { file, of } => {
                format!("The universe {of} is in {}, with its secrets.\n", file.display())
            }
        });
        Ok(ExitCode::SUCCESS)
    }
}

/// Writes a file that its owner alone can read, whole or not at all.
fn write_secret(file: &Path, bytes: &[u8]) -> Result<()> {
    let cannot = || format!("cannot write {}", file.display());
    let mut part = file.as_os_str().to_owned();
    part.push(format!(".{}.part", std::process::id()));
    let part = PathBuf::from(part);
    let written = File::options().create_new(true).write(true).mode(0o600).open(&part).and_then(|mut out| {
        out.write_all(bytes)?;
        out.sync_all()
    });
    let moved = written.and_then(|()| std::fs::rename(&part, file));
    if moved.is_err() {
        std::fs::remove_file(&part).ok();
    }
    moved.with_context(cannot)
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
        let answer = self.reach.call("GET", &path, None)?;
        if self.reach.json {
            return print(&answer, true);
        }
        show(&why::tree(&answer));
        Ok(ExitCode::SUCCESS)
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
    fn an_export_is_its_owners_alone() {
        use std::os::unix::fs::PermissionsExt;
        let file = std::env::temp_dir().join(format!("mesh-export-{}", std::process::id()));
        write_secret(&file, b"secret").expect("it can be written");
        let (mode, text) = (std::fs::metadata(&file).expect("it is there"), std::fs::read(&file));
        std::fs::remove_file(&file).expect("it is there");
        assert_eq!(
            (mode.permissions().mode() & 0o777, text.expect("it can be read")),
            (0o600, b"secret".to_vec())
        );
    }

    #[test]
    fn an_answer_is_one_member_a_line() {
        let answer = json!({ "a": 1, "b": { "c": "text" }, "d": [{ "e": true }, "word"] });
        assert_eq!(plain(&answer, 0), "a: 1\nb:\n  c: text\nd:\n  e: true\n\n  word\n");
        assert_eq!(plain(&Value::Null, 0), "");
    }
}
