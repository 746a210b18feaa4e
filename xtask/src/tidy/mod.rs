//! The rules of the house that neither rustfmt nor clippy knows. Each is a function from files to findings, and each
//! has a test that shows it a violation.

mod manifest;
mod purity;
pub(crate) mod source;
mod text;

use crate::project::{self, File};
use anyhow::{Result, bail};
use std::fmt;

/// A place where a rule is broken.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Finding {
    path: String,
    line: usize,
    what: String,
}

impl Finding {
    fn new(file: &File, line: usize, what: impl Into<String>) -> Self {
        Finding { path: file.path.clone(), line, what: what.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.path, self.line, self.what)
    }
}

type Rule = fn(&[File]) -> Vec<Finding>;

const RULES: &[Rule] = &[
    text::no_trailing_whitespace,
    text::no_tabs,
    text::ends_in_one_newline,
    text::no_machine_paths,
    text::generated_files_say_so,
    manifest::packages_are_named_and_described,
    manifest::packages_inherit_the_lints,
    source::crates_begin_with_what_they_are,
    source::nothing_is_unfinished,
    source::files_have_a_size,
    source::operations_have_a_head,
    source::tests_run_and_do_not_sleep,
    purity::services_keep_to_the_router,
    purity::unsafe_code_is_in_one_place,
];

/// Runs every rule over the project's files.
pub(crate) fn run() -> Result<()> {
    let files = project::files()?;
    let large = source::large(&files);
    if !large.is_empty() {
        println!("over {} lines, ask which second noun is in them:", source::LARGE);
        for (path, lines) in large {
            println!("  {path}: {lines}");
        }
    }
    let mut findings: Vec<Finding> = RULES.iter().flat_map(|rule| rule(&files)).collect();
    findings.sort();
    for finding in &findings {
        println!("{finding}");
    }
    if !findings.is_empty() {
        bail!("tidy: {} places to mend in {} files", findings.len(), files.len());
    }
    println!("tidy: {} files, {} rules, nothing to mend", files.len(), RULES.len());
    Ok(())
}

#[cfg(test)]
fn file(path: &str, text: &str) -> File {
    File { path: path.to_owned(), text: text.to_owned() }
}

#[cfg(test)]
fn said(findings: &[Finding]) -> Vec<String> {
    findings.iter().map(ToString::to_string).collect()
}
