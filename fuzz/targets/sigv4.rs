//! Any bytes as a request, signed or not: what is read of its signature is verified.
#![no_main]

use mesh_types::Timestamp;
use mesh_wire::sigv4::{self, Signed};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Some((request, body)) = mesh_fuzz::split(data) else { return };
    let query = request.uri.query().unwrap_or_default();
    if let Signed::Version4(signature) = sigv4::read(&request.headers, query) {
        let signed = sigv4::SignedRequest {
            method: request.method.as_str(),
            path: request.uri.path(),
            query,
            headers: &request.headers,
            authority: request.uri.authority().map(|authority| authority.as_str()),
            body,
        };
        let _ = sigv4::verify(&signature, signed, "secret", Timestamp::from_millis(1_700_000_000_000));
    }
});
