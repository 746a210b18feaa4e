//! `mesh-local runtimes install`: the libraries that functions find on AWS, for interpreters that lack them.

use crate::commands::show;
use crate::environment::programs;
use anyhow::{Context as _, Result, bail};
use clap::{Args, Subcommand, ValueEnum};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

/// The clients of AWS's SDK for JavaScript that are fetched: those of what is served here, and of what stands beside it
/// most often. AWS has them all, which are several hundred.
const CLIENTS: &[&str] = &[
    "@aws-sdk/client-api-gateway",
    "@aws-sdk/client-apigatewaymanagementapi",
    "@aws-sdk/client-cloudwatch",
    "@aws-sdk/client-cloudwatch-logs",
    "@aws-sdk/client-dynamodb",
    "@aws-sdk/client-eventbridge",
    "@aws-sdk/client-iam",
    "@aws-sdk/client-kinesis",
    "@aws-sdk/client-lambda",
    "@aws-sdk/client-s3",
    "@aws-sdk/client-secrets-manager",
    "@aws-sdk/client-sfn",
    "@aws-sdk/client-sns",
    "@aws-sdk/client-sqs",
    "@aws-sdk/client-ssm",
    "@aws-sdk/client-sts",
    "@aws-sdk/lib-dynamodb",
    "@aws-sdk/util-dynamodb",
];

/// Install the libraries that functions find on AWS, once, into the cache directory.
#[derive(Args)]
pub(crate) struct Runtimes {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Fetch boto3 with pip, or clients of the AWS SDK for JavaScript with npm: both, if none is named. Functions use
    /// them where neither their archive nor their interpreter has its own.
    Install {
        /// For which interpreter.
        languages: Vec<Language>,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Language {
    Python,
    Node,
}

impl Runtimes {
    pub(crate) fn run(&self) -> Result<ExitCode> {
        let Action::Install { languages } = &self.action;
        let languages =
            if languages.is_empty() { &[Language::Python, Language::Node] } else { &languages[..] };
        let libraries = mesh_local_embed::wiring::libraries_directory();
        languages.iter().try_for_each(|language| install(*language, &libraries))?;
        Ok(ExitCode::SUCCESS)
    }
}

impl Language {
    fn name(self) -> &'static str {
        match self {
            Self::Python => "python",
            Self::Node => "node",
        }
    }

    fn what(self) -> &'static str {
        match self {
            Self::Python => "boto3",
            Self::Node => "clients of @aws-sdk",
        }
    }

    /// The command that fetches its libraries into a directory.
    fn command(self, into: &Path) -> Result<Vec<String>> {
        let (program, arguments): (_, Vec<&str>) = match self {
            Self::Python => {
                ("python3", "-m pip install --disable-pip-version-check --target".split(' ').collect())
            }
            Self::Node => {
                ("npm", "install --no-audit --no-fund --ignore-scripts --prefix".split(' ').collect())
            }
        };
        let Some(found) = programs(program).into_iter().next() else {
            bail!(
                "{program} is not on the PATH, and {} comes by it: install {program} and run this again",
                self.what()
            );
        };
        let packages = match self {
            Self::Python => &["boto3"],
            Self::Node => CLIENTS,
        };
        let texts = [found.display().to_string()].into_iter().chain(arguments.into_iter().map(str::to_owned));
        let packages = packages.iter().map(|package| (*package).to_owned());
        Ok(texts.chain([into.display().to_string()]).chain(packages).collect())
    }
}

/// Fetches beside the place where it belongs, and puts it there when it is whole.
fn install(language: Language, libraries: &Path) -> Result<()> {
    let place = libraries.join(language.name());
    if place.exists() {
        show(&format!("{} is there: {} (remove it to have it anew)\n", language.what(), place.display()));
        return Ok(());
    }
    let coming = Coming(libraries.join(format!("{}-{}", language.name(), std::process::id())));
    let command = language.command(&coming.0)?;
    show(&format!("{} goes to {}, by\n  {}\n", language.what(), place.display(), command.join(" ")));
    fs::create_dir_all(&coming.0).with_context(|| format!("cannot make {}", coming.0.display()))?;
    let ended = Command::new(&command[0]).args(&command[1..]).status();
    let ended = ended.with_context(|| format!("cannot run {}", command[0]))?;
    if !ended.success() {
        bail!(
            "{} did not come ({ended}): above stands why. It needs the network, or a registry that pip or npm is set up \
             for; nothing was changed",
            language.what()
        );
    }
    fs::rename(&coming.0, &place).with_context(|| format!("cannot put it to {}", place.display()))?;
    show(&format!(
        "{} is there: {}; the next environments of functions see it\n",
        language.what(),
        place.display()
    ));
    Ok(())
}

/// A directory that is removed, unless it has gone to its place.
struct Coming(PathBuf);

impl Drop for Coming {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).ok();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_there_is_not_fetched_again() {
        let libraries =
            Coming(std::env::temp_dir().join(format!("mesh-local-libraries-{}", std::process::id())));
        fs::create_dir_all(libraries.0.join("python")).expect("a directory");
        install(Language::Python, &libraries.0).expect("nothing is to be done");
        assert_eq!(fs::read_dir(&libraries.0).expect("it is there").count(), 1);
    }
}
