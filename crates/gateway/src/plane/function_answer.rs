//! What a function answers, as an HTTP response.

use super::incoming::media_type;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, SET_COOKIE};
use http::{Response, StatusCode};
use serde_json::{Map, Value};

/// An answer that has not the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Malformed;

/// Whose rules an answer follows.
#[derive(Debug, Clone, Copy)]
pub(super) enum Rules<'a> {
    /// A REST API's: a body in base64 is decoded only where the caller accepts a binary media type of the API.
    Rest {
        /// The request's headers.
        request: &'a HeaderMap,
        /// `binaryMediaTypes`
        binary: &'a [String],
    },
    /// An HTTP API's, format 1.0.
    HttpV1,
    /// An HTTP API's, format 2.0: what has no status code is the body.
    HttpV2,
}

/// The response that a function's answer is.
///
/// # Errors
/// It has not the form.
pub(super) fn read(payload: &[u8], rules: Rules<'_>) -> Result<Response<Bytes>, Malformed> {
    let value: Value = serde_json::from_slice(payload).map_err(|_| Malformed)?;
    match (value, rules) {
        (Value::Object(members), Rules::HttpV2) if members.contains_key("statusCode") => {
            structured(&members, rules)
        }
        (other, Rules::HttpV2) => Ok(inferred(other, payload)),
        (Value::Object(members), _) if !members.is_empty() => structured(&members, rules),
        _ => Err(Malformed),
    }
}

/// What a function of format 2.0 returns without a status code: a string is the body, all else is shown as JSON.
fn inferred(value: Value, payload: &[u8]) -> Response<Bytes> {
    let body = match value {
        Value::String(text) => Bytes::from(text),
        _ => Bytes::copy_from_slice(payload),
    };
    let mut answer = Response::new(body);
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    answer
}

fn structured(members: &Map<String, Value>, rules: Rules<'_>) -> Result<Response<Bytes>, Malformed> {
    const REST: &[&str] = &["statusCode", "headers", "multiValueHeaders", "body", "isBase64Encoded"];
    let is_rest = matches!(rules, Rules::Rest { .. });
    if is_rest && members.keys().any(|name| !REST.contains(&name.as_str())) {
        return Err(Malformed);
    }
    let mut headers = HeaderMap::new();
    read_headers(members, &mut headers)?;
    if matches!(rules, Rules::HttpV2)
        && let Some(cookies) = present(members, "cookies")
    {
        for cookie in cookies.as_array().ok_or(Malformed)? {
            headers.append(SET_COOKIE, header_value(&text(cookie)?)?);
        }
    }
    let body = body(members, rules)?;
    if !headers.contains_key(CONTENT_TYPE) {
        let kind = if is_rest { "application/json" } else { "text/plain;charset=UTF-8" };
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    }
    if is_rest {
        headers = remapped(headers);
    }
    // The transport frames the body by itself.
    headers.remove(http::header::CONTENT_LENGTH);
    headers.remove(http::header::TRANSFER_ENCODING);
    headers.remove(http::header::CONNECTION);
    let mut answer = Response::new(body);
    *answer.status_mut() = status(members)?;
    *answer.headers_mut() = headers;
    Ok(answer)
}

/// A member that is there and not null.
fn present<'m>(members: &'m Map<String, Value>, name: &str) -> Option<&'m Value> {
    members.get(name).filter(|value| !value.is_null())
}

fn status(members: &Map<String, Value>) -> Result<StatusCode, Malformed> {
    let code = match present(members, "statusCode") {
        None => return Ok(StatusCode::OK),
        Some(Value::Number(number)) => {
            number.as_u64().or_else(|| whole(number.as_f64()?)).ok_or(Malformed)?
        }
        Some(Value::String(text)) => text.parse().map_err(|_| Malformed)?,
        Some(_) => return Err(Malformed),
    };
    let code = u16::try_from(code).ok().filter(|code| (200..600).contains(code)).ok_or(Malformed)?;
    StatusCode::from_u16(code).map_err(|_| Malformed)
}

/// A number such as `200.0`, which is how some languages write whole ones.
fn whole(number: f64) -> Option<u64> {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 0 and 1000 and whole"
    )]
    ((0.0..1_000.0).contains(&number) && number.fract() == 0.0).then_some(number as u64)
}

/// Headers of several values first; one of a single value is added, unless it is among them.
fn read_headers(members: &Map<String, Value>, headers: &mut HeaderMap) -> Result<(), Malformed> {
    if let Some(many) = present(members, "multiValueHeaders") {
        for (name, values) in many.as_object().ok_or(Malformed)? {
            for value in values.as_array().ok_or(Malformed)? {
                headers.append(header_name(name)?, header_value(&text(value)?)?);
            }
        }
    }
    if let Some(single) = present(members, "headers") {
        for (name, value) in single.as_object().ok_or(Malformed)? {
            let (name, value) = (header_name(name)?, header_value(&text(value)?)?);
            if !headers.get_all(&name).iter().any(|known| *known == value) {
                headers.append(name, value);
            }
        }
    }
    Ok(())
}

fn body(members: &Map<String, Value>, rules: Rules<'_>) -> Result<Bytes, Malformed> {
    let text = match present(members, "body") {
        None => return Ok(Bytes::new()),
        Some(Value::String(text)) => text,
        Some(_) => return Err(Malformed),
    };
    let is_encoded = match present(members, "isBase64Encoded") {
        None => false,
        Some(Value::Bool(is_encoded)) => *is_encoded,
        Some(Value::String(word)) => word.eq_ignore_ascii_case("true"),
        Some(_) => return Err(Malformed),
    };
    let is_decoded = match rules {
        Rules::Rest { request, binary } => {
            let accepted = request.get(ACCEPT).and_then(media_type);
            is_encoded && accepts(binary, accepted)
        }
        Rules::HttpV1 | Rules::HttpV2 => is_encoded,
    };
    if !is_decoded {
        return Ok(Bytes::from(text.clone()));
    }
    STANDARD.decode(text).map(Bytes::from).map_err(|_| Malformed)
}

/// Whether a media type is one of the binary ones. `*/*` among these means every type, an absent one too.
pub(super) fn accepts(binary: &[String], media_type: Option<&str>) -> bool {
    binary.iter().any(|known| {
        known == "*/*"
            || media_type.is_some_and(|media_type| {
                let range = known.strip_suffix("/*");
                range.map_or_else(
                    || known.eq_ignore_ascii_case(media_type),
                    |range| media_type.split('/').next().is_some_and(|kind| kind.eq_ignore_ascii_case(range)),
                )
            })
    })
}

/// Headers that a REST API does not let a function set: they are sent under other names, or not at all.
fn remapped(headers: HeaderMap) -> HeaderMap {
    const RENAMED: &[&str] = &[
        "authorization",
        "connection",
        "content-length",
        "content-md5",
        "date",
        "host",
        "server",
        "user-agent",
        "www-authenticate",
    ];
    const DROPPED: &[&str] = &[
        "expect",
        "max-forwards",
        "proxy-authenticate",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "via",
    ];
    let mut kept = HeaderMap::with_capacity(headers.len());
    for (name, value) in &headers {
        if RENAMED.contains(&name.as_str()) {
            let renamed = format!("x-amzn-remapped-{name}");
            if let Ok(renamed) = HeaderName::from_bytes(renamed.as_bytes()) {
                kept.append(renamed, value.clone());
            }
        } else if !DROPPED.contains(&name.as_str()) {
            kept.append(name.clone(), value.clone());
        }
    }
    kept
}

fn header_name(name: &str) -> Result<HeaderName, Malformed> {
    HeaderName::from_bytes(name.as_bytes()).map_err(|_| Malformed)
}

fn header_value(value: &str) -> Result<HeaderValue, Malformed> {
    HeaderValue::from_str(value).or_else(|_| HeaderValue::from_bytes(value.as_bytes())).map_err(|_| Malformed)
}

/// A header's value: text, or what is written as such.
fn text(value: &Value) -> Result<String, Malformed> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Bool(_) | Value::Number(_) => Ok(value.to_string()),
        _ => Err(Malformed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rest(payload: &str) -> Result<Response<Bytes>, Malformed> {
        read(payload.as_bytes(), Rules::Rest { request: &HeaderMap::new(), binary: &[] })
    }

    fn shown(answer: Result<Response<Bytes>, Malformed>, name: &str) -> String {
        let Ok(answer) = answer else { return "malformed".to_owned() };
        let values: Vec<_> =
            answer.headers().get_all(name).iter().filter_map(|value| value.to_str().ok()).collect();
        format!(
            "{} [{}] {}",
            answer.status().as_u16(),
            values.join("|"),
            String::from_utf8_lossy(answer.body())
        )
    }

    #[test]
    fn a_rest_api_takes_the_forms_of_the_recording_and_no_others() {
        // recordings/apigateway.json::apigateway_lambda::test_aws_proxy_response_payload_format_validation
        let x = |payload| shown(rest(payload), "x");
        assert_eq!(x(r#"{"statusCode": 200}"#), "200 [] ");
        assert_eq!(x(r#"{"headers": {"x": "y"}}"#), "200 [y] ");
        assert_eq!(x(r#"{"statusCode": "201", "headers": null}"#), "201 [] ");
        assert_eq!(x(r#"{"statusCode": 200, "headers": {"x": true}}"#), "200 [true] ");
        assert_eq!(x(r#"{"multiValueHeaders": {"x": ["1", "2"]}}"#), "200 [1|2] ");
        assert_eq!(
            x(r#"{"headers": {"X": "solo"}, "multiValueHeaders": {"x": ["multi"]}}"#),
            "200 [multi|solo] "
        );
        assert_eq!(
            x(r#"{"statusCode": 200, "body": "dGVzdA==", "isBase64Encoded": true}"#),
            "200 [] dGVzdA=="
        );
        for payload in [
            "{}",
            "\"text\"",
            "null",
            "[]",
            "no json",
            r#"{"statusCode": "x"}"#,
            r#"{"statusCode": 99999}"#,
            r#"{"statusCode": 200, "other": 1}"#,
            r#"{"statusCode": 200, "body": {"a": 1}}"#,
            r#"{"multiValueHeaders": {"x": "1"}}"#,
        ] {
            assert_eq!(x(payload), "malformed", "{payload}");
        }
        assert_eq!(shown(rest(r#"{"statusCode": 200}"#), "content-type"), "200 [application/json] ");
    }

    #[test]
    fn a_rest_api_decodes_where_the_caller_accepts_a_binary_type() {
        let decoded = |accept: &'static str, binary: &str| {
            let mut request = HeaderMap::new();
            request.insert(ACCEPT, HeaderValue::from_static(accept));
            let binary = [binary.to_owned()];
            let payload = br#"{"body": "aGk=", "isBase64Encoded": true}"#;
            shown(read(payload, Rules::Rest { request: &request, binary: &binary }), "x")
        };
        assert_eq!(decoded("image/png, */*", "image/png"), "200 [] hi");
        assert_eq!(decoded("image/png", "image/*"), "200 [] hi");
        assert_eq!(decoded("text/html", "*/*"), "200 [] hi");
        assert_eq!(decoded("text/html, image/png", "image/png"), "200 [] aGk=");
    }

    #[test]
    fn headers_that_a_rest_api_keeps_for_itself_are_renamed() {
        let renamed = rest(r#"{"headers": {"Date": "today", "Via": "me"}}"#);
        assert_eq!(shown(renamed, "x-amzn-remapped-date"), "200 [today] ");
    }

    #[test]
    fn format_2_infers_what_is_no_response() {
        let kind = |payload: &str| shown(read(payload.as_bytes(), Rules::HttpV2), "content-type");
        assert_eq!(kind(r#"{"message": "hi"}"#), r#"200 [application/json] {"message": "hi"}"#);
        assert_eq!(kind(r#""hi""#), "200 [application/json] hi");
        assert_eq!(kind("null"), "200 [application/json] null");
        assert_eq!(kind(r#"{"statusCode": 201, "body": "hi"}"#), "201 [text/plain;charset=UTF-8] hi");
        assert_eq!(kind(r#"{"statusCode": 200, "body": {}}"#), "malformed");
        let cookies = read(br#"{"statusCode": 200, "cookies": ["a=1", "b=2"]}"#, Rules::HttpV2);
        assert_eq!(shown(cookies, "set-cookie"), "200 [a=1|b=2] ");
        let encoded = read(br#"{"statusCode": 200, "body": "aGk=", "isBase64Encoded": true}"#, Rules::HttpV2);
        assert_eq!(shown(encoded, "x"), "200 [] hi");
    }
}
