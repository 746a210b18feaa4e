//! What a browser must be told so that it gives a page the answers it may have.

use super::Guard;
use bytes::Bytes;
use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_HEADERS,
    ACCESS_CONTROL_REQUEST_METHOD, HeaderName, ORIGIN, VARY,
};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode};

const METHODS: HeaderValue = HeaderValue::from_static("DELETE, GET, HEAD, PATCH, POST, PUT");

/// Seconds for which a browser need not ask again: short, because the next process on this port may decide otherwise.
const MAX_AGE: HeaderValue = HeaderValue::from_static("600");

const REQUEST_PRIVATE_NETWORK: HeaderName = HeaderName::from_static("access-control-request-private-network");
const ALLOW_PRIVATE_NETWORK: HeaderName = HeaderName::from_static("access-control-allow-private-network");

/// A page whose origin is let in, and what its answers carry for it.
#[derive(Debug, Clone)]
pub struct Cors(HeaderValue);

impl Guard {
    /// The page that sent a request, where one did and is let in.
    pub fn cors(&self, head: &Parts) -> Option<Cors> {
        let mut origins = head.headers.get_all(ORIGIN).iter();
        let (Some(origin), None) = (origins.next(), origins.next()) else { return None };
        // Under a name that is not ours, a page is no more trusted for being of that very name.
        (self.trusts(origin.as_bytes(), head) && self.check_host(head).is_ok()).then(|| Cors(origin.clone()))
    }

    /// The answer to a browser that asks whether a page may send a request; `None` for every other request. A page
    /// that may not gets the refusal as any request of its would.
    ///
    /// APIs with rules of their own (buckets, deployed APIs) answer before this is asked.
    pub fn preflight(&self, head: &Parts) -> Option<Response<Bytes>> {
        let asks = head.method == Method::OPTIONS && head.headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD);
        if !asks || !head.headers.contains_key(ORIGIN) {
            return None;
        }
        if let Err(refusal) = self.check_host(head).and_then(|()| self.check_origin(head)) {
            return Some(refusal.answer());
        }
        let mut answer = Response::new(Bytes::new());
        *answer.status_mut() = StatusCode::NO_CONTENT;
        let headers = answer.headers_mut();
        if let Some(cors) = self.cors(head) {
            cors.apply(headers);
        }
        headers.insert(ACCESS_CONTROL_ALLOW_METHODS, METHODS);
        headers.insert(ACCESS_CONTROL_MAX_AGE, MAX_AGE);
        if let Some(wanted) = head.headers.get(ACCESS_CONTROL_REQUEST_HEADERS) {
            headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, wanted.clone());
        }
        if head.headers.contains_key(REQUEST_PRIVATE_NETWORK) {
            headers.insert(ALLOW_PRIVATE_NETWORK, HeaderValue::from_static("true"));
        }
        Some(answer)
    }
}

impl Cors {
    /// Adds to an answer what lets the page read it, unless the answer says that itself.
    pub fn apply(&self, headers: &mut HeaderMap) {
        if headers.contains_key(ACCESS_CONTROL_ALLOW_ORIGIN) {
            return;
        }
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, self.0.clone());
        headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("*"));
        headers.append(VARY, HeaderValue::from_static("Origin"));
    }
}
