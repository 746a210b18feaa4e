//! An invocation, and how it ends.

use super::environment::Attended;
use bytes::Bytes;
use mesh_types::RequestId;
use serde_json::json;
use std::time::Duration;
use tokio::sync::oneshot;

/// An event on its way to a function.
pub(crate) struct Invocation {
    /// The request under which it goes.
    pub(crate) id: RequestId,
    /// The event: JSON.
    pub(crate) event: Bytes,
    /// The function's ARN as it was invoked.
    pub(crate) arn: String,
    /// `X-Amzn-Trace-Id`.
    pub(crate) trace: String,
    /// The client's context: JSON.
    pub(crate) client_context: Option<String>,
    /// How long it may take.
    pub(crate) timeout: Duration,
    /// Whether the end of the log is wanted.
    pub(crate) wants_log: bool,
    /// Told once an environment has it; absent from then on.
    pub(crate) begun: Option<oneshot::Sender<Attended>>,
    /// Told how it ended.
    pub(crate) ended: oneshot::Sender<Verdict>,
}

/// How an invocation ended.
pub(crate) enum Verdict {
    /// The function was run.
    Ran(Outcome),
    /// No environment could be made, for want of something that the caller can put right.
    Unfit(String),
    /// No environment could be made now.
    Full(String),
    /// No environment could be made.
    Broken(String),
}

/// What a function answered.
#[derive(Debug, Clone)]
pub(crate) struct Outcome {
    /// Its answer, or its error.
    pub(crate) payload: Bytes,
    /// Whether it is an error.
    pub(crate) is_error: bool,
    /// The end of its log, where it is wanted.
    pub(crate) log: Option<Bytes>,
}

/// The errors that Lambda answers in a function's place.
pub(crate) fn failure(kind: &str, sentence: &str) -> Bytes {
    Bytes::from(json!({ "errorType": kind, "errorMessage": sentence }).to_string())
}

/// Of an invocation that took too long.
pub(crate) fn timed_out(id: RequestId, timeout: Duration) -> Bytes {
    let sentence =
        format!("RequestId: {id} Error: Task timed out after {:.2} seconds", timeout.as_secs_f64());
    failure("Sandbox.Timedout", &sentence)
}

/// Of a process that ended before it had answered.
pub(crate) fn exited(id: RequestId, how: &str) -> Bytes {
    failure("Runtime.ExitError", &format!("RequestId: {id} Error: {how}"))
}

/// Of an answer that is too long.
pub(crate) fn too_long() -> Bytes {
    let limit = crate::limits::RESPONSE;
    let sentence = format!("Response payload size exceeded maximum allowed payload size ({limit} bytes).");
    failure("Function.ResponseSizeTooLarge", &sentence)
}
