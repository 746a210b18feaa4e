//! Whether a policy document is well formed. What it says is not acted upon.

use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// The version of the policy language that all but ancient documents name.
const VERSION: &str = "2012-10-17";

/// The version before, which trust policies may still name or leave out.
const FORMER_VERSION: &str = "2008-10-17";

const SYNTAX: &str = "Syntax errors in policy.";

/// Checks a policy that belongs to an identity or to a session.
///
/// # Errors
/// AWS's sentence about the first thing that is wrong.
pub fn check_identity_policy(document: &str) -> Result<(), String> {
    let Ok(Value::Object(policy)) = serde_json::from_str(document) else { return Err(SYNTAX.to_owned()) };
    let statements = statements(&policy).ok_or(SYNTAX)?;
    if policy.keys().any(|key| !matches!(key.as_str(), "Version" | "Id" | "Statement")) {
        return Err(SYNTAX.to_owned());
    }
    match policy.get("Version") {
        Some(Value::String(version)) if version == VERSION => {}
        None => return Err(format!("Policy document must be version {VERSION} or greater.")),
        Some(Value::String(version)) if version == FORMER_VERSION => {
            return Err(format!("Policy document must be version {VERSION} or greater."));
        }
        Some(_) => return Err(SYNTAX.to_owned()),
    }
    for statement in &statements {
        check_identity_statement(statement)?;
    }
    check_statement_ids(&statements)
}

/// Checks a policy that says who may assume a role.
///
/// # Errors
/// AWS's sentence about the first thing that is wrong.
pub fn check_trust_policy(document: &str) -> Result<(), String> {
    let Ok(Value::Object(policy)) = serde_json::from_str(document) else {
        return Err("This policy contains invalid Json".to_owned());
    };
    match policy.get("Version") {
        None => {}
        Some(Value::String(version)) if version == VERSION || version == FORMER_VERSION => {}
        Some(_) => return Err(SYNTAX.to_owned()),
    }
    if !policy.contains_key("Statement") {
        return Err("Missing required field Statement".to_owned());
    }
    let statements = statements(&policy).ok_or(SYNTAX)?;
    for statement in &statements {
        check_trust_statement(statement)?;
    }
    check_statement_ids(&statements)
}

/// Characters of a document, white space not counted.
pub fn significant_size(document: &str) -> usize {
    document.chars().filter(|c| !c.is_whitespace()).count()
}

/// The statements: one, or a list that is not empty.
fn statements(policy: &Map<String, Value>) -> Option<Vec<&Map<String, Value>>> {
    match policy.get("Statement")? {
        Value::Object(statement) => Some(vec![statement]),
        Value::Array(statements) if !statements.is_empty() => {
            statements.iter().map(Value::as_object).collect()
        }
        _ => None,
    }
}

fn check_identity_statement(statement: &Map<String, Value>) -> Result<(), String> {
    check_effect(statement)?;
    if statement.contains_key("Principal") || statement.contains_key("NotPrincipal") {
        return Err("Policy document should not specify a principal.".to_owned());
    }
    let actions =
        either(statement, "Action", "NotAction")?.ok_or("Policy statement must contain actions.")?;
    if actions.is_empty() {
        return Err("Policy statement must contain actions.".to_owned());
    }
    let resources = either(statement, "Resource", "NotResource")?;
    let resources = resources.filter(|resources| !resources.is_empty());
    let resources = resources.ok_or("Policy statement must contain resources.")?;
    if actions.iter().any(|action| *action != "*" && !action.contains(':')) {
        return Err("Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.".to_owned());
    }
    match resources.iter().find(|resource| !resource.starts_with("arn:") && **resource != "*") {
        Some(resource) => Err(format!("Resource {resource} must be in ARN format or \"*\".")),
        None => Ok(()),
    }
}

fn check_trust_statement(statement: &Map<String, Value>) -> Result<(), String> {
    for field in ["Resource", "NotResource"] {
        if statement.contains_key(field) {
            return Err(format!("Has prohibited field {field}"));
        }
    }
    if !statement.contains_key("Effect") {
        return Err("Missing required field Effect".to_owned());
    }
    check_effect(statement)?;
    match statement.get("Principal").or_else(|| statement.get("NotPrincipal")) {
        None => return Err("Missing required field Principal".to_owned()),
        Some(Value::Object(principals)) if principals.is_empty() => {
            let sentence = "Invalid principal in policy: com.amazon.balsa.error.InvalidPolicyException: The passed in \
                            policy has a statement with no principals!";
            return Err(sentence.to_owned());
        }
        Some(Value::Object(_) | Value::String(_)) => {}
        Some(_) => return Err(SYNTAX.to_owned()),
    }
    let actions = either(statement, "Action", "NotAction")?.ok_or("Missing required field Action")?;
    let is_of_sts = |action: &&str| action.get(..4).is_some_and(|vendor| vendor.eq_ignore_ascii_case("sts:"));
    if actions.is_empty() || !actions.iter().all(is_of_sts) {
        return Err("AssumeRole policy may only specify STS AssumeRole actions.".to_owned());
    }
    Ok(())
}

fn check_effect(statement: &Map<String, Value>) -> Result<(), String> {
    const KEYS: [&str; 9] = [
        "Sid",
        "Effect",
        "Principal",
        "NotPrincipal",
        "Action",
        "NotAction",
        "Resource",
        "NotResource",
        "Condition",
    ];
    let is_known = statement.keys().all(|key| KEYS.contains(&key.as_str()));
    let is_object = statement.get("Condition").is_none_or(Value::is_object);
    match statement.get("Effect").and_then(Value::as_str) {
        Some("Allow" | "Deny") if is_known && is_object => Ok(()),
        _ => Err(SYNTAX.to_owned()),
    }
}

/// The texts of a field or of its negation; both are an error.
fn either<'a>(
    statement: &'a Map<String, Value>,
    field: &str,
    negation: &str,
) -> Result<Option<Vec<&'a str>>, String> {
    let value = match (statement.get(field), statement.get(negation)) {
        (None, None) => return Ok(None),
        (Some(value), None) | (None, Some(value)) => value,
        (Some(_), Some(_)) => return Err(SYNTAX.to_owned()),
    };
    let texts = match value {
        Value::String(text) => Some(vec![text.as_str()]),
        Value::Array(values) => values.iter().map(Value::as_str).collect(),
        _ => None,
    };
    texts.map(Some).ok_or_else(|| SYNTAX.to_owned())
}

fn check_statement_ids(statements: &[&Map<String, Value>]) -> Result<(), String> {
    let mut seen = BTreeSet::new();
    for statement in statements {
        match statement.get("Sid") {
            None => {}
            Some(Value::String(id)) if id.is_empty() || seen.insert(id) => {}
            Some(Value::String(_)) => {
                return Err("Statement IDs (SID) in a single policy must be unique.".to_owned());
            }
            Some(_) => return Err(SYNTAX.to_owned()),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity(document: &str) -> String {
        check_identity_policy(document).err().unwrap_or_default()
    }

    fn trust(document: &str) -> String {
        check_trust_policy(document).err().unwrap_or_default()
    }

    #[test]
    fn a_policy_of_an_identity_says_what_may_be_done_to_what() {
        let of =
            |statement: &str| identity(&format!(r#"{{"Version": "2012-10-17", "Statement": {statement}}}"#));
        assert_eq!(of(r#"{"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}"#), "");
        assert_eq!(
            of(
                r#"[{"Sid": "a", "Effect": "Deny", "NotAction": ["s3:GetObject"], "Resource": ["arn:aws:s3:::b"]}]"#
            ),
            ""
        );
        assert_eq!(of(r#"{"Effect": "Allow", "Resource": "*"}"#), "Policy statement must contain actions.");
        assert_eq!(
            of(r#"{"Effect": "Allow", "Action": "sqs:*"}"#),
            "Policy statement must contain resources."
        );
        assert_eq!(
            of(r#"{"Effect": "Allow", "Action": "sqs", "Resource": "*"}"#).get(..18),
            Some("Actions/Conditions")
        );
        assert_eq!(
            of(r#"{"Effect": "Allow", "Action": "sqs:*", "Resource": "q"}"#),
            "Resource q must be in ARN format or \"*\"."
        );
        assert_eq!(
            of(r#"{"Effect": "Allow", "Principal": "*", "Action": "sqs:*", "Resource": "*"}"#),
            "Policy document should not specify a principal."
        );
        let twice = r#"{"Sid": "a", "Effect": "Allow", "Action": "sqs:*", "Resource": "*"}"#;
        assert_eq!(
            of(&format!("[{twice}, {twice}]")),
            "Statement IDs (SID) in a single policy must be unique."
        );
        for broken in [
            r#"{"Effect": "Maybe", "Action": "sqs:*", "Resource": "*"}"#,
            r#"{"Effect": "Allow", "Action": 1, "Resource": "*"}"#,
            r#"{"Effect": "Allow", "Action": "sqs:*", "Resource": "*", "Colour": "blue"}"#,
            "[]",
            "\"x\"",
        ] {
            assert_eq!(of(broken), SYNTAX, "{broken}");
        }
    }

    #[test]
    fn a_policy_of_an_identity_names_the_current_version() {
        let statement = r#""Statement": {"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}"#;
        let must = "Policy document must be version 2012-10-17 or greater.";
        assert_eq!(identity(&format!("{{{statement}}}")), must);
        assert_eq!(identity(&format!(r#"{{"Version": "2008-10-17", {statement}}}"#)), must);
        assert_eq!(identity(&format!(r#"{{"Version": "tomorrow", {statement}}}"#)), SYNTAX);
        for broken in ["", "{", "[]", r#"{"Version": "2012-10-17"}"#] {
            assert_eq!(identity(broken), SYNTAX, "{broken}");
        }
    }

    #[test]
    fn a_trust_policy_says_who_may_assume_the_role() {
        let of =
            |statement: &str| trust(&format!(r#"{{"Version": "2012-10-17", "Statement": [{statement}]}}"#));
        let good = r#"{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}"#;
        assert_eq!(of(good), "");
        assert_eq!(trust(&format!(r#"{{"Statement": {good}}}"#)), "");
        assert_eq!(trust("{"), "This policy contains invalid Json");
        assert_eq!(trust("{}"), "Missing required field Statement");
        assert_eq!(
            of(r#"{"Effect": "Allow", "Action": "sts:AssumeRole"}"#),
            "Missing required field Principal"
        );
        assert_eq!(of(r#"{"Effect": "Allow", "Principal": "*"}"#), "Missing required field Action");
        assert_eq!(of(r#"{"Principal": "*", "Action": "sts:AssumeRole"}"#), "Missing required field Effect");
        assert_eq!(
            of(r#"{"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole", "Resource": "*"}"#),
            "Has prohibited field Resource"
        );
        assert_eq!(
            of(r#"{"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage"}"#),
            "AssumeRole policy may only specify STS AssumeRole actions."
        );
        assert!(
            of(r#"{"Effect": "Allow", "Principal": {}, "Action": "sts:AssumeRole"}"#)
                .contains("no principals!")
        );
    }

    #[test]
    fn white_space_does_not_count() {
        assert_eq!(significant_size("{ \"a\" :\n 1 }"), 7);
    }
}
