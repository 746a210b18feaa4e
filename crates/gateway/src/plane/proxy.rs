//! Integrations of type `HTTP_PROXY`: another server answers.

use super::incoming::{HOP_BY_HOP, Incoming};
use bytes::Bytes;
use http::header::HOST;
use http::{Request, Response};
use mesh_clock::RealTime;
use mesh_router::Context;
use std::time::Duration;

/// A request to another server.
#[derive(Debug)]
pub(super) struct Forward<'a> {
    /// Where, with `{NAME}` for the path's variables.
    pub(super) uri: String,
    /// The method; `ANY` for the request's own.
    pub(super) method: &'a str,
    pub(super) variables: &'a [(&'a str, &'a str)],
    pub(super) timeout: Duration,
}

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoAnswer {
    /// What the URI names is no URL.
    Misled,
    /// The server cannot be reached.
    Unreachable,
    /// It took too long.
    Late,
}

impl Forward<'_> {
    /// Sends the request on and returns the answer.
    pub(super) async fn send(self, cx: &Context, incoming: &Incoming) -> Result<Response<Bytes>, NoAnswer> {
        let request = self.request(incoming)?;
        let answered = tokio::select! {
            answered = cx.send(request) => answered,
            () = RealTime::sleep(self.timeout) => return Err(NoAnswer::Late),
        };
        let answer = answered.map_err(|error| {
            tracing::warn!("an integration's server was not reached: {error}");
            NoAnswer::Unreachable
        })?;
        let (mut head, body) = answer.into_parts();
        for name in HOP_BY_HOP {
            head.headers.remove(*name);
        }
        Ok(Response::from_parts(head, body))
    }

    fn request(&self, incoming: &Incoming) -> Result<Request<Bytes>, NoAnswer> {
        let mut uri = self.uri.clone();
        for (name, value) in self.variables {
            uri = uri.replace(&format!("{{{name}}}"), value).replace(&format!("{{{name}+}}"), value);
        }
        if let Some(query) = &incoming.query {
            uri.push(if uri.contains('?') { '&' } else { '?' });
            uri.push_str(query);
        }
        let method = if self.method == "ANY" { incoming.method.as_str() } else { self.method };
        let mut request = Request::builder().method(method).uri(uri);
        for (name, value) in &incoming.headers {
            if *name != HOST && !HOP_BY_HOP.contains(&name.as_str()) {
                request = request.header(name, value);
            }
        }
        let request =
            request.header("x-amzn-trace-id", &incoming.trace).header("x-forwarded-for", &incoming.source_ip);
        request.body(incoming.body.clone()).map_err(|_| NoAnswer::Misled)
    }
}
