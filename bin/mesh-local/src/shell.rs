//! `mesh-local env` and `mesh-local run`, and what the programs that mesh-local starts find in their environment.

use crate::Reach;
use crate::environment::{self, Variables};
use crate::server::{self, Up};
use anyhow::{Context as _, Result};
use clap::Args;
use std::process::{Command, ExitCode};

/// The Region of whoever names none.
pub(crate) const REGION: &str = "us-east-1";

/// What an SDK or the AWS CLI needs in its environment.
fn variables(endpoint: &str) -> [(&'static str, String); 5] {
    [
        ("AWS_ENDPOINT_URL", endpoint.to_owned()),
        ("AWS_ACCESS_KEY_ID", "test".to_owned()),
        ("AWS_SECRET_ACCESS_KEY", "test".to_owned()),
        ("AWS_REGION", REGION.to_owned()),
        ("AWS_DEFAULT_REGION", REGION.to_owned()),
    ]
}

/// The names in an environment that would lead an SDK elsewhere although it has our [`variables`]: to AWS itself, or to
/// an error about a profile that is not there.
pub(crate) fn strays(environment: &Variables) -> impl Iterator<Item = &String> {
    const STRAYS: [&str; 4] =
        ["AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SESSION_TOKEN", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"];
    let is_stray = |name: &str| name.starts_with("AWS_ENDPOINT_URL_") || STRAYS.contains(&name);
    environment.keys().filter(move |name| is_stray(name))
}

/// What is set and removed for a script of a stage. As LocalStack's, scripts keep the Region and the account that they
/// were given.
pub(crate) fn for_script(environment: &Variables, endpoint: &str) -> (Vec<(String, String)>, Vec<String>) {
    let region = ["AWS_REGION", "AWS_DEFAULT_REGION"].iter().find_map(|name| environment.get(*name));
    let is_account = |key: &&String| key.len() == 12 && key.bytes().all(|b| b.is_ascii_digit());
    let key = environment.get("AWS_ACCESS_KEY_ID").filter(is_account);
    let given = |name| match name {
        "AWS_REGION" | "AWS_DEFAULT_REGION" => region.cloned(),
        "AWS_ACCESS_KEY_ID" => key.cloned(),
        _ => None,
    };
    let set = variables(endpoint).map(|(name, ours)| (name.to_owned(), given(name).unwrap_or(ours)));
    let endpoint = ("MESH_LOCAL_ENDPOINT".to_owned(), endpoint.to_owned());
    (set.into_iter().chain([endpoint]).collect(), strays(environment).cloned().collect())
}

/// Prints export lines.
pub(crate) fn env(reach: &Reach) -> Result<ExitCode> {
    let set = variables(&reach.endpoint);
    if reach.json {
        let set: serde_json::Map<_, _> =
            set.into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
        println!("{}", serde_json::Value::Object(set));
        return Ok(ExitCode::SUCCESS);
    }
    for (name, value) in set {
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
        let endpoint = bound.endpoint();
        let child = tokio::task::spawn_blocking(move || {
            let (program, arguments) = run.command.split_first().context("there is no command")?;
            let mut command = Command::new(program);
            command.args(arguments).envs(variables(&endpoint)).env("MESH_LOCAL_ENDPOINT", &endpoint);
            for name in strays(&environment::variables()) {
                command.env_remove(name);
            }
            command.status().with_context(|| format!("cannot run {program:?}: is it on the PATH?"))
        });
        let mut ended = None;
        bound.serve(async { ended = Some(child.await) }, async {}).await?;
        let status =
            ended.context("the command did not end")?.context("the command could not be waited for")??;
        // A command that a signal ended has no code; shells answer 128 and the signal's number, which is not kept here.
        let code = status.code().and_then(|code| u8::try_from(code).ok());
        Ok(code.map_or(ExitCode::FAILURE, ExitCode::from))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(variables: &[(&str, &str)]) -> Variables {
        variables.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect()
    }

    #[test]
    fn what_would_lead_an_sdk_elsewhere_is_found() {
        let set = environment(&[
            ("AWS_ENDPOINT_URL", "http://localhost:4566"),
            ("AWS_ENDPOINT_URL_SQS", "https://sqs.us-east-1.amazonaws.com"),
            ("AWS_PROFILE", "production"),
            ("AWS_REGION", "eu-west-1"),
        ]);
        assert_eq!(strays(&set).collect::<Vec<_>>(), ["AWS_ENDPOINT_URL_SQS", "AWS_PROFILE"]);
    }

    #[test]
    fn a_script_keeps_the_region_and_the_account_that_it_is_given() {
        let set = environment(&[("AWS_DEFAULT_REGION", "eu-west-1"), ("AWS_ACCESS_KEY_ID", "111111111111")]);
        let (set, _) = for_script(&set, "http://localhost:4567");
        let value = |name| set.iter().find(|(set, _)| set == name).map(|(_, value)| value.as_str());
        assert_eq!(value("AWS_REGION"), Some("eu-west-1"));
        assert_eq!(value("AWS_ACCESS_KEY_ID"), Some("111111111111"));
        assert_eq!(value("AWS_ENDPOINT_URL"), Some("http://localhost:4567"));
    }

    #[test]
    fn a_script_does_not_get_a_real_key() {
        let (set, removed) = for_script(
            &environment(&[("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE"), ("AWS_SESSION_TOKEN", "x")]),
            "http://localhost:4567",
        );
        assert!(set.contains(&("AWS_ACCESS_KEY_ID".to_owned(), "test".to_owned())));
        assert_eq!(removed, ["AWS_SESSION_TOKEN"]);
    }
}
