//! Whether a request is signed as it must be, where signatures are verified.
//!
//! The secret of a key that STS issued is the one that it issued; that of any other key is `test`. A key that selects a
//! universe is no key: whoever holds it has chosen its name.

use crate::{address, front};
use bytes::Bytes;
use http::Uri;
use mesh_router::{Context, NoSecret, Request};
use mesh_types::IssuedKey;
use mesh_wire::sigv4::{self, Denial, Signature, Signed, SignedRequest};
use smol_str::SmolStr;

/// The secret of keys that nobody issued.
const SECRET: &str = "test";

/// What a signature covers beside the headers, as it came: a universe's prefix is in the path, a compressed body is
/// compressed.
pub(crate) struct Sent {
    pub(crate) uri: Uri,
    pub(crate) body: Bytes,
}

/// Verifies a request's signature, at the time at which it came in.
pub(crate) fn verify<'a>(request: &'a Request, sent: &'a Sent) -> Result<(), Denial<'a>> {
    let query = sent.uri.query().unwrap_or_default();
    let signature = match sigv4::read(&request.head.headers, query) {
        Signed::Version4(signature) => signature,
        Signed::Unsigned | Signed::Version2 { .. } => return Err(Denial::Unsigned),
        Signed::Malformed(malformed) => return Err(Denial::Malformed(malformed)),
    };
    let secret = secret(&request.cx, &signature)?;
    let covered = SignedRequest {
        method: request.head.method.as_str(),
        path: sent.uri.path(),
        query,
        headers: &request.head.headers,
        authority: Some(front::host_of(&request.head)),
        body: &sent.body,
    };
    sigv4::verify(&signature, covered, &secret, request.cx.arrived_at()).map_err(Denial::Refused)
}

fn secret(cx: &Context, signature: &Signature<'_>) -> Result<SmolStr, Denial<'static>> {
    let id = &*signature.credential.access_key;
    if address::is_selector(id) {
        return Err(Denial::UnknownKey);
    }
    let Some(key) = IssuedKey::parse(id) else { return Ok(SmolStr::new_static(SECRET)) };
    if signature.session_token.is_none() {
        return Err(Denial::UnknownKey);
    }
    cx.router().secret(cx, id, key).map_err(|why| match why {
        NoSecret::Unknown => Denial::UnknownKey,
        NoSecret::Expired => Denial::Expired,
    })
}
