//! The control plane, asked without HTTP.

use axum::body::Body;
use bytes::Bytes;
use http::{Method, Request, StatusCode};
use http_body_util::BodyExt as _;
use mesh_clock::RealTime;
use serde_json::Value;
use std::fmt;
use std::time::Duration;
use tokio::runtime::Handle;
use tower::ServiceExt as _;

/// What the control plane refused, or could not do in time.
#[derive(Debug, Clone, PartialEq)]
pub struct Refused {
    /// The status that it has over HTTP.
    pub status: u16,
    /// What is wrong, and what to do about it.
    pub sentence: String,
    /// The whole answer: beside `error`, what still runs (`pending`, `calls`), the earliest moment (`floor`).
    pub details: Value,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence)
    }
}

impl std::error::Error for Refused {}

impl Refused {
    pub(crate) fn ours(status: StatusCode, sentence: impl Into<String>) -> Self {
        Self { status: status.as_u16(), sentence: sentence.into(), details: Value::Null }
    }

    fn unreadable(error: impl fmt::Display) -> Self {
        let sentence =
            format!("The control plane could not be asked: {error}. This is a defect of mesh-local.");
        Self::ours(StatusCode::INTERNAL_SERVER_ERROR, sentence)
    }

    fn gone() -> Self {
        Self::ours(
            StatusCode::SERVICE_UNAVAILABLE,
            "The mesh has ended: keep the Mesh for as long as its universes.",
        )
    }
}

/// The control plane of a process, and the threads on which it runs.
#[derive(Debug, Clone)]
pub(crate) struct Control {
    pub(crate) routes: axum::Router,
    pub(crate) runtime: Handle,
    pub(crate) endpoint: String,
}

impl Control {
    /// Asks, and waits for the answer; an empty one is null.
    pub(crate) async fn ask(&self, method: Method, path: &str, body: Value) -> Result<Value, Refused> {
        let sent = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
        let told = self.exchange(method, path, sent).await?;
        if told.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_slice(&told).map_err(Refused::unreadable)
    }

    /// Sends a body, and waits for that of the answer.
    pub(crate) async fn exchange(&self, method: Method, path: &str, body: Vec<u8>) -> Result<Bytes, Refused> {
        let request = Request::builder().method(method).uri(path).body(Body::from(body));
        let request = request.map_err(Refused::unreadable)?;
        let routes = self.routes.clone();
        // What a clock sets going has to run on the mesh's own threads.
        let asked = self.runtime.spawn(async move {
            let answer = match routes.oneshot(request).await {
                Ok(answer) => answer,
                Err(never) => match never {},
            };
            let status = answer.status();
            (status, answer.into_body().collect().await.map(|body| body.to_bytes()))
        });
        let (status, told) = asked.await.map_err(|_| Refused::gone())?;
        let told = told.map_err(Refused::unreadable)?;
        if status.is_success() {
            return Ok(told);
        }
        let details: Value = serde_json::from_slice(&told).unwrap_or_default();
        let sentence = details["error"].as_str().unwrap_or(status.as_str()).to_owned();
        Err(Refused { status: status.as_u16(), sentence, details })
    }

    /// Waits, on the mesh's own threads: the caller's may have no timers.
    pub(crate) async fn pause(&self, span: Duration) {
        // A mesh that has ended is told of by what is asked next.
        self.runtime.spawn(RealTime::sleep(span)).await.ok();
    }

    /// Reads an answer, or a part of one.
    pub(crate) fn read<T: serde::de::DeserializeOwned>(told: Value) -> Result<T, Refused> {
        serde_json::from_value(told).map_err(Refused::unreadable)
    }

    /// Writes what the control plane is asked.
    pub(crate) fn write(asked: impl serde::Serialize) -> Result<Value, Refused> {
        let refused = |error| {
            Refused::ours(StatusCode::BAD_REQUEST, format!("This cannot be written as JSON: {error}."))
        };
        serde_json::to_value(asked).map_err(refused)
    }
}
