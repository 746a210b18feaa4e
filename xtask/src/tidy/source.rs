//! Rules on source files.

use super::Finding;
use crate::header::Header;
use crate::project::File;

/// From here on a file is listed, so that someone asks what else is in it.
pub(super) const LARGE: usize = 500;
/// From here on it is refused.
const TOO_LARGE: usize = 800;

/// Written in two halves, so that this file does not break its own rules.
const UNFINISHED: &[&str] = &[concat!("to", "do!"), concat!("db", "g!"), concat!("unimple", "mented!")];
const IGNORED: &str = concat!("#[ig", "nore");
const SLEEP: &str = concat!("sle", "ep(");

fn rust(files: &[File]) -> impl Iterator<Item = &File> {
    files.iter().filter(|file| file.extension() == "rs")
}

fn is_generated(file: &File) -> bool {
    file.path.starts_with("crates/models/")
}

pub(super) fn crates_begin_with_what_they_are(files: &[File]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in
        rust(files).filter(|file| file.path.ends_with("src/lib.rs") || file.path.ends_with("src/main.rs"))
    {
        // An attribute of the crate or a generated file's notice may stand before.
        let first = file.text.lines().find(|line| line.starts_with("//!"));
        let said = first.and_then(|line| line.strip_prefix("//!")).map_or("", str::trim);
        if said.len() < 10 || said.starts_with('(') {
            findings.push(Finding::new(
                file,
                1,
                "a crate begins with `//!` and one sentence that says what it is",
            ));
        }
    }
    findings
}

pub(super) fn nothing_is_unfinished(files: &[File]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in rust(files) {
        for (number, line) in code(file) {
            for name in UNFINISHED {
                if has_word(line, name) {
                    findings.push(Finding::new(file, number, format!("`{name}` does not land")));
                }
            }
        }
    }
    findings
}

fn length(file: &File) -> usize {
    file.text.lines().count()
}

/// The files that are large and still allowed, the largest first.
pub(super) fn large(files: &[File]) -> Vec<(&str, usize)> {
    let mut large: Vec<_> = rust(files)
        .filter(|file| !is_generated(file))
        .map(|file| (file.path.as_str(), length(file)))
        .filter(|(_, lines)| (LARGE + 1..=TOO_LARGE).contains(lines))
        .collect();
    large.sort_by_key(|(path, lines)| (std::cmp::Reverse(*lines), *path));
    large
}

pub(super) fn files_have_a_size(files: &[File]) -> Vec<Finding> {
    rust(files)
        .filter(|file| !is_generated(file) && length(file) > TOO_LARGE)
        .map(|file| {
            let lines = length(file);
            Finding::new(file, TOO_LARGE + 1, format!("{lines} lines; a file is one noun or one operation"))
        })
        .collect()
}

/// Whether a path is an operation's file: `crates/<crate>/src/ops/<operation>.rs`, or one folder deeper where a crate
/// serves several services.
pub(crate) fn is_operation(path: &str) -> bool {
    let Some(rest) = path.strip_prefix("crates/") else { return false };
    let Some((_, within)) = rest.split_once("/src/ops/") else { return false };
    within.ends_with(".rs") && within.rsplit('/').next() != Some("mod.rs")
}

pub(super) fn operations_have_a_head(files: &[File]) -> Vec<Finding> {
    rust(files)
        .filter(|file| is_operation(&file.path))
        .filter_map(|file| {
            let (line, what) = Header::parse(&file.text).err()?;
            Some(Finding::new(file, line, what))
        })
        .collect()
}

pub(super) fn tests_run_and_do_not_sleep(files: &[File]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in rust(files) {
        let mut in_tests = file.path.starts_with("tests/") || file.path.contains("/tests/");
        for (number, line) in code(file) {
            in_tests |= line.trim_start().starts_with("#[cfg(test)]");
            if line.trim_start().starts_with(IGNORED) {
                findings.push(Finding::new(file, number, "a test that does not run is no test"));
            }
            if in_tests && has_word(line, SLEEP) {
                findings.push(Finding::new(
                    file,
                    number,
                    "a test waits on a condition or on its own clock, it does not sleep",
                ));
            }
        }
    }
    findings
}

/// The lines of a file with their numbers, without what is a comment to the end of the line.
pub(crate) fn code(file: &File) -> impl Iterator<Item = (usize, &str)> {
    file.text.lines().enumerate().map(|(index, line)| {
        let end = line
            .match_indices("//")
            .map(|(at, _)| at)
            .find(|&at| line[..at].chars().next_back().is_none_or(char::is_whitespace));
        (index + 1, end.map_or(line, |end| &line[..end]))
    })
}

/// Whether `word` stands in the line as a word of its own.
pub(crate) fn has_word(line: &str, word: &str) -> bool {
    let part_of_a_word = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + word.len()..].chars().next();
        let open_end = word.ends_with(part_of_a_word);
        let goes_on = open_end && after.is_some_and(part_of_a_word);
        !before.is_some_and(part_of_a_word) && !goes_on
    })
}

#[cfg(test)]
mod tests {
    use super::super::{file, said};
    use super::*;

    #[test]
    fn a_crate_that_does_not_say_what_it_is_is_found() {
        let files = [
            file("crates/a/src/lib.rs", "//! (in progress)\n"),
            file("crates/b/src/lib.rs", "use std::fmt;\n"),
            file("crates/c/src/lib.rs", "#![allow(x)]\n//! Amazon SQS for mesh-local.\n"),
            file("crates/c/src/queue.rs", "use std::fmt;\n"),
        ];
        let found = crates_begin_with_what_they_are(&files);
        assert_eq!(
            found.iter().map(|finding| finding.path.as_str()).collect::<Vec<_>>(),
            ["crates/a/src/lib.rs", "crates/b/src/lib.rs"]
        );
    }

    #[test]
    fn what_is_unfinished_is_found_but_in_comments() {
        let name = UNFINISHED[0];
        let files = [file("a.rs", &format!("// {name}()\nfn f() {{ {name}() }}\nlet my_{name} = 1;\n"))];
        assert_eq!(said(&nothing_is_unfinished(&files)), [format!("a.rs:2: `{name}` does not land")]);
    }

    #[test]
    fn a_file_that_is_too_large_is_found_and_a_large_one_listed() {
        let lines = |count: usize| "x\n".repeat(count);
        let files = [
            file("crates/a/src/over.rs", &lines(801)),
            file("crates/a/src/large.rs", &lines(800)),
            file("crates/a/src/fine.rs", &lines(500)),
            file("crates/models/src/sqs.rs", &lines(9000)),
        ];
        let found = files_have_a_size(&files);
        assert_eq!(
            said(&found),
            ["crates/a/src/over.rs:801: 801 lines; a file is one noun or one operation"]
        );
        assert_eq!(large(&files), [("crates/a/src/large.rs", 800)]);
    }

    #[test]
    fn an_operation_without_its_head_is_found() {
        let files = [
            file("crates/queues/src/ops/send_message.rs", "//! SendMessage: puts one message on a queue.\n"),
            file("crates/queues/src/ops/mod.rs", "//! The operations.\n"),
            file("crates/queues/src/domain/queue.rs", "//! A queue.\n"),
        ];
        let found = operations_have_a_head(&files);
        assert_eq!(found.len(), 1);
        assert!(found[0].to_string().starts_with("crates/queues/src/ops/send_message.rs:2: AWS's page"));
    }

    #[test]
    fn a_test_that_sleeps_or_does_not_run_is_found() {
        let waiting = format!("fn f() {{ RealTime::{SLEEP}span) }}\n");
        let files = [
            file(
                "crates/a/src/x.rs",
                &format!("{waiting}#[cfg(test)]\nmod tests {{\n    {waiting}    {IGNORED}]\n}}\n"),
            ),
            file("tests/src/sqs.rs", &waiting),
        ];
        assert_eq!(
            said(&tests_run_and_do_not_sleep(&files)),
            [
                "crates/a/src/x.rs:4: a test waits on a condition or on its own clock, it does not sleep",
                "crates/a/src/x.rs:5: a test that does not run is no test",
                "tests/src/sqs.rs:1: a test waits on a condition or on its own clock, it does not sleep",
            ]
        );
    }

    #[test]
    fn an_address_in_a_string_is_not_taken_for_a_comment() {
        let files = [file("a.rs", "let a = \"http://x\"; b // c\n")];
        assert_eq!(code(&files[0]).next(), Some((1, "let a = \"http://x\"; b ")));
    }
}
