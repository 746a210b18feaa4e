//! Services that invoke a function for a resource, and what lets them.
//! <https://docs.aws.amazon.com/lambda/latest/dg/permissions-function-services.html>

use super::Statement;
use mesh_router::Caller;
use serde_json::Value;

/// A service that invokes for a resource.
#[derive(Debug, Clone, Copy)]
pub struct Invoker<'a> {
    /// Its principal's first label: `sns`.
    name: &'a str,
    /// The resource's ARN.
    source: &'a str,
}

impl<'a> Invoker<'a> {
    /// Who invokes, if policies decide about him: not about clients, and not about a service with a role.
    pub fn of(caller: &'a Caller) -> Option<Self> {
        match caller {
            Caller::Service { name, source: Some(source) } => Some(Self { name, source }),
            _ => None,
        }
    }

    /// Who it is to policies: `sns.amazonaws.com`.
    pub fn principal(&self) -> String {
        format!("{}.amazonaws.com", self.name)
    }

    /// Whether this statement lets it. All statements of functions allow something, none denies.
    pub fn is_let_by(&self, statement: &Statement) -> bool {
        let statement: Value = serde_json::from_str(&statement.json).unwrap_or_default();
        self.is_named(&statement["Principal"])
            && invokes(&statement["Action"])
            && self.fulfils(&statement["Condition"])
    }

    fn is_named(&self, principal: &Value) -> bool {
        *principal == "*" || principal["Service"] == self.principal()
    }

    /// Whether all conditions hold. One on what a service does not tell does not.
    fn fulfils(&self, conditions: &Value) -> bool {
        let operators = conditions.as_object().into_iter().flatten();
        let mut conditions = operators.flat_map(|(operator, keys)| {
            keys.as_object().into_iter().flatten().map(move |(key, wanted)| (operator.as_str(), key, wanted))
        });
        conditions.all(|(operator, key, wanted)| {
            let wanted = wanted.as_str().unwrap_or_default();
            match (operator, key.as_str()) {
                ("ArnLike", "AWS:SourceArn") => is_like(wanted, self.source),
                ("StringEquals", "AWS:SourceAccount") => self.source.split(':').nth(4) == Some(wanted),
                _ => false,
            }
        })
    }
}

fn invokes(action: &Value) -> bool {
    let action = action.as_str().unwrap_or_default();
    ["*", "lambda:*", "lambda:InvokeFunction"].iter().any(|invokes| invokes.eq_ignore_ascii_case(action))
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
    use super::super::Grant;
    use super::*;

    const SOURCE: &str = "arn:aws:execute-api:us-east-1:111111111111:a1/dev/GET/pets/{id}";

    fn grant(principal: &str) -> Grant {
        Grant {
            id: "s".to_owned(),
            action: "lambda:InvokeFunction".to_owned(),
            principal: principal.to_owned(),
            ..Grant::default()
        }
    }

    fn api() -> Grant {
        grant("apigateway.amazonaws.com")
    }

    fn is_let(grant: Grant) -> bool {
        let arn = "arn:aws:lambda:us-east-1:222222222222:function:f";
        let caller = Caller::Service { name: "apigateway".into(), source: Some(SOURCE.into()) };
        let statement = Statement::new(grant, arn).expect("a statement");
        Invoker::of(&caller).expect("policies decide").is_let_by(&statement)
    }

    #[test]
    fn the_source_must_be_like_the_one_that_the_statement_names() {
        let like = |arn: &str| is_let(Grant { source_arn: Some(arn.to_owned()), ..api() });
        assert!(like("arn:aws:execute-api:us-east-1:111111111111:a1/*/GET/pets/*"));
        assert!(like("arn:aws:execute-api:us-east-1:111111111111:a1/*/*"));
        assert!(like(SOURCE));
        assert!(!like("arn:aws:execute-api:us-east-1:111111111111:a2/*"));
        assert!(!like("arn:aws:execute-api:us-east-1:111111111111:a1/*/POST/pets/*"));
    }

    #[test]
    fn principal_action_and_every_condition_count() {
        let account = |account: &str| Some(account.to_owned());
        assert!(is_let(api()));
        assert!(is_let(grant("*")));
        assert!(!is_let(grant("sns.amazonaws.com")));
        assert!(!is_let(grant("111111111111")));
        assert!(is_let(Grant { action: "lambda:*".to_owned(), ..api() }));
        assert!(!is_let(Grant { action: "lambda:GetFunction".to_owned(), ..api() }));
        assert!(is_let(Grant { source_account: account("111111111111"), ..api() }));
        assert!(!is_let(Grant { source_account: account("222222222222"), ..api() }));
        assert!(!is_let(Grant {
            source_arn: Some(SOURCE.to_owned()),
            source_account: account("222222222222"),
            ..api()
        }));
        assert!(!is_let(Grant { organisation: Some("o-aaaaaaaaaa".to_owned()), ..api() }));
    }

    #[test]
    fn policies_decide_about_no_client_and_no_service_with_a_role() {
        for caller in [Caller::Anonymous, Caller::AccessKey("test".into()), Caller::service("apigateway")] {
            assert!(Invoker::of(&caller).is_none(), "{caller:?}");
        }
    }

    #[test]
    fn stars_match_any_text() {
        assert!(
            is_like("a*c*", "abbc") && is_like("*", "") && is_like("a?c", "abc") && is_like("*bc", "bcbc")
        );
        assert!(!is_like("a*d", "abc") && !is_like("", "a") && !is_like("a?", "a"));
    }
}
