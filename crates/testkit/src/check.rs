//! Scenarios as tests: the text that came out is compared with the text that went in.

use crate::bed::{BEATS, PATIENCE, TestBed};
use crate::client::Glossary;
use crate::scenario::{Setting, run};
use crate::script::{ScriptError, dedent};
use crate::sent;
use expect_test::{Expect, ExpectFile};
use mesh_router::Registry;
use mesh_wire::Protocol;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

/// Runs a scenario in a bed of its own, in awsJson (or the service's first protocol), and compares.
/// `UPDATE_EXPECT=1` rewrites the expectation.
///
/// # Panics
/// If an answer is another, or a line cannot be read or carried out.
#[track_caller]
pub fn check(
    register: impl Fn(&mut Registry) + Send + Sync + Clone + 'static,
    service: &str,
    scenario: Expect,
) {
    check_protocols(&[], register, service, scenario);
}

/// [`check`], and the same in each of these protocols, which must answer the same.
///
/// # Panics
/// As [`check`]; if a protocol answers otherwise than the others.
#[track_caller]
pub fn check_protocols(
    protocols: &[Protocol],
    register: impl Fn(&mut Registry) + Send + Sync + Clone + 'static,
    service: &str,
    scenario: Expect,
) {
    let told =
        tell(protocols, register, service, scenario.data()).unwrap_or_else(|ScriptError { line, what }| {
            // the text begins on the line behind `expect![[r#"`
            let line = scenario.position.line as usize + line;
            panic!("{}:{line}: {what}", scenario.position.file)
        });
    if told != dedent(scenario.data()) {
        scenario.assert_eq(&told);
    }
}

/// [`check_protocols`] of a scenario in a file.
///
/// # Panics
/// As [`check_protocols`]; if the file cannot be read.
pub fn check_file(
    protocols: &[Protocol],
    register: impl Fn(&mut Registry) + Send + Sync + Clone + 'static,
    service: &str,
    path: &Path,
) {
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let told = tell(protocols, register, service, &text)
        .unwrap_or_else(|ScriptError { line, what }| panic!("{}:{line}: {what}", path.display()));
    if told != dedent(&text) {
        // what it prints of a failure is the position alone
        let position = Box::leak(path.display().to_string().into_boxed_str());
        ExpectFile { path: path.to_owned(), position }.assert_eq(&told);
    }
}

/// [`check_file`] of each `*.txt` in a folder; all are run, whichever fail. [`scenarios!`](crate::scenarios) makes it a
/// test.
///
/// # Panics
/// If a scenario fails; if there is none.
pub fn check_folder(
    protocols: &[Protocol],
    register: impl Fn(&mut Registry) + Send + Sync + Clone + 'static,
    service: &str,
    folder: &Path,
) {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let mut paths: Vec<PathBuf> =
        paths.filter(|path| path.extension().is_some_and(|extension| extension == "txt")).collect();
    paths.sort();
    assert!(!paths.is_empty(), "{} has no scenario", folder.display());
    let fails = |path: &PathBuf| {
        catch_unwind(AssertUnwindSafe(|| check_file(protocols, register.clone(), service, path))).is_err()
    };
    let failed: Vec<String> =
        paths.iter().filter(|path| fails(path)).map(|path| path.display().to_string()).collect();
    assert!(failed.is_empty(), "{} of {} scenarios fail: {}", failed.len(), paths.len(), failed.join(", "));
}

/// Makes the scenarios of a folder a test: `scenarios!("tests/scenarios", "sqs", register)`, and behind that the
/// protocols in which they are run again. The folder is given from the crate's own.
#[macro_export]
macro_rules! scenarios {
    ($folder:literal, $service:literal, $register:expr $(, $protocol:expr)* $(,)?) => {
        #[test]
        fn every_scenario_is_answered_as_it_says() {
            let folder = ::std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/", $folder));
            $crate::check_folder(&[$($protocol),*], $register, $service, folder);
        }
    };
}

/// The scenario's text with its answers. Runs it in the first protocol, then in the others, each in a bed of its own.
fn tell(
    protocols: &[Protocol],
    register: impl Fn(&mut Registry) + Send + Sync + Clone + 'static,
    service: &str,
    text: &str,
) -> Result<String, ScriptError> {
    let (protocols, service, text) = (protocols.to_vec(), service.to_owned(), text.to_owned());
    let ended = watched(PATIENCE * 2, move || {
        let mut glossary = Glossary::default();
        let first = Setting { service: &service, protocol: None, is_coverage: true };
        let told = run(&TestBed::new(&register), first, &text, &mut glossary)?;
        for protocol in protocols {
            let setting = Setting { protocol: Some(protocol), ..first };
            let bed = TestBed::new(&register);
            let again =
                run(&bed, setting, &text, &mut glossary.clone()).map_err(|ScriptError { line, what }| {
                    ScriptError { line, what: format!("in {protocol:?}: {what}") }
                })?;
            let is_query = protocol == Protocol::AwsQuery;
            same(protocol, &told.neutral(is_query), &again.neutral(is_query))?;
        }
        Ok(told.text())
    });
    sent::write();
    ended
}

/// Whether a protocol answered as the first did; the first line that differs if not.
fn same(protocol: Protocol, first: &str, again: &str) -> Result<(), ScriptError> {
    let mut pairs = first.lines().zip(again.lines()).enumerate();
    match pairs.find(|(_, (one, other))| one != other) {
        _ if first == again => Ok(()),
        Some((index, (one, other))) => {
            let what = format!(
                "{protocol:?} answers otherwise:\n  {other}\nand not as in the first protocol:\n  {one}"
            );
            Err(ScriptError { line: index + 1, what })
        }
        None => Err(ScriptError { line: 0, what: format!("{protocol:?} answers more or less often") }),
    }
}

/// Runs on a thread of its own, so that even a step that blocks its thread, where the bed's own bound cannot act, ends
/// in a failure.
fn watched<T: Send + 'static>(patience: Duration, work: impl FnOnce() -> T + Send + 'static) -> T {
    let (ended, end) = channel();
    let thread = std::thread::spawn(move || {
        let ended_well = ended.send(work());
        drop(ended_well);
    });
    let mut beats = BEATS.load(Ordering::Relaxed);
    loop {
        match end.recv_timeout(patience) {
            Ok(result) => return result,
            Err(RecvTimeoutError::Disconnected) => match thread.join() {
                Err(panic) => resume_unwind(panic),
                Ok(()) => unreachable!("a thread that ends well has sent its result"),
            },
            Err(RecvTimeoutError::Timeout) => {
                let now = BEATS.load(Ordering::Relaxed);
                assert_ne!(now, beats, "a step blocks its thread: a deadlock, or a loop without an end");
                beats = now;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_protocol_that_answers_otherwise_is_found() {
        let error = same(Protocol::AwsQuery, "> A\n< 200 {\"a\": 1}\n", "> A\n< 200 {\"a\": 2}\n")
            .expect_err("differs");
        assert_eq!(error.line, 2);
        assert!(error.what.starts_with("AwsQuery answers otherwise:\n  < 200 {\"a\": 2}"), "{error}");
        assert!(same(Protocol::AwsQuery, "> A\n", "> A\n< 200 {}\n").is_err());
        assert_eq!(same(Protocol::AwsQuery, "> A\n", "> A\n"), Ok(()));
    }

    #[test]
    fn a_step_that_blocks_its_thread_is_noticed() {
        let (never, answer) = channel::<()>();
        let blocked = catch_unwind(AssertUnwindSafe(|| {
            watched(Duration::from_millis(20), move || answer.recv().is_ok())
        }));
        let panic = blocked.expect_err("it blocks");
        let words = panic.downcast_ref::<String>().map_or("", String::as_str);
        assert!(words.contains("a step blocks its thread"), "{words}");
        drop(never);
    }

    #[test]
    fn what_a_scenario_panics_with_is_passed_on() {
        let panicked = catch_unwind(|| watched(Duration::from_secs(5), || panic!("on the way")));
        assert_eq!(panicked.expect_err("it panics").downcast_ref::<&str>(), Some(&"on the way"));
    }
}
