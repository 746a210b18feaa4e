//! What answers the methods of a REST API: where integrations lead, and which templates can be followed.

use super::failure::{Invalid, NotServed};
use crate::state::rest::{IntegrationKind, Texts};
use mesh_types::{AccountId, Region};

/// What the URI of an integration of type `AWS_PROXY` names: a Lambda function, by its ARN, its qualifier apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LambdaUri {
    /// The function's Region.
    pub region: Region,
    /// The function's account.
    pub account: AccountId,
    /// Its ARN, without a qualifier.
    pub function: String,
    /// Version or alias.
    pub qualifier: Option<String>,
}

impl LambdaUri {
    /// Reads `arn:aws:apigateway:REGION:lambda:path/2015-03-31/functions/ARN/invocations` or a function's ARN.
    pub fn parse(uri: &str) -> Option<Self> {
        let arn = match uri.split_once("/functions/") {
            Some((head, rest)) => {
                let mut parts = head.splitn(6, ':');
                let of_lambda = parts.next() == Some("arn")
                    && parts.next().is_some_and(|partition| partition.starts_with("aws"))
                    && parts.next() == Some("apigateway")
                    && parts.next().is_some()
                    && parts.next() == Some("lambda");
                let is_path = parts.next().is_some_and(|path| path.starts_with("path/"));
                rest.strip_suffix("/invocations").filter(|_| of_lambda && is_path)?
            }
            None => uri,
        };
        Self::of_arn(arn)
    }

    fn of_arn(arn: &str) -> Option<Self> {
        let parts: Vec<&str> = arn.split(':').collect();
        let (["arn", partition, "lambda", region, account, "function", name], qualifier) =
            parts.split_at_checked(7)?
        else {
            return None;
        };
        let qualifier = match qualifier {
            [] => None,
            [one] if !one.is_empty() => Some((*one).to_owned()),
            _ => return None,
        };
        let region = Region::parse(region).ok()?;
        let account = AccountId::parse(account).ok()?;
        if name.is_empty() {
            return None;
        }
        let function = format!("arn:{partition}:lambda:{region}:{account}:function:{name}");
        Some(Self { region, account, function, qualifier })
    }
}

/// Checks where an integration leads.
///
/// # Errors
/// There is no URI, or one that an integration of this type cannot have.
pub fn check_uri(kind: IntegrationKind, uri: Option<&str>) -> Result<(), Invalid> {
    match kind {
        IntegrationKind::Mock => Ok(()),
        IntegrationKind::HttpProxy => {
            let is_url = uri.is_some_and(|uri| uri.starts_with("http://") || uri.starts_with("https://"));
            if is_url { Ok(()) } else { Err(Invalid::new("Invalid HTTP endpoint specified for URI")) }
        }
        IntegrationKind::AwsProxy => {
            let parts: Vec<&str> = uri.unwrap_or_default().splitn(6, ':').collect();
            let ["arn", _, "apigateway", _, _, target] = parts.as_slice() else {
                return Err(Invalid::new("Invalid ARN specified in the request"));
            };
            if !target.starts_with("path/") && !target.starts_with("action/") {
                return Err(Invalid::new("AWS ARN for integration must contain path or action"));
            }
            // A stage's variables may stand in the place of any part of the function's name.
            let uri = uri.unwrap_or_default();
            let plain = uri.replace("${stageVariables.", "").replace('}', "");
            if LambdaUri::parse(&plain).is_none() && !uri.contains("${stageVariables.") {
                let sentence = "Integrations of type 'AWS_PROXY' currently only supports Lambda function and Firehose stream invocations.";
                return Err(Invalid::new(sentence));
            }
            Ok(())
        }
    }
}

/// Checks templates: their content types, and that they need nothing but to be copied.
///
/// # Errors
/// A content type that is none; a template with directives or variables.
pub fn check_templates<E: From<Invalid> + From<NotServed>>(templates: &Texts) -> Result<(), E> {
    for (content_type, template) in templates {
        if !content_type.contains('/') && content_type != "$default" {
            let sentence = format!(
                "Validation Result: warnings : [], errors : [Invalid content type specified: {content_type}]"
            );
            return Err(Invalid::new(sentence).into());
        }
        if has_directives(template) {
            return Err(NotServed { what: "mapping templates with directives or variables" }.into());
        }
    }
    Ok(())
}

/// Whether a template is more than text: whether it has references (`$name`) or directives (`#if`) of the Velocity
/// language.
pub fn has_directives(template: &str) -> bool {
    const DIRECTIVES: &[&str] = &[
        "set", "if", "else", "end", "foreach", "macro", "parse", "include", "define", "break", "stop", "#",
        "*", "[[",
    ];
    let mut rest = template;
    while let Some(at) = rest.find(['$', '#']) {
        let (sign, after) = (rest.as_bytes()[at], &rest[at + 1..]);
        let begins = match sign {
            b'$' => after.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '{' | '!')),
            _ => DIRECTIVES.iter().any(|word| after.strip_prefix('{').unwrap_or(after).starts_with(word)),
        };
        if begins {
            return true;
        }
        rest = after;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_is_named_by_both_forms_of_uri() {
        let arn = "arn:aws:lambda:eu-west-1:111111111111:function:f";
        let uri = |arn: &str| {
            format!("arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/{arn}/invocations")
        };
        let plain = LambdaUri::parse(arn).expect("a function");
        assert_eq!((plain.function.as_str(), plain.qualifier.as_deref()), (arn, None));
        assert_eq!(LambdaUri::parse(&uri(arn)), Some(plain));
        let live = LambdaUri::parse(&uri(&format!("{arn}:live"))).expect("a function");
        assert_eq!((live.function.as_str(), live.qualifier.as_deref()), (arn, Some("live")));
        for text in [
            "",
            "f",
            "arn:aws:sqs:eu-west-1:111111111111:q",
            "arn:aws:lambda:eu-west-1:1:function:f",
            &uri("f"),
        ] {
            assert_eq!(LambdaUri::parse(text), None, "{text}");
        }
    }

    #[test]
    fn an_uri_is_refused_in_the_words_of_the_recording() {
        // recordings/apigateway.json::apigateway_lambda::test_put_integration_aws_proxy_uri
        let said =
            |uri: &str| check_uri(IntegrationKind::AwsProxy, Some(uri)).map_err(|invalid| invalid.sentence);
        let function = "arn:aws:lambda:us-east-1:111111111111:function:f";
        assert_eq!(said(function), Err("Invalid ARN specified in the request".to_owned()));
        let no_path = format!("arn:aws:apigateway:us-east-1:lambda:{function}");
        assert_eq!(said(&no_path), Err("AWS ARN for integration must contain path or action".to_owned()));
        let no_function = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/f/invocations";
        assert!(
            said(no_function)
                .is_err_and(|said| said.starts_with("Integrations of type 'AWS_PROXY' currently"))
        );
        let good =
            format!("arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{function}/invocations");
        assert_eq!(said(&good), Ok(()));
        assert_eq!(said(&good.replace(":f/", ":${stageVariables.name}/")), Ok(()));
    }

    #[test]
    fn templates_of_plain_text_are_told_from_those_of_velocity() {
        for plain in
            ["", "{\"statusCode\": 200}", "price: 5$", "#fff", "a $ b # c", "{\"color\": \"#123456\"}"]
        {
            assert!(!has_directives(plain), "{plain}");
        }
        for velocity in ["$input.body", "${x}", "$!x", "#if($a)b#end", "#set($x = 1)", "## remark", "#{else}"]
        {
            assert!(has_directives(velocity), "{velocity}");
        }
    }
}
