//! Failures of the control plane.

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use mesh_store::UniverseName;
use serde_json::{Map, Value};

/// What went wrong, and what to do about it.
#[derive(Debug)]
pub(super) struct Failure {
    status: StatusCode,
    sentence: String,
    /// What else the answer says.
    details: Map<String, Value>,
}

impl Failure {
    pub(super) fn new(status: StatusCode, sentence: impl Into<String>) -> Self {
        Self { status, sentence: sentence.into(), details: Map::new() }
    }

    pub(super) fn bad_request(sentence: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, sentence)
    }

    pub(super) fn not_found(sentence: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, sentence)
    }

    pub(super) fn conflict(sentence: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, sentence)
    }

    pub(super) fn no_universe(name: &UniverseName) -> Self {
        Self::not_found(format!(
            "There is no universe {name}. GET /_mesh/universes lists those there are; POST /_mesh/universes with \
             {{\"name\": \"{name}\"}} makes it."
        ))
    }

    /// Adds a member to the answer.
    pub(super) fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.details.insert(name.to_owned(), value.into());
        self
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut body = Map::from_iter([("error".to_owned(), Value::from(self.sentence))]);
        body.extend(self.details);
        (self.status, Json(body)).into_response()
    }
}
