//! Whether a function's policy lets an API call it.

use mesh_models::lambda::{GetPolicy, GetPolicyInput};
use mesh_router::Context;
use serde_json::Value;

/// Who API Gateway is to policies.
const PRINCIPAL: &str = "apigateway.amazonaws.com";

/// Who wants to call what.
#[derive(Debug, Clone, Copy)]
pub(super) struct Caller<'a> {
    /// `arn:aws:execute-api:REGION:ACCOUNT:API/STAGE/METHOD/PATH`
    pub(super) source: &'a str,
    /// The API's account.
    pub(super) account: &'a str,
}

/// Whether the function's policy has a statement that allows it. The context is the function's.
pub(super) async fn is_allowed(
    cx: &Context,
    function: &str,
    qualifier: Option<&str>,
    caller: Caller<'_>,
) -> bool {
    let input =
        GetPolicyInput { function_name: Some(function.to_owned()), qualifier: qualifier.map(str::to_owned) };
    let policy = match cx.call::<GetPolicy>(input).await {
        Ok(output) => output.policy.unwrap_or_default(),
        Err(error) => {
            tracing::debug!(function, "no policy: {error}");
            return false;
        }
    };
    let policy: Value = serde_json::from_str(&policy).unwrap_or_default();
    allows(&policy, caller)
}

/// Whether a policy has a statement that allows the call and none that denies it.
fn allows(policy: &Value, caller: Caller<'_>) -> bool {
    let mut is_allowed = false;
    for statement in one_or_many(&policy["Statement"]) {
        if names_principal(&statement["Principal"])
            && names_action(&statement["Action"])
            && holds(&statement["Condition"], caller)
        {
            match statement["Effect"].as_str() {
                Some("Allow") => is_allowed = true,
                _ => return false,
            }
        }
    }
    is_allowed
}

fn one_or_many(value: &Value) -> impl Iterator<Item = &Value> {
    let many = value.as_array().into_iter().flatten();
    many.chain(Some(value).filter(|value| !value.is_array() && !value.is_null()))
}

fn names_principal(principal: &Value) -> bool {
    let is_ours = |name: &Value| matches!(name.as_str(), Some("*" | PRINCIPAL));
    one_or_many(principal).any(is_ours)
        || one_or_many(&principal["Service"]).any(is_ours)
        || principal["AWS"].as_str() == Some("*")
}

fn names_action(action: &Value) -> bool {
    one_or_many(action)
        .filter_map(Value::as_str)
        .any(|action| is_like(&action.to_ascii_lowercase(), "lambda:invokefunction"))
}

/// Whether all conditions hold. One that cannot be judged does not.
fn holds(condition: &Value, caller: Caller<'_>) -> bool {
    let Some(operators) = condition.as_object() else { return condition.is_null() };
    operators.iter().all(|(operator, keys)| {
        let keys = keys.as_object().into_iter().flatten();
        keys.into_iter().all(|(key, wanted)| {
            let found = match key.to_ascii_lowercase().as_str() {
                "aws:sourcearn" => caller.source,
                "aws:sourceaccount" => caller.account,
                _ => return false,
            };
            one_or_many(wanted).filter_map(Value::as_str).any(|wanted| match operator.as_str() {
                "ArnLike" | "ArnEquals" | "StringLike" => is_like(wanted, found),
                "StringEquals" => wanted == found,
                _ => false,
            })
        })
    })
}

/// Whether a text is like a pattern, in which `*` stands for any text and `?` for one character.
fn is_like(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    let (mut p, mut t, mut star) = (0, 0, None);
    while t < text.len() {
        match pattern.get(p) {
            Some(b'*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(letter) if *letter == b'?' || *letter == text[t] => {
                p += 1;
                t += 1;
            }
            _ => match &mut star {
                Some((at, from)) => {
                    *from += 1;
                    (p, t) = (*at + 1, *from);
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|letter| *letter == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const SOURCE: &str = "arn:aws:execute-api:us-east-1:111111111111:a1/dev/GET/pets/{id}";

    fn statement(condition: Value) -> Value {
        json!({"Effect": "Allow", "Principal": {"Service": PRINCIPAL}, "Action": "lambda:InvokeFunction", "Condition": condition})
    }

    fn is_let(statements: Value) -> bool {
        allows(&json!({ "Statement": statements }), Caller { source: SOURCE, account: "111111111111" })
    }

    #[test]
    fn the_source_must_be_like_the_one_that_the_statement_names() {
        let like = |arn: &str| is_let(json!([statement(json!({"ArnLike": {"AWS:SourceArn": arn}}))]));
        assert!(like("arn:aws:execute-api:us-east-1:111111111111:a1/*/GET/pets/*"));
        assert!(like("arn:aws:execute-api:us-east-1:111111111111:a1/*/*"));
        assert!(like(SOURCE));
        assert!(!like("arn:aws:execute-api:us-east-1:111111111111:a2/*"));
        assert!(!like("arn:aws:execute-api:us-east-1:111111111111:a1/*/POST/pets/*"));
    }

    #[test]
    fn principal_action_and_every_condition_count_and_a_denial_wins() {
        assert!(is_let(json!([statement(Value::Null)])));
        assert!(is_let(json!([statement(json!({"StringEquals": {"aws:SourceAccount": "111111111111"}}))])));
        assert!(!is_let(json!([statement(json!({"StringEquals": {"aws:SourceAccount": "222222222222"}}))])));
        assert!(!is_let(json!([statement(json!({"Bool": {"aws:SecureTransport": "true"}}))])));
        let mut other = statement(Value::Null);
        other["Principal"] = json!({"Service": "s3.amazonaws.com"});
        assert!(!is_let(json!([other])));
        let mut action = statement(Value::Null);
        action["Action"] = json!("lambda:GetFunction");
        assert!(!is_let(json!([action])));
        let mut denial = statement(Value::Null);
        denial["Effect"] = json!("Deny");
        assert!(!is_let(json!([statement(Value::Null), denial])));
    }

    #[test]
    fn stars_match_any_text() {
        assert!(
            is_like("a*c*", "abbc") && is_like("*", "") && is_like("a?c", "abc") && is_like("*bc", "bcbc")
        );
        assert!(!is_like("a*d", "abc") && !is_like("", "a") && !is_like("a?", "a"));
    }
}
