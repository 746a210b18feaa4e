//! The Lambda Runtime API, as a runtime calls it.
//! <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>

use super::environment::{Environment, Message};
use super::pool::{Next, Pool};
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode};
use std::sync::Weak;

const VERSION: &str = "/2018-06-01/runtime/";

/// Answers one request of an environment's process.
pub(super) async fn answer(
    pool: Weak<Pool>,
    environment: Weak<Environment>,
    request: Request<Bytes>,
) -> Response<Bytes> {
    let (head, body) = request.into_parts();
    let path = head.uri.path().strip_prefix(VERSION).unwrap_or_default();
    let is_post = head.method == Method::POST;
    let (Some(pool), Some(environment)) = (pool.upgrade(), environment.upgrade()) else { return ended() };
    if path == "invocation/next" && head.method == Method::GET {
        let next = match environment.is_working() {
            true => return state_error("Invoking", "Ready"),
            false => pool.next(&environment),
        };
        // while it waits, only the pool keeps it
        drop((pool, environment));
        return match next {
            Next::Event(message) => event(message),
            Next::Wait(event_comes) => event_comes.await.map_or_else(|_| ended(), event),
            Next::End => ended(),
        };
    }
    if path == "init/error" && is_post {
        environment.init_failed(body);
        return accepted();
    }
    let call = path.strip_prefix("invocation/").filter(|_| is_post).and_then(|path| path.split_once('/'));
    let is_error = match call {
        Some((_, "response")) => false,
        Some((_, "error")) => true,
        _ => return error(StatusCode::NOT_FOUND, "NotFound", "There is no such path in the Runtime API."),
    };
    let id = call.map(|(id, _)| id).unwrap_or_default();
    let body = if is_error { with_type(body, &head.headers) } else { body };
    let is_too_long = body.len() > crate::limits::RESPONSE;
    match environment.answered(id, body, is_error) {
        true if is_too_long => error(
            StatusCode::PAYLOAD_TOO_LARGE,
            "RequestEntityTooLarge",
            "Exceeded maximum allowed payload size.",
        ),
        true => accepted(),
        false => error(StatusCode::BAD_REQUEST, "InvalidRequestID", "Invalid request ID"),
    }
}

/// An error without words of its own, as runtimes in shell script send them, gets its type from the header.
fn with_type(body: Bytes, headers: &HeaderMap) -> Bytes {
    let kind = headers.get("lambda-runtime-function-error-type").and_then(|kind| kind.to_str().ok());
    match kind {
        Some(kind) if body.is_empty() => Bytes::from(serde_json::json!({ "errorType": kind }).to_string()),
        _ => body,
    }
}

fn event(message: Message) -> Response<Bytes> {
    let Message { id, event, arn, trace, client_context, deadline } = message;
    let mut answer = Response::new(event);
    let headers = answer.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let mut insert = |name: &'static str, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    };
    insert("lambda-runtime-aws-request-id", id.encode(&mut [0; 36]));
    insert("lambda-runtime-deadline-ms", &deadline.as_millis().to_string());
    insert("lambda-runtime-invoked-function-arn", &arn);
    insert("lambda-runtime-trace-id", &trace);
    if let Some(context) = client_context {
        insert("lambda-runtime-client-context", &context);
    }
    answer
}

fn accepted() -> Response<Bytes> {
    json(StatusCode::ACCEPTED, Bytes::from_static(br#"{"status":"OK"}"#))
}

fn ended() -> Response<Bytes> {
    error(StatusCode::INTERNAL_SERVER_ERROR, "Sandbox.Ended", "This environment has ended.")
}

fn state_error(from: &str, to: &str) -> Response<Bytes> {
    let sentence = format!("State transition from {from} to {to} failed. Transition is not allowed.");
    error(StatusCode::FORBIDDEN, "InvalidStateTransition", &sentence)
}

fn error(status: StatusCode, kind: &str, sentence: &str) -> Response<Bytes> {
    json(status, super::invocation::failure(kind, sentence))
}

fn json(status: StatusCode, body: Bytes) -> Response<Bytes> {
    let mut answer = Response::new(body);
    *answer.status_mut() = status;
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    answer
}
