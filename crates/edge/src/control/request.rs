//! What handlers take out of a request.

use super::failure::Failure;
use crate::{address, front};
use axum::extract::rejection::RawPathParamsRejection;
use axum::extract::{FromRequestParts, Query, RawPathParams};
use bytes::Bytes;
use http::request::Parts;
use mesh_store::UniverseName;
use mesh_types::Span;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::time::Duration;

/// How long a call waits for a universe unless it says otherwise.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(60);

/// How long a call may wait for a universe.
const MAX_TIMEOUT: Duration = Duration::from_secs(3_600);

/// The universe that a path names; where it names none, that of header or host, and else `default`.
pub(super) struct Chosen(pub(super) UniverseName);

impl<S: Send + Sync> FromRequestParts<S> for Chosen {
    type Rejection = Failure;

    async fn from_request_parts(head: &mut Parts, state: &S) -> Result<Self, Failure> {
        let parameters = match RawPathParams::from_request_parts(head, state).await {
            Ok(parameters) => Some(parameters),
            Err(RawPathParamsRejection::MissingPathParams(_)) => None,
            Err(error) => return Err(Failure::bad_request(format!("The path cannot be read: {error}."))),
        };
        let named = parameters.iter().flatten().find(|(key, _)| *key == "name").map(|(_, name)| name);
        let address = address::universe(named, &head.headers, front::host_of(head), None);
        address.map(|address| Self(address.universe)).map_err(|bad| Failure::bad_request(format!("{bad}.")))
    }
}

/// Reads a universe's name.
pub(super) fn universe_name(text: &str) -> Result<UniverseName, Failure> {
    UniverseName::parse(text).map_err(|invalid| Failure::bad_request(format!("{text:?}: {invalid}.")))
}

/// A query string.
pub(super) struct Asked<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Asked<T> {
    type Rejection = Failure;

    async fn from_request_parts(head: &mut Parts, state: &S) -> Result<Self, Failure> {
        let query = Query::<T>::from_request_parts(head, state).await;
        query.map(|Query(query)| Self(query)).map_err(|error| Failure::bad_request(format!("{error}.")))
    }
}

/// `?timeout=`: how long to wait, in real time.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Patience {
    timeout: Option<String>,
}

impl Patience {
    pub(super) fn span(&self) -> Result<Duration, Failure> {
        let Some(text) = &self.timeout else { return Ok(DEFAULT_TIMEOUT) };
        let span = Span::parse(text)
            .map_err(|invalid| Failure::bad_request(format!("timeout={text}: {invalid}.")))?;
        Ok(span.0.min(MAX_TIMEOUT))
    }
}

/// Reads a JSON body, whatever its content type; none is an empty object.
pub(super) fn body<T: DeserializeOwned>(body: &Bytes) -> Result<T, Failure> {
    let text: &[u8] = if body.trim_ascii().is_empty() { b"{}" } else { body };
    serde_json::from_slice(text)
        .map_err(|error| Failure::bad_request(format!("The body is not as expected: {error}.")))
}
