//! The Python environment of the SDK tests, the examples and the suite of `clients/python`: boto3, the AWS CLI and pytest
//! at pinned versions, in `target/sdk-venv`.

use crate::project;
use anyhow::{Context, Result};
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// What has to be installed, at which versions.
const REQUIREMENTS: &str = "tests/sdk/requirements.txt";
/// The project's own package, which is installed as it lies there: what it declares may change, too.
const PACKAGE: &str = "clients/python/pyproject.toml";
const FOLDER: &str = "target/sdk-venv";
/// What the environment holds, so that a second run need not ask again.
const STAMP: &str = "target/sdk-venv/requirements.installed";

/// The environment, or why it cannot be had on this machine.
pub(crate) enum Environment {
    /// Its interpreter.
    Ready(PathBuf),
    /// What is missing.
    Unavailable(String),
}

/// Makes the environment unless it is there and current.
pub(crate) fn environment() -> Result<Environment> {
    let root = project::root();
    let python = root.join(FOLDER).join("bin/python");
    let read =
        |file: &str| std::fs::read_to_string(root.join(file)).with_context(|| format!("cannot read {file}"));
    let wanted = read(REQUIREMENTS)? + &read(PACKAGE)?;
    if python.exists() && std::fs::read_to_string(root.join(STAMP)).is_ok_and(|installed| installed == wanted)
    {
        return Ok(Environment::Ready(python));
    }
    let make = Command::new("python3").args(["-m", "venv", "--clear"]).arg(root.join(FOLDER)).status();
    if !make.is_ok_and(|status| status.success()) {
        return Ok(Environment::Unavailable("python3 with its venv module is not installed".to_owned()));
    }
    let install = Command::new(&python)
        .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"])
        .arg(root.join(REQUIREMENTS))
        .current_dir(&root)
        .stdin(Stdio::null())
        .status();
    if !install.is_ok_and(|status| status.success()) {
        return Ok(Environment::Unavailable(format!("pip could not install {REQUIREMENTS}")));
    }
    std::fs::write(root.join(STAMP), wanted)?;
    Ok(Environment::Ready(python))
}
