//! Any bytes as a compressed body. No more than the limit comes out.
#![no_main]

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, header};

const LIMIT: usize = 1 << 20;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    if let Ok(plain) = mesh_wire::body::plain(&headers, Bytes::copy_from_slice(data), LIMIT) {
        assert!(plain.len() <= LIMIT);
    }
});
