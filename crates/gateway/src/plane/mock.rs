//! Integrations of type `MOCK`: API Gateway answers itself.

use super::incoming::{Incoming, media_type};
use super::trouble::RestTrouble;
use crate::state::rest::{Integration, IntegrationResponse};
use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use http::{Response, StatusCode};
use regex_lite::Regex;

/// What a request without a content type is taken for.
const JSON: &str = "application/json";

/// Answers: the request's template names a status code, which selects the response.
pub(super) fn answer(integration: &Integration, incoming: &Incoming) -> Result<Response<Bytes>, RestTrouble> {
    let asked = request_of(integration, incoming)?;
    let code = status_code(&asked).ok_or(RestTrouble::Configuration)?;
    let (status, response) = select(integration, &code).ok_or(RestTrouble::Configuration)?;
    let status = status.parse().ok().and_then(|status| StatusCode::from_u16(status).ok());
    let (content_type, body) = body_of(response, incoming);
    let mut answer = Response::new(body);
    *answer.status_mut() = status.ok_or(RestTrouble::Configuration)?;
    if let Ok(content_type) = HeaderValue::from_str(&content_type) {
        answer.headers_mut().insert(CONTENT_TYPE, content_type);
    }
    set_parameters(response, answer.headers_mut());
    Ok(answer)
}

/// What the integration is asked: the template for the body's media type, or the body itself where that may pass.
fn request_of(integration: &Integration, incoming: &Incoming) -> Result<String, RestTrouble> {
    let templates = integration.request_templates.as_ref().filter(|templates| !templates.is_empty());
    let wanted = incoming.media_type().unwrap_or(JSON);
    let found = templates.and_then(|templates| templates.get(wanted).or_else(|| templates.get("$default")));
    match (found, integration.passthrough.as_str(), templates) {
        (Some(template), ..) => Ok(template.clone()),
        (None, "WHEN_NO_MATCH", _) | (None, "WHEN_NO_TEMPLATES", None) => {
            Ok(String::from_utf8_lossy(&incoming.body).into_owned())
        }
        _ => Err(RestTrouble::UnsupportedMediaType),
    }
}

/// The status code in `{"statusCode": 200}`, which may be written without quotes, and as text.
fn status_code(asked: &str) -> Option<String> {
    let inner = asked.trim().strip_prefix('{')?.strip_suffix('}')?;
    let member = inner.split(',').map(str::trim).find_map(|member| {
        let (name, value) = member.split_once(':')?;
        (name.trim().trim_matches(['"', '\'']) == "statusCode")
            .then(|| value.trim().trim_matches(['"', '\'']))
    })?;
    (!member.is_empty() && member.bytes().all(|b| b.is_ascii_digit())).then(|| member.to_owned())
}

/// The response whose pattern the status code matches; else the one without a pattern.
fn select<'i>(integration: &'i Integration, code: &str) -> Option<(&'i str, &'i IntegrationResponse)> {
    let pattern = |response: &'i IntegrationResponse| {
        response.selection_pattern.as_deref().filter(|pattern| !pattern.is_empty())
    };
    let matches =
        |pattern: &str| Regex::new(&format!("^(?:{pattern})$")).is_ok_and(|pattern| pattern.is_match(code));
    let all = || integration.responses.iter().map(|(status, response)| (status.as_str(), response));
    let matching = all().find(|(_, response)| pattern(response).is_some_and(matches));
    matching.or_else(|| all().find(|(_, response)| pattern(response).is_none()))
}

/// The template that the caller accepts, else the one for JSON, else the first.
fn body_of(response: &IntegrationResponse, incoming: &Incoming) -> (String, Bytes) {
    let Some(templates) = response.templates.as_ref().filter(|templates| !templates.is_empty()) else {
        return (JSON.to_owned(), Bytes::new());
    };
    let accepted = incoming.headers.get(ACCEPT).and_then(media_type);
    let wanted = accepted.and_then(|accepted| templates.get_key_value(accepted));
    let found = wanted.or_else(|| templates.get_key_value(JSON)).or_else(|| templates.first_key_value());
    found.map_or_else(
        || (JSON.to_owned(), Bytes::new()),
        |(content_type, template)| (content_type.clone(), Bytes::from(template.clone())),
    )
}

/// Sets the headers with static values.
pub(super) fn set_parameters(response: &IntegrationResponse, headers: &mut HeaderMap) {
    for (name, value) in response.parameters.iter().flatten() {
        let name = name
            .strip_prefix("method.response.header.")
            .and_then(|name| HeaderName::from_bytes(name.as_bytes()).ok());
        let value = value.strip_prefix('\'').and_then(|value| value.strip_suffix('\''));
        if let (Some(name), Some(Ok(value))) = (name, value.map(HeaderValue::from_str)) {
            headers.insert(name, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_code_is_read_from_strict_and_from_lax_json() {
        let code = |text| status_code(text);
        for text in [
            "{\"statusCode\": 201}",
            "{statusCode: 201}",
            "{ 'statusCode' : \"201\" , \"a\": 1}",
            "\n{\"statusCode\":201\n}\n",
        ] {
            assert_eq!(code(text).as_deref(), Some("201"), "{text}");
        }
        for text in ["", "{}", "201", "{\"statusCode\": }", "{\"statusCode\": \"x\"}", "{\"code\": 201}"] {
            assert_eq!(code(text), None, "{text}");
        }
    }

    #[test]
    fn a_pattern_selects_and_what_has_none_is_for_the_rest() {
        let response = |pattern: Option<&str>| IntegrationResponse {
            selection_pattern: pattern.map(str::to_owned),
            ..IntegrationResponse::default()
        };
        let responses =
            [("200", response(None)), ("404", response(Some("4\\d{2}"))), ("500", response(Some("5")))];
        let responses =
            responses.into_iter().map(|(status, response)| (status.to_owned(), response)).collect();
        let integration = Integration { responses, ..Integration::default() };
        let selected = |code| select(&integration, code).map(|(status, _)| status);
        assert_eq!(
            (selected("404"), selected("503"), selected("200")),
            (Some("404"), Some("200"), Some("200"))
        );
    }
}
