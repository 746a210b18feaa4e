//! What an HTTP API answers to pages of other origins.

use super::incoming::Incoming;
use super::trouble::stamp_http;
use crate::state::http::Cors;
use bytes::Bytes;
use http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE,
    ACCESS_CONTROL_REQUEST_METHOD, HeaderMap, HeaderName, HeaderValue, ORIGIN, VARY,
};
use http::{Response, StatusCode};

const CORS_HEADERS: [HeaderName; 6] = [
    ACCESS_CONTROL_ALLOW_CREDENTIALS,
    ACCESS_CONTROL_ALLOW_HEADERS,
    ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS,
    ACCESS_CONTROL_MAX_AGE,
];

/// The answer to a preflight request, whatever routes there are; nothing for other requests.
pub(super) fn preflight(cors: &Cors, incoming: &Incoming) -> Option<Response<Bytes>> {
    let is_preflight = incoming.method == "OPTIONS"
        && incoming.headers.contains_key(ORIGIN)
        && incoming.headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD);
    if !is_preflight {
        return None;
    }
    let mut answer = Response::new(Bytes::new());
    *answer.status_mut() = StatusCode::NO_CONTENT;
    let headers = answer.headers_mut();
    if allow_origin(cors, incoming, headers) {
        set_list(headers, ACCESS_CONTROL_ALLOW_METHODS, cors.allow_methods.as_deref());
        set_list(headers, ACCESS_CONTROL_ALLOW_HEADERS, cors.allow_headers.as_deref());
        if let Some(age) = cors.max_age {
            headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from(age));
        }
    }
    stamp_http(headers, incoming);
    Some(answer)
}

/// Puts the API's own headers in the place of those that the integration sent.
pub(super) fn apply(cors: &Cors, incoming: &Incoming, headers: &mut HeaderMap) {
    for name in CORS_HEADERS {
        headers.remove(name);
    }
    allow_origin(cors, incoming, headers);
}

/// Names the request's origin, if it is allowed.
fn allow_origin(cors: &Cors, incoming: &Incoming, headers: &mut HeaderMap) -> bool {
    let Some(origin) = incoming.headers.get(ORIGIN) else { return false };
    let text = origin.to_str().unwrap_or_default();
    let matches = |allowed: &String| match allowed.strip_suffix("://*") {
        Some(scheme) => text.split_once("://").is_some_and(|(of_text, _)| of_text == scheme),
        None => allowed == "*" || allowed.eq_ignore_ascii_case(text),
    };
    let Some(allowed) = cors.allow_origins.iter().flatten().find(|allowed| matches(allowed)) else {
        return false;
    };
    if allowed == "*" {
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    } else {
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        headers.append(VARY, HeaderValue::from_static("origin"));
    }
    if cors.allow_credentials == Some(true) {
        headers.insert(ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
    }
    set_list(headers, ACCESS_CONTROL_EXPOSE_HEADERS, cors.expose_headers.as_deref());
    true
}

fn set_list(headers: &mut HeaderMap, name: HeaderName, values: Option<&[String]>) {
    let Some(values) = values.filter(|values| !values.is_empty()) else { return };
    if let Ok(value) = HeaderValue::from_str(&values.join(",")) {
        headers.insert(name, value);
    }
}
