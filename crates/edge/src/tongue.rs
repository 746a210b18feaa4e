//! In which protocol a request is refused that was not understood.

use crate::front::Answer;
use crate::guard::Refusal;
use crate::target::Targets;
use http::request::Parts;
use http_body_util::Full;
use mesh_types::RequestId;
use mesh_wire::{ApiError, ErrorMeta, Fault, Protocol, ServiceMeta, protocol};

const fn meta(code: &'static str, query_code: &'static str, status: u16) -> ErrorMeta {
    let fault = if status >= 500 { Fault::Server } else { Fault::Client };
    let namespace = Some("mesh.local");
    ErrorMeta { code, query_code, namespace, status, fault, message_member: "message" }
}

/// The request may not come in.
pub(crate) static REFUSED: ErrorMeta = meta("AccessDeniedException", "AccessDenied", 403);
/// The body is larger than is taken.
pub(crate) static TOO_LARGE: ErrorMeta = meta("RequestEntityTooLargeException", "RequestEntityTooLarge", 413);
/// The body did not come in time. SDKs try again.
pub(crate) static TOO_SLOW: ErrorMeta = meta("RequestTimeoutException", "RequestTimeout", 408);
/// The body broke off.
pub(crate) static BROKEN: ErrorMeta = meta("SerializationException", "MalformedInput", 400);
/// The connection has too many bodies under way. SDKs try again.
pub(crate) static TOO_MUCH: ErrorMeta = meta("ServiceUnavailable", "ServiceUnavailable", 503);
/// The request names no universe that can be.
pub(crate) static BAD_UNIVERSE: ErrorMeta = meta("InvalidUniverse", "InvalidUniverse", 400);
/// The request names no universe that there is.
pub(crate) static NO_UNIVERSE: ErrorMeta = meta("UniverseNotFound", "UniverseNotFound", 404);

/// The protocol a caller speaks and the API that he means, as far as it can be told.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tongue {
    pub(crate) protocol: Protocol,
    pub(crate) service: &'static ServiceMeta,
}

impl Tongue {
    /// By the head alone: the body is not there, or must not be read.
    pub(crate) fn of(targets: &Targets, head: &Parts, host: &str, signed_for: Option<&str>) -> Self {
        let (protocol, service) = targets.tongue(head, host, signed_for);
        Self { protocol, service }
    }

    /// The answer to a caller who speaks so.
    pub(crate) fn answer(self, error: &ApiError, request_id: RequestId) -> Answer {
        protocol::encode_error(self.protocol, self.service, error, request_id).map(Full::new)
    }
}

impl From<&Refusal> for ApiError {
    fn from(refusal: &Refusal) -> Self {
        Self::new(&REFUSED, refusal.to_string())
    }
}
