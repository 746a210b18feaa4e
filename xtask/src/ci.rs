//! Everything that must be green, in stages, each with its time. The first stage that fails ends the run.

use crate::project::{self, Stopwatch};
use crate::protocol_cases::{self, Fetched};
use crate::python::{self, Environment};
use crate::{codegen, coverage, crash, deps, tidy};
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// How a stage ended without failing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// All is as it should be.
    Passed,
    /// What it needs is not to be had here; the sentence says what.
    Skipped(String),
}

struct Stage {
    name: &'static str,
    run: fn() -> Result<Outcome>,
}

/// The stages in order: what is cheap first; coverage after the tests, because it reads what they sent.
const STAGES: &[Stage] = &[
    Stage { name: "fmt", run: || cargo(&["fmt", "--all", "--check"]) },
    Stage { name: "tidy", run: || passed(tidy::run()) },
    Stage { name: "codegen", run: || codegen::run(true) },
    Stage { name: "deps", run: || passed(deps::run(false)) },
    Stage {
        name: "clippy",
        run: || cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]),
    },
    Stage { name: "protocol cases", run: protocol_cases },
    Stage { name: "tests", run: tests },
    Stage { name: "doc tests", run: || cargo(&["test", "--doc", "--workspace"]) },
    Stage { name: "coverage", run: || passed(coverage::run(false)) },
    Stage { name: "crash", run: || passed(crash()) },
    Stage { name: "sdk tests", run: sdk_tests },
    Stage { name: "python client", run: python_client },
    Stage { name: "javascript client", run: javascript_client },
    Stage { name: "examples", run: examples },
    Stage { name: "deny", run: deny },
];

/// Runs the stages, or those of them that are named, and prints the table of their times.
pub(crate) fn run(named: &[String]) -> Result<()> {
    run_stages(&chosen(STAGES, named)?)
}

/// All stages where none is named.
fn chosen<'s>(stages: &'s [Stage], named: &[String]) -> Result<Vec<&'s Stage>> {
    if let Some(name) = named.iter().find(|name| stages.iter().all(|stage| stage.name != **name)) {
        let names: Vec<_> = stages.iter().map(|stage| stage.name).collect();
        bail!("there is no stage {name:?}; the stages are {}", names.join(", "));
    }
    let is_wanted = |stage: &&Stage| named.is_empty() || named.iter().any(|name| name == stage.name);
    Ok(stages.iter().filter(is_wanted).collect())
}

fn run_stages(stages: &[&Stage]) -> Result<()> {
    let whole = Stopwatch::start();
    let mut table: Vec<(&str, String, Duration)> = Vec::new();
    let mut failure = None;
    for stage in stages {
        println!("\n== {}", stage.name);
        let watch = Stopwatch::start();
        let result = (stage.run)();
        let took = watch.elapsed();
        let (word, error) = match result {
            Ok(Outcome::Passed) => ("passed".to_owned(), None),
            Ok(Outcome::Skipped(why)) => (format!("SKIPPED: {why}"), None),
            Err(error) => ("FAILED".to_owned(), Some(error)),
        };
        println!("== {}: {word} ({:.1} s)", stage.name, took.as_secs_f64());
        table.push((stage.name, word, took));
        if let Some(error) = error {
            failure = Some(error.context(format!("stage `{}` failed", stage.name)));
            break;
        }
    }
    println!("\n{}", summary(&table, whole.elapsed()));
    failure.map_or(Ok(()), Err)
}

fn summary(table: &[(&str, String, Duration)], whole: Duration) -> String {
    let mut text = String::from("stage              seconds  outcome\n");
    for (name, word, took) in table {
        text.push_str(&format!("{name:<18} {:>7.1}  {word}\n", took.as_secs_f64()));
    }
    text.push_str(&format!("{:<18} {:>7.1}", "all", whole.as_secs_f64()));
    text
}

fn passed(result: Result<()>) -> Result<Outcome> {
    result.map(|()| Outcome::Passed)
}

/// Runs a command at the root of the project, its output passed through.
fn command(command: &mut Command) -> Result<Outcome> {
    let named = format!("{command:?}");
    let status =
        command.current_dir(project::root()).status().with_context(|| format!("cannot run {named}"))?;
    if !status.success() {
        bail!("{named}: {status}");
    }
    Ok(Outcome::Passed)
}

fn cargo(arguments: &[&str]) -> Result<Outcome> {
    command(Command::new("cargo").args(arguments))
}

/// Whether cargo has a subcommand that is installed apart from it.
fn has_subcommand(name: &str) -> bool {
    Command::new("cargo").args([name, "--version"]).output().is_ok_and(|output| output.status.success())
}

/// AWS's own cases come with botocore's source archive, which is fetched once.
fn protocol_cases() -> Result<Outcome> {
    match protocol_cases::fetch()? {
        Fetched::Present(folder) => {
            println!("{}", folder.display());
            Ok(Outcome::Passed)
        }
        Fetched::Skipped(why) => Ok(Outcome::Skipped(why)),
    }
}

fn tests() -> Result<Outcome> {
    let sent = project::root().join(coverage::SENT);
    if sent.exists() {
        std::fs::remove_dir_all(&sent).with_context(|| format!("cannot clear {}", coverage::SENT))?;
    }
    let arguments: &[&str] = match has_subcommand("nextest") {
        true => &["nextest", "run", "--workspace"],
        false => &["test", "--workspace", "--lib", "--bins", "--tests"],
    };
    let mut tests = Command::new("cargo");
    tests.args(arguments);
    if protocol_cases::are_present()? {
        // they were fetched, so a test that does not find them has looked in the wrong place
        tests.env("MESH_REQUIRE_PROTOCOL_CASES", "1");
    }
    command(&mut tests)
}

/// Twenty kills of a strict server, and half as many of a relaxed one.
fn crash() -> Result<()> {
    crash::run(crash::Options { kills: 20, durability: crash::Durability::Strict })?;
    crash::run(crash::Options { kills: 10, durability: crash::Durability::Relaxed })
}

/// Builds the binary that real clients are let loose on, and says where it is.
pub(crate) fn binary() -> Result<PathBuf> {
    cargo(&["build", "--package", "mesh-local"])?;
    Ok(target_directory()?.join("debug").join("mesh-local"))
}

/// Where cargo puts what it builds.
pub(crate) fn target_directory() -> Result<PathBuf> {
    let output = Command::new("cargo")
        .args(["metadata", "--format-version", "1", "--no-deps"])
        .current_dir(project::root())
        .output()
        .context("cannot run cargo metadata")?;
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout)?;
    Ok(PathBuf::from(
        metadata["target_directory"].as_str().context("cargo metadata names no target directory")?,
    ))
}

/// Does something with an interpreter that has what the suites need, and with the binary.
fn with_python(act: impl FnOnce(&Path, &Path) -> Result<Outcome>) -> Result<Outcome> {
    match python::environment()? {
        Environment::Ready(python) => act(&python, &binary()?),
        Environment::Unavailable(why) => Ok(Outcome::Skipped(why)),
    }
}

fn run_python(scripts: &[PathBuf]) -> Result<Outcome> {
    with_python(|python, binary| {
        for script in scripts {
            println!("-- {}", script.display());
            command(Command::new(python).arg(script).arg(binary))?;
        }
        Ok(Outcome::Passed)
    })
}

/// The package for users' tests in Python: its types and its suite.
fn python_client() -> Result<Outcome> {
    const FOLDER: &str = "clients/python";
    with_python(|python, binary| {
        let settings = format!("{FOLDER}/pyproject.toml");
        let places = ["src", "tests"].map(|place| format!("{FOLDER}/{place}"));
        command(Command::new(python).args(["-m", "mypy", "--config-file", &settings]).args(places))?;
        let mut suite = Command::new(python);
        suite.args(["-m", "pytest", "--quiet", FOLDER]).env("MESH_LOCAL_BIN", binary);
        // an instance that happens to run is not what is tested
        command(suite.env_remove("MESH_LOCAL_ENDPOINT"))
    })
}

/// The package for users' tests in JavaScript: its types and its suite.
fn javascript_client() -> Result<Outcome> {
    let folder = project::root().join("clients/javascript");
    let npm = |arguments: &[&str]| {
        let mut npm = Command::new("npm");
        npm.args(arguments).arg("--prefix").arg(&folder);
        npm
    };
    if !Command::new("node").arg("--version").output().is_ok_and(|output| output.status.success()) {
        return Ok(Outcome::Skipped("node is not installed".to_owned()));
    }
    let install = ["install", "--no-audit", "--no-fund", "--prefer-offline", "--no-package-lock"];
    if !npm(&install).status().is_ok_and(|status| status.success()) {
        return Ok(Outcome::Skipped(
            "npm could not install what clients/javascript is tested with".to_owned(),
        ));
    }
    let binary = binary()?;
    command(&mut npm(&["run", "--silent", "types"]))?;
    let mut suite = npm(&["test", "--silent"]);
    // an instance that happens to run is not what is tested
    command(suite.env("MESH_LOCAL_BIN", binary).env_remove("MESH_LOCAL_ENDPOINT"))
}

fn sdk_tests() -> Result<Outcome> {
    let script = Path::new("tests/sdk/run.py");
    if !project::root().join(script).exists() {
        return Ok(Outcome::Skipped(format!("there is no {}", script.display())));
    }
    run_python(&[script.to_owned()])
}

fn examples() -> Result<Outcome> {
    let mut scripts: Vec<PathBuf> = Vec::new();
    if let Ok(entries) = std::fs::read_dir(project::root().join("examples")) {
        for entry in entries {
            let script = Path::new("examples").join(entry?.file_name()).join("test.py");
            if project::root().join(&script).exists() {
                scripts.push(script);
            }
        }
    }
    if scripts.is_empty() {
        return Ok(Outcome::Skipped("there is no examples/*/test.py".to_owned()));
    }
    scripts.sort();
    run_python(&scripts)
}

fn deny() -> Result<Outcome> {
    if !has_subcommand("deny") {
        return Ok(Outcome::Skipped("cargo-deny is not installed (cargo install cargo-deny)".to_owned()));
    }
    cargo(&["deny", "check", "licenses", "bans", "sources"])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_failing_stage_ends_the_run() {
        let stages = [
            Stage { name: "fine", run: || Ok(Outcome::Passed) },
            Stage { name: "absent", run: || Ok(Outcome::Skipped("no tool".to_owned())) },
            Stage { name: "broken", run: || bail!("it broke") },
            Stage { name: "never", run: || panic!("runs after a failure") },
        ];
        let run = |named: &[&str]| {
            let named: Vec<String> = named.iter().map(ToString::to_string).collect();
            run_stages(&chosen(&stages, &named)?)
        };
        let error = run(&[]).expect_err("a stage failed");
        assert_eq!(format!("{error:#}"), "stage `broken` failed: it broke");
        run(&["absent", "fine"]).expect("a skipped stage is no failure");
        let error = run(&["fine", "fina"]).expect_err("there is no such stage");
        assert!(format!("{error:#}").ends_with("the stages are fine, absent, broken, never"), "{error:#}");
    }

    #[test]
    fn the_summary_names_what_was_skipped() {
        let table = [
            ("fmt", "passed".to_owned(), Duration::from_millis(1500)),
            ("deny", "SKIPPED: no tool".to_owned(), Duration::ZERO),
        ];
        assert_eq!(
            summary(&table, Duration::from_secs(2)),
            "stage              seconds  outcome\n\
             fmt                    1.5  passed\n\
             deny                   0.0  SKIPPED: no tool\n\
             all                    2.0"
        );
    }
}
