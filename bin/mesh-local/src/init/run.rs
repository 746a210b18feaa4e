//! Runs one script.

use super::{awslocal, find};
use crate::environment::{self, is_program};
use crate::shell;
use anyhow::{Context as _, Result, bail};
use rustix::process::{Pid, Signal, kill_process_group};
use std::ffi::{OsStr, OsString};
use std::io;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::Stdio;
use tokio::process::Command;

/// The error of a file that no interpreter is named for.
const NO_EXECUTABLE_FORMAT: i32 = 8;

/// What scripts find around them.
#[derive(Debug)]
pub(super) struct Surroundings {
    set: Vec<(String, String)>,
    removed: Vec<String>,
    search_path: Option<OsString>,
    is_apart: bool,
}

/// A script that runs. Dropped before it has ended, it takes its process group with it.
struct Running(Option<Pid>);

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(group) = self.0 {
            // it fails where nothing is left in the group
            kill_process_group(group, Signal::KILL).ok();
        }
    }
}

impl Surroundings {
    pub(super) fn new(endpoint: &str, has_scripts: bool, is_apart: bool) -> Self {
        let (set, removed) = shell::for_script(&environment::variables(), endpoint);
        let search_path = if has_scripts { awslocal::search_path() } else { None };
        Self { set, removed, search_path, is_apart }
    }

    /// Runs a script to its end.
    ///
    /// # Errors
    /// It cannot be run, or ends with another code than 0.
    pub(super) async fn run(&self, script: &Path) -> Result<()> {
        let mut child = self.spawn(script)?;
        let group = child.id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?));
        let mut running = Running(group);
        let status = child.wait().await.context("it could not be waited for")?;
        // what it left running behind an & is meant to go on
        running.0 = None;
        if status.success() {
            return Ok(());
        }
        match (status.code(), status.signal()) {
            (Some(code), _) => bail!("it ended with code {code}; what it wrote says why"),
            (None, signal) => bail!("signal {} ended it", signal.unwrap_or_default()),
        }
    }

    fn spawn(&self, script: &Path) -> Result<tokio::process::Child> {
        let is_python = script.extension() == Some(OsStr::new("py"));
        if is_python {
            let sentence = "python3 cannot be run: install Python 3, or write the script for sh";
            return self.child(OsStr::new("python3"), &[script.as_os_str()]).context(sentence);
        }
        if is_program(script) {
            match self.child(script.as_os_str(), &[]) {
                Err(error) if error.raw_os_error() == Some(NO_EXECUTABLE_FORMAT) => {}
                child => {
                    return child
                        .context("it cannot be run: is the interpreter in its first line installed?");
                }
            }
        }
        // It has lost its mark of a program, or names no interpreter.
        let (program, argument) = find::interpreter(script).unwrap_or_else(|| ("sh".to_owned(), None));
        let arguments: Vec<&OsStr> = argument.iter().map(OsStr::new).chain([script.as_os_str()]).collect();
        self.child(OsStr::new(&program), &arguments).with_context(|| {
            format!("{program} cannot be run: is the interpreter in its first line installed?")
        })
    }

    fn child(&self, program: &OsStr, arguments: &[&OsStr]) -> io::Result<tokio::process::Child> {
        let mut command = Command::new(program);
        command.args(arguments).stdin(Stdio::null()).process_group(0);
        for name in &self.removed {
            command.env_remove(name);
        }
        command.envs(self.set.iter().map(|(name, value)| (name, value)));
        if let Some(path) = &self.search_path {
            command.env("PATH", path);
        }
        if self.is_apart {
            command.stdout(io::stderr());
        }
        command.spawn()
    }
}
