//! A request that the edge has understood so far as to know which operation it means.

use crate::Context;
use bytes::Bytes;
use mesh_wire::{Protocol, ServiceMeta};
use smol_str::SmolStr;

/// A request for an operation, its body whole and not yet decoded.
#[derive(Debug)]
pub struct Request {
    /// Universe, account, Region, caller.
    pub cx: Context,
    /// The API.
    pub service: &'static ServiceMeta,
    /// The operation's name as the caller gave it.
    pub operation: SmolStr,
    /// The protocol it speaks.
    pub protocol: Protocol,
    /// Method, path (the API's own), query and headers.
    pub head: http::request::Parts,
    /// The body, inflated.
    pub body: Bytes,
}
