//! `mesh-local doctor`: what could go wrong on this machine, and what to do about it.

mod environment;
mod machine;
mod port;
mod programs;

use crate::Reach;
use crate::commands::{show, shows_tables};
use crate::environment::variables;
use anyhow::Result;
use serde_json::{Value, json};
use std::process::ExitCode;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Level {
    /// As it should be.
    Fine,
    /// Some clients or functions will have trouble.
    Warning,
    /// `up` cannot start.
    Problem,
}

impl Level {
    fn name(self) -> &'static str {
        match self {
            Self::Fine => "ok",
            Self::Warning => "warning",
            Self::Problem => "problem",
        }
    }
}

/// What was found.
#[derive(Debug, PartialEq, Eq)]
struct Finding {
    level: Level,
    /// What was looked at: `port`.
    about: &'static str,
    /// What is.
    found: String,
    /// What to do next.
    next: Option<String>,
}

impl Finding {
    fn fine(about: &'static str, found: impl Into<String>) -> Self {
        Self { level: Level::Fine, about, found: found.into(), next: None }
    }

    fn warning(about: &'static str, found: impl Into<String>, next: impl Into<String>) -> Self {
        Self { level: Level::Warning, about, found: found.into(), next: Some(next.into()) }
    }

    fn problem(about: &'static str, found: impl Into<String>, next: impl Into<String>) -> Self {
        Self { level: Level::Problem, ..Self::warning(about, found, next) }
    }

    fn with(self, next: impl Into<String>) -> Self {
        Self { next: Some(next.into()), ..self }
    }

    fn json(&self) -> Value {
        json!({ "about": self.about, "level": self.level.name(), "found": self.found, "next": self.next })
    }
}

/// Looks at everything, and fails if something keeps `up` from starting.
pub(crate) fn run(reach: &Reach) -> Result<ExitCode> {
    let variables = variables();
    let mut findings = port::look(reach)?;
    findings.extend(machine::look());
    findings.push(machine::places(mesh_local_embed::wiring::Outside::new().has_views()));
    findings.extend(environment::look(&variables, &reach.endpoint));
    findings.extend(programs::look());
    let can_start = findings.iter().all(|finding| finding.level != Level::Problem);
    show(&if reach.json {
        let findings: Vec<Value> = findings.iter().map(Finding::json).collect();
        format!("{}\n", json!({ "can_start": can_start, "findings": findings }))
    } else {
        let is_colourful = shows_tables(false) && !variables.contains_key("NO_COLOR");
        findings.iter().map(|finding| text(finding, is_colourful)).collect()
    });
    Ok(if can_start { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A finding, and under it what to do.
fn text(finding: &Finding, is_colourful: bool) -> String {
    let level = format!("{:<8}", finding.level.name());
    let level = match finding.level {
        _ if !is_colourful => level,
        Level::Fine => format!("\x1b[32m{level}\x1b[0m"),
        Level::Warning => format!("\x1b[33m{level}\x1b[0m"),
        Level::Problem => format!("\x1b[31m{level}\x1b[0m"),
    };
    let next = finding.next.iter().map(|next| format!("{:22}-> {next}\n", ""));
    format!("{level} {:<12} {}\n{}", finding.about, finding.found, next.collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_to_do_stands_under_what_was_found() {
        let finding = Finding::problem("port", "4566 is in use", "end the other");
        assert_eq!(
            text(&finding, false),
            "problem  port         4566 is in use\n                      -> end the other\n"
        );
        assert_eq!(
            finding.json(),
            json!({ "about": "port", "level": "problem", "found": "4566 is in use", "next": "end the other" })
        );
    }
}
