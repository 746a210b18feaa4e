//! `mesh-local up -d` and `mesh-local down`: an instance in the background, its start and its end.

use crate::Reach;
use crate::environment;
use crate::server::Up;
use anyhow::{Context as _, Result, bail};
use mesh_clock::RealTime;
use serde_json::Value;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::Duration;

/// How often is looked whether an instance is ready, or gone.
const PAUSE: Duration = Duration::from_millis(10);

/// How long the end of an instance may take: the scripts of `shutdown.d` and open requests have their own, shorter,
/// times.
const TO_END: Duration = Duration::from_secs(15);

/// How much of the log is shown when a start has failed.
const TAIL: usize = 20;

/// Starts this program again, in the background, and waits until it is ready.
pub(crate) fn start(up: &Up) -> Result<ExitCode> {
    let directory = environment::state_directory();
    DirBuilder::new().recursive(true).mode(0o700).create(&directory).with_context(|| {
        format!("cannot make {} for the log: set XDG_STATE_HOME to a directory of yours", directory.display())
    })?;
    let files = Files::new(&directory);
    let mut child = files.start()?;
    let ready = wait()?.block_on(files.ready(&mut child));
    fs::remove_file(&files.announcement).ok();
    let mut ready = ready?;
    // it goes on writing to the file, whatever that is called: one for each port is kept
    let log = directory.join(format!("up-{}.log", ready["port"]));
    let log = fs::rename(&files.log, &log).map_or(files.log, |()| log);
    if up.json {
        ready["pid"] = child.id().into();
        ready["log"] = log.display().to_string().into();
        println!("{ready}");
    } else {
        let endpoint = ready["endpoint"].as_str().unwrap_or_default();
        println!("mesh-local {} at {endpoint}, in the background", env!("CARGO_PKG_VERSION"));
        println!("  log     {}", log.display());
        println!("  next    eval \"$(mesh-local env --endpoint {endpoint})\"");
        println!("  end     mesh-local down --endpoint {endpoint}");
        println!("Ready.");
    }
    Ok(ExitCode::SUCCESS)
}

fn wait() -> Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread().enable_time().build().context("cannot wait")
}

/// The files between the two processes.
struct Files {
    /// What the instance writes.
    log: PathBuf,
    /// What it says when it is ready.
    announcement: PathBuf,
}

impl Files {
    fn new(directory: &Path) -> Self {
        let id = std::process::id();
        Self {
            log: directory.join(format!("start-{id}.log")),
            announcement: directory.join(format!("start-{id}.ready")),
        }
    }

    /// Starts the same command, with the log for its output.
    fn start(&self) -> Result<Child> {
        fs::remove_file(&self.announcement).ok();
        let log = || -> Result<File> {
            // it can hold what scripts print
            let mut options = OpenOptions::new();
            options.create(true).append(true).mode(0o600);
            options.open(&self.log).with_context(|| {
                format!("cannot write {}: set XDG_STATE_HOME to a directory of yours", self.log.display())
            })
        };
        fs::remove_file(&self.log).ok();
        let program = std::env::current_exe().context("cannot find this program again")?;
        let mut command = Command::new(program);
        command.args(arguments(std::env::args_os().skip(1))).arg("--announce").arg(&self.announcement);
        command.stdin(Stdio::null()).stdout(log()?).stderr(log()?);
        command.spawn().context("cannot start this program again")
    }

    /// Waits until the instance is ready, or has ended.
    async fn ready(&self, child: &mut Child) -> Result<Value> {
        loop {
            if let Ok(text) = fs::read_to_string(&self.announcement) {
                return serde_json::from_str(&text).context("the instance said it was ready, but not where");
            }
            if let Some(status) = child.try_wait().context("the instance could not be waited for")? {
                bail!("it ended at its start ({status}) and wrote:\n{}", self.tail());
            }
            RealTime::sleep(PAUSE).await;
        }
    }

    /// The last lines of the log.
    fn tail(&self) -> String {
        let text = fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(TAIL)..].join("\n")
    }
}

/// The arguments of a start in the background without what made it one.
fn arguments(given: impl Iterator<Item = std::ffi::OsString>) -> Vec<std::ffi::OsString> {
    let kept = |argument: std::ffi::OsString| match argument.to_str() {
        Some("-d" | "--detach" | "--json") => None,
        _ => Some(argument),
    };
    given.filter_map(kept).collect()
}

/// Leaves the session of the terminal: its end and its interrupt are then not ours.
pub(crate) fn leave_the_terminal() {
    // it fails for who leads a group already, and then has left
    rustix::process::setsid().ok();
}

/// Tells the process that waits that this one is ready.
pub(crate) fn announce(file: &Path, ready: &Value) {
    // under another name first, so that it is never seen half written
    let part = file.with_extension("part");
    let told = fs::write(&part, ready.to_string()).and_then(|()| fs::rename(&part, file));
    if let Err(error) = told {
        eprintln!("mesh-local: cannot write {}: {error}", file.display());
    }
}

/// Asks an instance to end, and waits until its port is free.
pub(crate) fn end(reach: &Reach) -> Result<ExitCode> {
    if !reach.is_listened_at()? {
        say(reach, "nothing runs");
        return Ok(ExitCode::SUCCESS);
    }
    reach.call("POST", "/_mesh/shutdown", Some(&serde_json::json!({})))?;
    let gone = async {
        while reach.is_listened_at()? {
            RealTime::sleep(PAUSE).await;
        }
        anyhow::Ok(())
    };
    let waited = wait()?.block_on(async { tokio::time::timeout(TO_END, gone).await });
    match waited {
        Ok(gone) => gone?,
        Err(_) => bail!(
            "{} was asked to end and still listens after {} s: is something else on that port (mesh-local doctor)?",
            reach.endpoint,
            TO_END.as_secs()
        ),
    }
    say(reach, "ended");
    Ok(ExitCode::SUCCESS)
}

fn say(reach: &Reach, what: &str) {
    if reach.json {
        println!("{}", serde_json::json!({ "endpoint": reach.endpoint, "status": what }));
    } else {
        println!("{}: {what}.", reach.endpoint);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_process_in_the_background_gets_the_same_options() {
        let given = ["up", "-d", "--port", "0", "--json", "--seed", "7", "--detach"];
        let kept = arguments(given.into_iter().map(Into::into));
        assert_eq!(kept, ["up", "--port", "0", "--seed", "7"]);
    }
}
