//! `mesh-local env` and `mesh-local run`.

use crate::Reach;
use crate::server::{self, Up};
use anyhow::{Context as _, Result};
use clap::Args;
use std::process::{Command, ExitCode};

/// What an SDK or the AWS CLI needs in its environment.
fn variables(endpoint: &str) -> [(&'static str, String); 5] {
    [
        ("AWS_ENDPOINT_URL", endpoint.to_owned()),
        ("AWS_ACCESS_KEY_ID", "test".to_owned()),
        ("AWS_SECRET_ACCESS_KEY", "test".to_owned()),
        ("AWS_REGION", "us-east-1".to_owned()),
        ("AWS_DEFAULT_REGION", "us-east-1".to_owned()),
    ]
}

/// Prints export lines.
pub(crate) fn env(reach: &Reach) -> Result<ExitCode> {
    for (name, value) in variables(&reach.endpoint) {
        println!("export {name}='{}'", value.replace('\'', r"'\''"));
    }
    Ok(ExitCode::SUCCESS)
}

/// Start a private instance on a free port for one command, and return its exit code.
#[derive(Args)]
pub(crate) struct Run {
    /// The command and its arguments.
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
    command: Vec<String>,
}

/// Serves until the command has ended.
pub(crate) fn run(run: Run) -> Result<ExitCode> {
    server::runtime()?.block_on(async {
        let bound = server::bind(&Up::private()).await?;
        let endpoint = format!("http://localhost:{}", bound.address.port());
        let child = tokio::task::spawn_blocking(move || {
            let (program, arguments) = run.command.split_first().context("there is no command")?;
            let mut command = Command::new(program);
            command.args(arguments).envs(variables(&endpoint)).env("MESH_LOCAL_ENDPOINT", &endpoint);
            command.status().with_context(|| format!("cannot run {program:?}"))
        });
        let mut ended = None;
        bound.serve(async { ended = Some(child.await) }).await?;
        let status =
            ended.context("the command did not end")?.context("the command could not be waited for")??;
        // A command that a signal ended has no code; shells answer 128 and the signal's number, which is not kept here.
        let code = status.code().and_then(|code| u8::try_from(code).ok());
        Ok(code.map_or(ExitCode::FAILURE, ExitCode::from))
    })
}
