//! Functions: what mesh-local adds to a handler in its bare runtime loop, warm and cold.

use super::figure::Figure;
use super::server::Server;
use super::{Binaries, Plan};
use crate::project;
use anyhow::{Context, Result, bail};
use serde::Deserialize;
use std::process::Command;

/// A language whose functions are measured.
pub(crate) struct Language {
    name: &'static str,
    program: &'static str,
    /// Prints the interpreter's own path and its version, as mesh-local asks it.
    question: [&'static str; 2],
    bootstrap: &'static str,
}

/// Python, as the search path has it.
pub(crate) const PYTHON: Language = Language {
    name: "python",
    program: "python3",
    question: ["-c", "import sys; print(sys.executable); print('python%d.%d' % sys.version_info[:2])"],
    bootstrap: "crates/lambda-runtime/runtime/python/bootstrap.py",
};

const NODE: Language = Language {
    name: "node",
    program: "node",
    question: ["-p", "process.execPath + '\\nnodejs' + process.versions.node.split('.')[0] + '.x'"],
    bootstrap: "crates/lambda-runtime/runtime/node/bootstrap.mjs",
};

#[derive(Deserialize)]
struct Warm {
    count: usize,
    p50_us: f64,
    p99_us: f64,
    bare_p50_us: f64,
}

#[derive(Deserialize)]
struct Cold {
    count: usize,
    p50_us: f64,
    bare_p50_us: f64,
    interpreter_p50_us: f64,
    very_first_us: f64,
}

#[derive(Deserialize)]
struct Started {
    count: usize,
    pipe_p50_us: f64,
    queue_p50_us: f64,
    queue_p99_us: f64,
    topic_p50_us: f64,
    topic_p99_us: f64,
}

/// Warm functions through a REST API, one client.
pub(super) fn warm(binaries: &Binaries, plan: Plan) -> Result<Vec<Figure>> {
    each("warm", |language| {
        let told: Warm = measure(binaries, language, "warm", plan.invocations)?;
        let Warm { count, p50_us, p99_us, bare_p50_us } = told;
        let what = |what: &str| format!("function: warm {} through a REST API, {what}", language.name);
        Ok(vec![
            Figure::below(
                what(&format!("p50 of {count} over the bare loop's")),
                (p50_us - bare_p50_us) / 1000.0,
                "ms",
                1.0,
            ),
            Figure::told(what("p50"), p50_us / 1000.0, "ms"),
            Figure::told(what("p99"), p99_us / 1000.0, "ms"),
            Figure::told(what("p50 of the bare loop"), bare_p50_us / 1000.0, "ms"),
        ])
    })
}

/// The first invocation of fresh functions.
pub(super) fn cold(binaries: &Binaries, plan: Plan) -> Result<Vec<Figure>> {
    each("cold", |language| {
        let told: Cold = measure(binaries, language, "cold", plan.cold_starts)?;
        let Cold { count, p50_us, bare_p50_us, interpreter_p50_us, very_first_us } = told;
        let what = |what: &str| format!("cold: {}, {what}", language.name);
        Ok(vec![
            Figure::below(
                what(&format!("p50 of {count} over the start of the interpreter alone")),
                (p50_us - interpreter_p50_us) / 1000.0,
                "ms",
                60.0,
            ),
            Figure::told(what("p50"), p50_us / 1000.0, "ms"),
            Figure::told(what("p50 of the bare loop's start and first event"), bare_p50_us / 1000.0, "ms"),
            Figure::told(
                what("the very first, which also finds the interpreter"),
                very_first_us / 1000.0,
                "ms",
            ),
        ])
    })
}

/// From a message to the start of a warm function that gets it, one message at a time.
pub(super) fn started(binaries: &Binaries, plan: Plan) -> Result<Vec<Figure>> {
    each("started", |language| {
        let told: Started = measure(binaries, language, "started", plan.invocations)?;
        let Started { count, pipe_p50_us, queue_p50_us, queue_p99_us, topic_p50_us, topic_p99_us } = told;
        let what = |what: &str| format!("started: {}, {what}", language.name);
        let told = |said: &str, microseconds: f64| Figure::told(what(said), microseconds / 1000.0, "ms");
        Ok(vec![
            Figure::below(
                what(&format!("from SendMessage by a mapping, p50 of {count} over a pipe's ping-pong")),
                (queue_p50_us - pipe_p50_us) / 1000.0,
                "ms",
                1.0,
            ),
            told("from SendMessage by a mapping, p50", queue_p50_us),
            told("from SendMessage by a mapping, p99", queue_p99_us),
            told("from Publish by a subscription, p50", topic_p50_us),
            told("from Publish by a subscription, p99", topic_p99_us),
            told("p50 of a pipe's ping-pong", pipe_p50_us),
        ])
    })
}

fn each(what: &str, measure: impl Fn(&Language) -> Result<Vec<Figure>>) -> Result<Vec<Figure>> {
    let of = |language: &Language| {
        let what = format!("{what}: {}", language.name);
        measure(language).unwrap_or_else(|error| vec![Figure::not_measured(&what, &error)])
    };
    Ok([PYTHON, NODE].iter().flat_map(of).collect())
}

fn measure<T: serde::de::DeserializeOwned>(
    binaries: &Binaries,
    language: &Language,
    command: &str,
    count: usize,
) -> Result<T> {
    let (interpreter, runtime) = interpreter(language)?;
    let scratch = project::root().join("target/bench").join(language.name);
    std::fs::create_dir_all(&scratch)?;
    let server = Server::ours(&binaries.ours)?;
    let bootstrap = project::root().join(language.bootstrap);
    let (target, count) = (server.target(), count.to_string());
    let arguments = [
        command,
        "--target",
        &target,
        "--language",
        language.name,
        "--interpreter",
        &interpreter,
        "--runtime",
        &runtime,
        "--bootstrap",
        bootstrap.to_str().context("the project's path is no text")?,
        "--scratch",
        scratch.to_str().context("the project's path is no text")?,
        "--count",
        &count,
    ];
    binaries.tool.call(&arguments)
}

/// The interpreter that mesh-local would find, and the runtime that it is exactly.
pub(crate) fn interpreter(language: &Language) -> Result<(String, String)> {
    let asked = Command::new(language.program)
        .args(language.question)
        .output()
        .with_context(|| format!("{} is not installed", language.program))?;
    let said = String::from_utf8_lossy(&asked.stdout).into_owned();
    match said.lines().collect::<Vec<_>>()[..] {
        [path, runtime] if asked.status.success() => Ok((path.to_owned(), runtime.to_owned())),
        _ => bail!("{} does not say where and what it is: {said}", language.program),
    }
}
