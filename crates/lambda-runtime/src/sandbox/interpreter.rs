//! Which program of this machine runs a language.

use crate::domain::Language;
use mesh_clock::RealTime;
use mesh_router::outside::{Command, Exit, Outside};
use parking_lot::Mutex;
use smol_str::SmolStr;
use std::collections::HashMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};
use std::time::Duration;
use tokio::sync::OnceCell;

/// How long a program may take to say what it is.
const PATIENCE: Duration = Duration::from_secs(10);

/// Versions of Python 3 and of Node that are looked for.
const PYTHONS: std::ops::RangeInclusive<u32> = 6..=20;
const NODES: std::ops::RangeInclusive<u32> = 12..=30;

/// A program that runs a language.
#[derive(Debug, Clone)]
pub(super) struct Interpreter {
    /// The program itself, and not a script that chooses one.
    pub(super) program: PathBuf,
    /// Its version: `3.11.7`.
    pub(super) version: SmolStr,
    /// Whether it is the version that was asked for.
    pub(super) is_exact: bool,
}

/// Those that were found, by search path. What was not found is looked for again: it may have been installed since.
type Found = HashMap<(OsString, Language), Arc<OnceCell<Interpreter>>>;

/// The program that runs a language: of the version asked for, else of the nearest.
///
/// # Errors
/// There is none; the sentence says what to do.
pub(super) async fn find(outside: &Arc<dyn Outside>, language: Language) -> Result<Interpreter, String> {
    static FOUND: LazyLock<Mutex<Found>> = LazyLock::new(Mutex::default);
    let cell = Arc::clone(FOUND.lock().entry((outside.search_path(), language)).or_default());
    cell.get_or_try_init(|| search(outside, language)).await.cloned()
}

async fn search(outside: &Arc<dyn Outside>, language: Language) -> Result<Interpreter, String> {
    let mut nearest: Option<(u32, Interpreter)> = None;
    for (name, distance) in names(language) {
        if nearest.as_ref().is_some_and(|(least, _)| distance.is_some_and(|distance| *least <= distance)) {
            break;
        }
        for program in outside.programs(&name) {
            let Some(interpreter) = ask(outside, &program, language).await else { continue };
            if interpreter.is_exact {
                return Ok(interpreter);
            }
            let distance = version(language, &interpreter.version).abs_diff(wanted(language));
            if nearest.as_ref().is_none_or(|(least, _)| distance < *least) {
                nearest = Some((distance, interpreter));
            }
        }
    }
    nearest.map(|(_, interpreter)| interpreter).ok_or_else(|| match language {
        Language::Python(minor) => missing(&format!("python3.{minor}"), "python3"),
        _ => missing(&format!("nodejs{}.x", wanted(language)), "node"),
    })
}

fn missing(runtime: &str, program: &str) -> String {
    format!(
        "No interpreter for {runtime} is on the search path of mesh-local: install {program}, or start mesh-local with a \
         PATH that leads to it, and invoke the function again."
    )
}

/// The names under which it may be, the likeliest first, then those near by, with how far they are where the name tells.
fn names(language: Language) -> Vec<(String, Option<u32>)> {
    let (prefix, plain, range): (_, &[&str], _) = match language {
        Language::Python(_) => ("python3.", &["python3", "python"], PYTHONS),
        _ => ("node", &["node", "nodejs"], NODES),
    };
    let wanted = wanted(language);
    let mut others: Vec<u32> = range.filter(|version| *version != wanted).collect();
    others.sort_by_key(|version| (version.abs_diff(wanted), wanted > *version));
    let of = |version: u32| (format!("{prefix}{version}"), Some(version.abs_diff(wanted)));
    let plain = plain.iter().map(|name| ((*name).to_owned(), None));
    std::iter::once(of(wanted)).chain(plain).chain(others.into_iter().map(of)).collect()
}

fn wanted(language: Language) -> u32 {
    match language {
        Language::Python(version) | Language::Node(version) => version,
        Language::Provided => 0,
    }
}

/// The part of a version that names the runtime.
fn version(language: Language, text: &str) -> u32 {
    let part = usize::from(matches!(language, Language::Python(_)));
    text.split('.').nth(part).and_then(|part| part.parse().ok()).unwrap_or(0)
}

/// Asks a program where and what it is.
async fn ask(outside: &Arc<dyn Outside>, program: &Path, language: Language) -> Option<Interpreter> {
    let (flag, question) = match language {
        Language::Python(_) => {
            ("-c", "import sys; print(sys.executable); print('%d.%d.%d' % sys.version_info[:3])")
        }
        _ => ("-e", "console.log(process.execPath + '\\n' + process.versions.node)"),
    };
    let said: Arc<Mutex<Vec<String>>> = Arc::default();
    let lines = Arc::clone(&said);
    let directory = program.parent()?.to_owned();
    let asked = outside.process(Command {
        program: program.to_owned(),
        arguments: vec![flag.into(), question.into()],
        environment: vec![("PATH".into(), outside.search_path()), ("LANG".into(), "C.UTF-8".into())],
        directory,
        view: Vec::new(),
        output: Arc::new(move |line| lines.lock().push(String::from_utf8_lossy(line).into_owned())),
    });
    let asked = asked.ok()?;
    tokio::select! {
        exit = asked.ended() => if exit != Exit::Status(0) { return None },
        () = RealTime::sleep(PATIENCE) => return None,
    }
    let said = said.lock();
    let [program, text] = said.as_slice() else { return None };
    let is_python_3 = !matches!(language, Language::Python(_)) || text.starts_with("3.");
    let is_exact = version(language, text) == wanted(language);
    let interpreter = Interpreter { program: PathBuf::from(program), version: SmolStr::new(text), is_exact };
    is_python_3.then_some(interpreter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exact_version_is_looked_for_first_and_then_the_nearest() {
        let named = |language| names(language).into_iter().map(|(name, _)| name).collect::<Vec<_>>();
        let names = named(Language::Python(12));
        assert_eq!(names[..6], ["python3.12", "python3", "python", "python3.13", "python3.11", "python3.14"]);
        assert_eq!(named(Language::Node(22))[..4], ["node22", "node", "nodejs", "node23"]);
        assert_eq!(version(Language::Python(12), "3.11.7"), 11);
        assert_eq!(version(Language::Node(22), "20.20.2"), 20);
    }
}
