//! The policy of a function: who may do what with it.

use super::failure::InvalidParameter;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use smol_str::SmolStr;

/// One statement of a policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    /// Its id.
    pub id: SmolStr,
    /// The statement as JSON.
    pub json: SmolStr,
}

/// What a statement is made of.
#[derive(Debug, Clone, Default)]
pub struct Grant {
    /// The statement's id.
    pub id: String,
    /// `lambda:InvokeFunction`.
    pub action: String,
    /// A service, an account, an ARN, or everyone.
    pub principal: String,
    /// Only for this resource.
    pub source_arn: Option<String>,
    /// Only for this account.
    pub source_account: Option<String>,
    /// Only with this token.
    pub event_source_token: Option<String>,
    /// Only for this organisation.
    pub organisation: Option<String>,
    /// Only by function URLs of this kind.
    pub url_auth_type: Option<String>,
    /// Only by a function URL.
    pub via_url: Option<bool>,
}

/// A statement in AWS's order of members.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Json<'a> {
    sid: &'a str,
    effect: &'static str,
    principal: Value,
    action: &'a str,
    resource: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    condition: Option<Map<String, Value>>,
}

impl Statement {
    /// The statement that grants this on the function `arn`.
    ///
    /// # Errors
    /// A principal that is none.
    pub fn new(grant: Grant, arn: &str) -> Result<Self, InvalidParameter> {
        let partition = arn.split(':').nth(1).unwrap_or("aws");
        let principal = principal(&grant.principal, partition).ok_or_else(|| InvalidParameter {
            sentence: "The provided principal was invalid. Please check the principal and try again."
                .to_owned(),
        })?;
        let conditions = conditions(&grant);
        let json = serde_json::to_string(&Json {
            sid: &grant.id,
            effect: "Allow",
            principal,
            action: &grant.action,
            resource: arn,
            condition: (!conditions.is_empty()).then_some(conditions),
        });
        Ok(Self { id: SmolStr::new(&grant.id), json: SmolStr::new(json.unwrap_or_default()) })
    }
}

/// AWS's form of a principal.
fn principal(text: &str, partition: &str) -> Option<Value> {
    let is_account = text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit());
    let is_service = text.contains(".amazonaws.com") || text.contains('.') && !text.contains(':');
    match text {
        "*" => Some(json!("*")),
        _ if is_account => Some(json!({ "AWS": format!("arn:{partition}:iam::{text}:root") })),
        _ if text.starts_with("arn:") => Some(json!({ "AWS": text })),
        _ if is_service => Some(json!({ "Service": text })),
        _ => None,
    }
}

fn conditions(grant: &Grant) -> Map<String, Value> {
    let mut equals = Map::new();
    let mut add = |key: &str, value: &Option<String>| {
        if let Some(value) = value {
            equals.insert(key.to_owned(), json!(value));
        }
    };
    add("AWS:SourceAccount", &grant.source_account);
    add("lambda:EventSourceToken", &grant.event_source_token);
    add("aws:PrincipalOrgID", &grant.organisation);
    add("lambda:FunctionUrlAuthType", &grant.url_auth_type);
    let mut conditions = Map::new();
    if !equals.is_empty() {
        conditions.insert("StringEquals".to_owned(), Value::Object(equals));
    }
    if let Some(arn) = &grant.source_arn {
        conditions.insert("ArnLike".to_owned(), json!({ "AWS:SourceArn": arn }));
    }
    if let Some(via_url) = grant.via_url {
        conditions.insert("Bool".to_owned(), json!({ "lambda:InvokedViaFunctionUrl": via_url.to_string() }));
    }
    conditions
}

/// The policy of these statements as JSON.
pub fn policy<'a>(statements: impl Iterator<Item = &'a Statement>) -> String {
    let statements: Vec<&str> = statements.map(|statement| statement.json.as_str()).collect();
    format!(r#"{{"Version":"2012-10-17","Id":"default","Statement":[{}]}}"#, statements.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    // recordings/lambda.json::lambda_api::TestLambdaPermissions
    #[test]
    fn a_statement_has_awss_form() {
        let grant = |principal: &str| Grant {
            id: "s3".to_owned(),
            action: "lambda:InvokeFunction".to_owned(),
            principal: principal.to_owned(),
            ..Grant::default()
        };
        let arn = "arn:aws:lambda:us-east-1:111111111111:function:f";
        let bucket = Grant { source_arn: Some("arn:aws:s3:::b".to_owned()), ..grant("s3.amazonaws.com") };
        let statement: Value =
            serde_json::from_str(&Statement::new(bucket, arn).expect("a statement").json).expect("JSON");
        let expected = json!({
            "Sid": "s3", "Effect": "Allow", "Principal": { "Service": "s3.amazonaws.com" },
            "Action": "lambda:InvokeFunction", "Resource": arn,
            "Condition": { "ArnLike": { "AWS:SourceArn": "arn:aws:s3:::b" } },
        });
        assert_eq!(statement, expected);
        let account = principal("222222222222", "aws-cn");
        assert_eq!(account, Some(json!({ "AWS": "arn:aws-cn:iam::222222222222:root" })));
        let refused = Statement::new(grant("not-a-principal"), arn).expect_err("no principal");
        assert_eq!(
            refused.sentence,
            "The provided principal was invalid. Please check the principal and try again."
        );
    }
}
