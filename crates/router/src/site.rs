//! What answers HTTP requests that are no calls of an AWS API: deployed APIs, and later websites and function URLs.
//!
//! The edge asks [`Router::site_for`](crate::Router::site_for) before it looks for an API operation, so a site must claim only what is its
//! own by its host or its path, and must tell at once: it is asked about every request. A site that is claimed by a path
//! shares its origin with the APIs; one that also claims the host has an origin of its own.

use crate::Context;
use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::request::Parts;
use std::net::IpAddr;

/// What answers HTTP requests that are no calls of an AWS API.
pub trait Site: Send + Sync {
    /// What the record calls it, as AWS's host names do: `execute-api`.
    fn service(&self) -> &'static str;

    /// Whether a request to this host, which may have a port, and this path, without a universe's prefix, is for this
    /// site. With the path `/` it says whether the host alone decides.
    fn claims(&self, host: &str, path: &str) -> bool;

    /// Answers. The context's account and Region are the caller's guess: what the URL names decides.
    fn serve(&self, cx: Context, head: Parts, body: Bytes) -> BoxFuture<'static, http::Response<Bytes>>;
}

/// Who sent a request, in the extensions of its head where the edge knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Peer(pub IpAddr);
