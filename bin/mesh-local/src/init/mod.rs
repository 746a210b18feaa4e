//! Scripts that run when mesh-local starts, is ready and ends, as LocalStack runs them: the directories `boot.d`,
//! `start.d`, `ready.d` and `shutdown.d` under `/etc/localstack/init` and under each directory of `--init`.
//!
//! Requests are served from the start, so that no script holds them up. What a script may take is bounded, and it ends
//! with the process: each runs in a process group of its own, which is killed when nobody waits for it any more.

mod awslocal;
mod find;
mod run;

use anyhow::{Result, bail};
use mesh_edge::ControlState;
use mesh_edge::control::{ScriptState, Stage};
use run::Surroundings;
use std::path::PathBuf;
use std::time::Duration;

/// Where images have them.
const USUAL: &str = "/etc/localstack/init";

/// How long a script may take.
const PATIENCE: Duration = Duration::from_secs(600);

/// How long all scripts of `shutdown.d` may take together: containers are killed ten seconds after they were asked to
/// end.
const LAST_PATIENCE: Duration = Duration::from_secs(5);

/// The scripts of all stages.
#[derive(Debug, Default)]
pub(crate) struct Init {
    scripts: Vec<Script>,
}

/// One script.
#[derive(Debug, Clone)]
struct Script {
    stage: Stage,
    /// What it is called to the user: its path below its stage's directory.
    name: String,
    path: PathBuf,
}

impl Init {
    /// Finds the scripts of the usual directory and of those that were named.
    ///
    /// # Errors
    /// A named directory has none of the stages' directories.
    pub(crate) fn find(named: &[PathBuf]) -> Result<Self> {
        for directory in named {
            let has_a_stage = Stage::ALL.into_iter().any(|stage| directory.join(place(stage)).is_dir());
            if !has_a_stage {
                bail!(
                    "--init {} has no stage's directory: make one of boot.d, start.d, ready.d and shutdown.d in it, \
                     and put *.sh and *.py files there",
                    directory.display()
                );
            }
        }
        let mut found = Self::default();
        let roots: Vec<PathBuf> = std::iter::once(USUAL.into()).chain(named.iter().cloned()).collect();
        for stage in Stage::ALL {
            for root in &roots {
                found.add(stage, &root.join(place(stage)));
            }
        }
        Ok(found)
    }

    fn add(&mut self, stage: Stage, directory: &std::path::Path) {
        for path in find::scripts(directory) {
            let short = path.strip_prefix(directory).unwrap_or(&path).display().to_string();
            let is_taken = self.scripts.iter().any(|script| script.stage == stage && script.name == short);
            let name = if is_taken { path.display().to_string() } else { short };
            self.scripts.push(Script { stage, name, path });
        }
    }

    fn of(&self, stage: Stage) -> impl Iterator<Item = &Script> {
        self.scripts.iter().filter(move |script| script.stage == stage)
    }
}

/// The directory of a stage.
fn place(stage: Stage) -> &'static str {
    match stage {
        Stage::Boot => "boot.d",
        Stage::Start => "start.d",
        Stage::Ready => "ready.d",
        Stage::Shutdown => "shutdown.d",
    }
}

/// Runs the scripts of stages, and notes how they went.
#[derive(Debug)]
pub(crate) struct Runner {
    init: Init,
    control: ControlState,
    surroundings: Surroundings,
}

impl Runner {
    /// Notes which scripts there are. `is_apart` keeps their output off the standard output.
    pub(crate) fn new(init: Init, control: ControlState, endpoint: &str, is_apart: bool) -> Self {
        for script in &init.scripts {
            control.hooks().note(script.stage, &script.name, ScriptState::Unknown);
        }
        let surroundings = Surroundings::new(endpoint, !init.scripts.is_empty(), is_apart);
        Self { init, control, surroundings }
    }

    /// Runs what belongs before `Ready.`: as LocalStack, which says so when its scripts of `ready.d` have run.
    pub(crate) async fn open(&self) {
        for stage in [Stage::Boot, Stage::Start, Stage::Ready] {
            self.stage(stage).await;
        }
    }

    /// Runs what belongs at the end.
    pub(crate) async fn close(&self) {
        if tokio::time::timeout(LAST_PATIENCE, self.stage(Stage::Shutdown)).await.is_err() {
            eprintln!(
                "mesh-local: the scripts in shutdown.d had not ended after {} s and were killed: make them shorter",
                LAST_PATIENCE.as_secs()
            );
        }
    }

    async fn stage(&self, stage: Stage) {
        let hooks = self.control.hooks();
        for script in self.init.of(stage) {
            hooks.note(stage, &script.name, ScriptState::Running);
            let ended = match tokio::time::timeout(PATIENCE, self.surroundings.run(&script.path)).await {
                Ok(ended) => ended,
                Err(_) => Err(anyhow::anyhow!(
                    "it had not ended after {} minutes and was killed: what shall go on running belongs behind an &",
                    PATIENCE.as_secs() / 60
                )),
            };
            if let Err(error) = &ended {
                eprintln!("mesh-local: {}/{}: {error:#}", place(stage), script.name);
            }
            let state = if ended.is_ok() { ScriptState::Successful } else { ScriptState::Error };
            hooks.note(stage, &script.name, state);
        }
        hooks.complete(stage);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_without_stages_is_refused_with_what_to_do() {
        let error = Init::find(&["/proc/self/task".into()]).expect_err("no stages").to_string();
        assert!(error.contains("/proc/self/task") && error.contains("ready.d"), "{error}");
    }
}
