//! What a deployed API answers by itself when something is wrong: AWS's statuses, words and headers.

use super::incoming::Incoming;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use http::{Response, StatusCode};

/// What can be wrong with a request to a REST API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RestTrouble {
    /// No such API, no such stage, an API key is missing.
    Forbidden,
    /// No such resource and method, or no signature where one is needed.
    MissingToken,
    /// No template for the body's media type.
    UnsupportedMediaType,
    /// The integration is set up wrongly, or may not call its function.
    Configuration,
    /// The function failed, or its answer has not the form.
    Malformed,
    /// The integration took too long.
    Timeout,
    /// The integration's server cannot be reached.
    Unreachable,
}

impl RestTrouble {
    fn parts(self) -> (StatusCode, &'static str, &'static str) {
        let internal = "InternalServerErrorException";
        match self {
            Self::Forbidden => (StatusCode::FORBIDDEN, "Forbidden", "ForbiddenException"),
            Self::MissingToken => {
                (StatusCode::FORBIDDEN, "Missing Authentication Token", "MissingAuthenticationTokenException")
            }
            Self::UnsupportedMediaType => {
                (StatusCode::UNSUPPORTED_MEDIA_TYPE, "Unsupported Media Type", "BadRequestException")
            }
            Self::Configuration => (StatusCode::INTERNAL_SERVER_ERROR, "Internal server error", internal),
            Self::Malformed => (StatusCode::BAD_GATEWAY, "Internal server error", internal),
            Self::Timeout => (StatusCode::GATEWAY_TIMEOUT, "Endpoint request timed out", internal),
            Self::Unreachable => {
                (StatusCode::GATEWAY_TIMEOUT, "Network error communicating with endpoint", internal)
            }
        }
    }

    /// The answer.
    pub(super) fn answer(self, incoming: &Incoming) -> Response<Bytes> {
        let (status, sentence, kind) = self.parts();
        let mut answer = plain(status, sentence);
        answer.headers_mut().insert("x-amzn-errortype", HeaderValue::from_static(kind));
        stamp_rest(answer.headers_mut(), incoming);
        answer
    }
}

/// What can be wrong with a request to an HTTP API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum HttpTrouble {
    /// No signature where one is needed.
    Forbidden,
    /// No such route or stage.
    NotFound,
    /// The integration is set up wrongly, the function failed, or its answer has not the form.
    Internal,
    /// The integration took too long or cannot be reached.
    Unavailable,
}

impl HttpTrouble {
    /// The answer.
    pub(super) fn answer(self, incoming: &Incoming) -> Response<Bytes> {
        let mut answer = match self {
            Self::Forbidden => plain(StatusCode::FORBIDDEN, "Forbidden"),
            Self::NotFound => plain(StatusCode::NOT_FOUND, "Not Found"),
            Self::Internal => plain(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error"),
            Self::Unavailable => plain(StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable"),
        };
        stamp_http(answer.headers_mut(), incoming);
        answer
    }
}

fn plain(status: StatusCode, sentence: &str) -> Response<Bytes> {
    let body = serde_json::json!({ "message": sentence }).to_string();
    let mut answer = Response::new(Bytes::from(body));
    *answer.status_mut() = status;
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    answer
}

/// The headers that every answer of a REST API has.
pub(super) fn stamp_rest(headers: &mut HeaderMap, incoming: &Incoming) {
    set(headers, "x-amzn-requestid", &incoming.request_id.to_string());
    set(headers, "x-amz-apigw-id", &incoming.extended_id);
}

/// The header that every answer of an HTTP API has.
pub(super) fn stamp_http(headers: &mut HeaderMap, incoming: &Incoming) {
    set(headers, "apigw-requestid", &incoming.extended_id);
}

/// Sets a header; a value that no header can have is left out.
pub(super) fn set(headers: &mut HeaderMap, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(HeaderName::from_static(name), value);
    }
}
