//! The environment variables of a function.

use super::failure::InvalidParameter;
use crate::limits::ENVIRONMENT;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use std::collections::BTreeMap;

/// Names that Lambda sets itself and lets nobody set.
/// <https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html>
const RESERVED: [&str; 20] = [
    "AWS_ACCESS_KEY",
    "AWS_ACCESS_KEY_ID",
    "AWS_DEFAULT_REGION",
    "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_INITIALIZATION_TYPE",
    "AWS_LAMBDA_LOG_GROUP_NAME",
    "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_LAMBDA_METADATA_API",
    "AWS_LAMBDA_METADATA_TOKEN",
    "AWS_LAMBDA_RUNTIME_API",
    "AWS_REGION",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SECRET_KEY",
    "AWS_SESSION_TOKEN",
    "LAMBDA_RUNTIME_DIR",
    "LAMBDA_TASK_ROOT",
    "_HANDLER",
];

/// The environment variables that a function sets itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Variables(BTreeMap<SmolStr, SmolStr>);

impl Variables {
    /// Variables for a function.
    ///
    /// # Errors
    /// A reserved name; a value with a NUL; more than four kilobytes of them.
    pub fn check(variables: impl IntoIterator<Item = (String, String)>) -> Result<Self, InvalidParameter> {
        let of = |(name, value): (String, String)| (SmolStr::new(name), SmolStr::new(value));
        let sent: Vec<_> = variables.into_iter().map(of).collect();
        let measured = print(&sent);
        let variables: BTreeMap<_, _> = sent.into_iter().collect();
        let reserved: Vec<&str> =
            variables.keys().map(SmolStr::as_str).filter(|name| RESERVED.contains(name)).collect();
        if !reserved.is_empty() {
            let sentence = format!(
                "Lambda was unable to configure your environment variables because the environment variables you have \
                 provided contains reserved keys that are currently not supported for modification. Reserved keys used \
                 in this request: {}",
                reserved.join(", ")
            );
            return Err(InvalidParameter { sentence });
        }
        if let Some((name, _)) = variables.iter().find(|(_, value)| value.contains('\0')) {
            return Err(InvalidParameter {
                sentence: format!("The environment variable {name} has a NUL in its value."),
            });
        }
        if measured.len() > ENVIRONMENT {
            let sentence = format!(
                "Lambda was unable to configure your environment variables because the environment variables you have \
                 provided exceeded the 4KB limit. String measured: {measured}"
            );
            return Err(InvalidParameter { sentence });
        }
        Ok(Self(variables))
    }

    /// Name and value of each, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&SmolStr, &SmolStr)> {
        self.0.iter()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Variables as an object of JSON, in the order in which they were sent.
fn print(variables: &[(SmolStr, SmolStr)]) -> String {
    let text = |text: &SmolStr| serde_json::Value::from(text.as_str()).to_string();
    let members: Vec<String> =
        variables.iter().map(|(name, value)| format!("{}:{}", text(name), text(value))).collect();
    format!("{{{}}}", members.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(variables: &[(&str, &str)]) -> Result<Variables, String> {
        let owned = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Variables::check(owned).map_err(|refused| refused.sentence)
    }

    #[test]
    fn reserved_names_and_long_values_are_refused() {
        let refused = check(&[("MINE", "1"), ("AWS_REGION", "x"), ("_HANDLER", "y")]).expect_err("reserved");
        assert!(refused.ends_with("Reserved keys used in this request: AWS_REGION, _HANDLER"), "{refused}");
        // {"K":"..."} has eight bytes beside the value
        assert!(check(&[("K", &"x".repeat(4_088))]).is_ok());
        let refused = check(&[("K", &"x".repeat(4_089))]).expect_err("too long");
        assert!(refused.contains("exceeded the 4KB limit. String measured: {\"K\":\"xx"), "{refused}");
    }

    // recordings/lambda.json::lambda_api::TestLambdaSizeLimits::test_large_environment_fails_multiple_keys
    #[test]
    fn what_is_measured_is_told_in_the_order_in_which_it_was_sent() {
        let long = "x".repeat(4_096);
        let refused = check(&[("SMALL_VAR", "ok"), ("LARGE_VAR", &long)]).expect_err("too long");
        let measured = format!(r#"String measured: {{"SMALL_VAR":"ok","LARGE_VAR":"{long}"}}"#);
        assert!(refused.ends_with(&measured), "{refused}");
    }
}
