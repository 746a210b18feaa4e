//! Lambda's runtimes.

use super::failure::InvalidParameter;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// The runtimes that AWS takes for new functions.
/// <https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html>
const SUPPORTED: [&str; 25] = [
    "nodejs20.x",
    "python3.14",
    "provided.al2023",
    "python3.12",
    "python3.13",
    "nodejs24.x",
    "nodejs22.x",
    "java25",
    "python3.10",
    "python3.11",
    "java21",
    "ruby3.3",
    "ruby3.4",
    "ruby3.2",
    "python3.8",
    "python3.9",
    "java17",
    "nodejs16.x",
    "dotnet10",
    "dotnet8",
    "java11",
    "dotnet6",
    "nodejs18.x",
    "provided.al2",
    "java8.al2",
];

/// Those that AWS has taken once.
const DEPRECATED: [&str; 17] = [
    "dotnetcore1.0",
    "dotnetcore2.0",
    "dotnetcore2.1",
    "dotnetcore3.1",
    "go1.x",
    "java8",
    "nodejs",
    "nodejs10.x",
    "nodejs12.x",
    "nodejs14.x",
    "nodejs4.3",
    "nodejs6.10",
    "nodejs8.10",
    "provided",
    "python2.7",
    "python3.6",
    "python3.7",
];

/// A runtime's name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Runtime(SmolStr);

/// What runs a function's code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Language {
    /// Python, of this minor version of 3.
    Python(u32),
    /// Node, of this major version.
    Node(u32),
    /// The archive's own `bootstrap`.
    Provided,
}

impl Runtime {
    /// A runtime for a new or changed function.
    ///
    /// # Errors
    /// A name that is none, or that AWS takes no more.
    pub fn parse(name: &str) -> Result<Self, InvalidParameter> {
        if SUPPORTED.contains(&name) {
            return Ok(Self(SmolStr::new(name)));
        }
        let sentence = if DEPRECATED.contains(&name) || name.starts_with("ruby2") {
            format!(
                "The runtime parameter of {name} is no longer supported for creating or updating AWS Lambda functions. \
                 We recommend you use a supported runtime while creating or updating functions."
            )
        } else {
            format!(
                "Value {name} at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: [{}] or be \
                 a valid ARN",
                SUPPORTED.join(", ")
            )
        };
        Err(InvalidParameter { sentence })
    }

    /// Its name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What runs its code, if mesh-local has something that does.
    pub fn language(&self) -> Option<Language> {
        let name = self.as_str();
        if let Some(minor) = name.strip_prefix("python3.") {
            return minor.parse().ok().map(Language::Python);
        }
        if let Some(major) = name.strip_prefix("nodejs") {
            return major.strip_suffix(".x")?.parse().ok().map(Language::Node);
        }
        name.starts_with("provided.").then_some(Language::Provided)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_runtime_says_what_runs_it() {
        let language = |name| Runtime::parse(name).ok().and_then(|runtime| runtime.language());
        assert_eq!(language("python3.12"), Some(Language::Python(12)));
        assert_eq!(language("nodejs22.x"), Some(Language::Node(22)));
        assert_eq!(language("provided.al2023"), Some(Language::Provided));
        assert_eq!(language("java21"), None);
    }

    // recordings/lambda.json::lambda_api::TestRuntimeValidation, TestLambdaFunction::test_update_lambda_exceptions
    #[test]
    fn unknown_and_old_runtimes_are_refused_in_awss_words() {
        let refused = |name| Runtime::parse(name).expect_err("it is refused").sentence;
        assert!(
            refused("python3.7").starts_with("The runtime parameter of python3.7 is no longer supported for")
        );
        let unknown = refused("PYTHON3.9");
        assert!(
            unknown.starts_with("Value PYTHON3.9 at 'runtime' failed to satisfy constraint: Member must"),
            "{unknown}"
        );
        assert!(unknown.ends_with("provided.al2, java8.al2] or be a valid ARN"), "{unknown}");
    }
}
