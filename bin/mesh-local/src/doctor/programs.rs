//! Which programs there are: interpreters for functions, and the AWS CLI.

use super::Finding;
use crate::environment::programs;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

/// How long a program may take to say what it is.
const PATIENCE: Duration = Duration::from_secs(10);

/// Prints the version, and that of boto3.
const ASK_PYTHON: &str = "import platform; print(platform.python_version())
try:
    import boto3; print(boto3.__version__)
except ImportError: pass";

/// Prints the version, and whether a client of the AWS SDK is found.
const ASK_NODE: &str = "console.log(process.versions.node);
for (const name of ['sqs', 's3', 'dynamodb', 'lambda', 'sns', 'sts']) {
  try { require.resolve('@aws-sdk/client-' + name); console.log('@aws-sdk/client-' + name); break } catch {}
}";

/// Versions of Python 3 that can be installed beside one another.
const PYTHONS: std::ops::RangeInclusive<u32> = 8..=20;

pub(super) fn look() -> Vec<Finding> {
    let pythons = PYTHONS.map(|minor| format!("python3.{minor}"));
    let mut findings = interpreters(
        ["python3".to_owned()].into_iter().chain(pythons),
        &["-c", ASK_PYTHON],
        &Language {
            name: "Python",
            about: "python",
            library: "boto3",
            get: "mesh-local runtimes install python",
        },
    );
    findings.extend(interpreters(
        ["node".to_owned()].into_iter(),
        &["-e", ASK_NODE],
        &Language {
            name: "Node.js",
            about: "node",
            library: "@aws-sdk",
            get: "mesh-local runtimes install node, or npm install in the function's archive",
        },
    ));
    findings.push(aws_cli());
    findings
}

struct Language {
    name: &'static str,
    about: &'static str,
    library: &'static str,
    /// How the library is got.
    get: &'static str,
}

/// The first program of each name, if it is none that another name has found.
fn interpreters(names: impl Iterator<Item = String>, ask: &[&str], language: &Language) -> Vec<Finding> {
    let mut known: Vec<String> = Vec::new();
    let mut findings = Vec::new();
    for program in names.filter_map(|name| programs(&name).into_iter().next()) {
        let Some(output) = answer(&program, ask).filter(|output| output.status.success()) else { continue };
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        if known.contains(&text) {
            continue;
        }
        findings.push(interpreter(&program, &text, language));
        known.push(text);
    }
    if findings.is_empty() {
        let (name, about) = (language.name, language.about);
        let next = format!("install {name} if functions are written for it");
        findings.push(Finding::warning(about, format!("no {name} is on the PATH"), next));
    }
    findings
}

/// A finding about an interpreter that has printed its version, and what it has of AWS's library.
fn interpreter(program: &Path, text: &str, language: &Language) -> Finding {
    let Language { name, about, library, get } = *language;
    let mut lines = text.lines();
    let version = lines.next().unwrap_or_default();
    let program = program.display();
    match lines.next() {
        Some(has) if has.starts_with(library) => {
            Finding::fine(about, format!("{name} {version} has {has} ({program})"))
        }
        Some(has) => Finding::fine(about, format!("{name} {version} has {library} {has} ({program})")),
        None => {
            let found =
                format!("{name} {version} does not find {library}, which functions on AWS have ({program})");
            Finding::warning(about, found, get)
        }
    }
}

fn aws_cli() -> Finding {
    let Some(program) = programs("aws").into_iter().next() else {
        return Finding::fine("aws", "the AWS CLI is not on the PATH; nothing here needs it");
    };
    let output = answer(&program, &["--version"]);
    let text = output.map(|output| [output.stdout, output.stderr].concat()).unwrap_or_default();
    aws_cli_version(&String::from_utf8_lossy(&text), &program)
}

fn aws_cli_version(text: &str, program: &Path) -> Finding {
    let version = text.split_whitespace().find_map(|word| word.strip_prefix("aws-cli/"));
    let program = program.display();
    match version {
        Some(version) if version.starts_with("1.") => Finding::warning(
            "aws",
            format!(
                "version {version} of the AWS CLI ignores AWS_ENDPOINT_URL for SQS and would call AWS itself ({program})"
            ),
            "alias aws='aws --endpoint-url \"$AWS_ENDPOINT_URL\"', or install version 2",
        ),
        Some(version) => Finding::fine("aws", format!("version {version} of the AWS CLI ({program})")),
        None => Finding::warning(
            "aws",
            format!("{program} does not say its version: it may not be able to run"),
            "run aws --version and read what it says",
        ),
    }
}

/// What a program prints, unless it takes too long.
fn answer(program: &Path, arguments: &[&str]) -> Option<Output> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().ok()?;
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null());
    let mut command = tokio::process::Command::from(command);
    command.kill_on_drop(true);
    runtime.block_on(async { tokio::time::timeout(PATIENCE, command.output()).await }).ok()?.ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Level;

    const PYTHON: Language = Language { name: "Python", about: "python", library: "boto3", get: "get it" };

    #[test]
    fn an_interpreter_should_find_the_library() {
        let found = |text| interpreter(Path::new("/usr/bin/python3"), text, &PYTHON);
        let finding = found("3.11.7\n1.44.5\n");
        assert_eq!(
            (finding.level, &*finding.found),
            (Level::Fine, "Python 3.11.7 has boto3 1.44.5 (/usr/bin/python3)")
        );
        let finding = found("3.11.7\n");
        assert_eq!((finding.level, finding.next.as_deref()), (Level::Warning, Some("get it")));
    }

    #[test]
    fn version_1_of_the_cli_needs_to_be_told_where_sqs_is() {
        let finding = |text| aws_cli_version(text, Path::new("/usr/bin/aws"));
        let old = finding("aws-cli/1.46.3 Python/3.11.7 Linux/6.18 botocore/1.43.62\n");
        assert_eq!(old.level, Level::Warning);
        assert!(old.next.is_some_and(|next| next.contains("--endpoint-url")));
        assert_eq!(finding("aws-cli/2.31.0 Python/3.13").level, Level::Fine);
        assert_eq!(finding("").level, Level::Warning);
    }
}
