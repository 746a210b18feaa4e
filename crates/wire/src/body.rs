//! Bodies of requests as they come over the wire: compressed, or as they are.

use crate::ApiError;
use crate::error::common;
use bytes::Bytes;
use flate2::read::MultiGzDecoder;
use http::HeaderMap;
use http::header::CONTENT_ENCODING;
use std::io::Read;

/// Whether the request says that its body is compressed with gzip, as SDKs do for operations that allow it.
pub fn is_gzip(headers: &HeaderMap) -> bool {
    let last = headers.get_all(CONTENT_ENCODING).iter().next_back();
    let last = last.and_then(|value| value.to_str().ok()).and_then(|value| value.rsplit(',').next());
    last.is_some_and(|coding| coding.trim().eq_ignore_ascii_case("gzip"))
}

/// The body that the sender meant: inflated if it came compressed, else the same bytes.
///
/// # Errors
/// `RequestEntityTooLargeException` if there are more than `limit` bytes of it, `SerializationException` if it is not
/// what its `Content-Encoding` says.
pub fn plain(headers: &HeaderMap, body: Bytes, limit: usize) -> Result<Bytes, ApiError> {
    if !is_gzip(headers) {
        return if body.len() > limit { Err(too_large(limit)) } else { Ok(body) };
    }
    // one byte more than allowed is enough to know; a bomb is not inflated further
    let bound = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    let mut inflated = Vec::with_capacity(body.len().saturating_mul(4).min(limit));
    MultiGzDecoder::new(body.as_ref())
        .take(bound)
        .read_to_end(&mut inflated)
        .map_err(|_| ApiError::new(&common::SERIALIZATION, "The request body is not valid gzip."))?;
    if inflated.len() > limit { Err(too_large(limit)) } else { Ok(Bytes::from(inflated)) }
}

fn too_large(limit: usize) -> ApiError {
    ApiError::new(
        &common::REQUEST_ENTITY_TOO_LARGE,
        format!("The request body is larger than {limit} bytes."),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use http::HeaderValue;
    use proptest::prelude::*;
    use std::io::Write;

    fn headers(coding: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(CONTENT_ENCODING, HeaderValue::from_static(coding))])
    }

    fn gzip(bytes: &[u8]) -> Bytes {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(bytes).expect("memory takes every byte");
        Bytes::from(encoder.finish().expect("memory takes every byte"))
    }

    #[test]
    fn a_plain_body_is_the_same_bytes_and_not_a_copy() {
        let body = Bytes::from(vec![b'x'; 100]);
        for headers in [HeaderMap::new(), headers("identity"), headers("amz-1.0")] {
            let same = plain(&headers, body.clone(), 100).expect("it is within the limit");
            assert_eq!(same.as_ptr(), body.as_ptr());
        }
    }

    #[test]
    fn a_gzip_body_is_inflated() {
        let text = b"{\"MetricData\": []}".repeat(50);
        for coding in ["gzip", "GZIP", "amz-1.0, gzip"] {
            let body = plain(&headers(coding), gzip(&text), text.len()).expect("it is within the limit");
            assert_eq!(body.as_ref(), text);
        }
    }

    #[test]
    fn more_than_the_limit_is_refused_before_it_is_inflated() {
        let bomb = gzip(&vec![0; 10_000_000]);
        assert!(bomb.len() < 100_000);
        let error = plain(&headers("gzip"), bomb, 100_000).expect_err("it is too large");
        assert_eq!(error.meta().status, 413);
        let error = plain(&HeaderMap::new(), Bytes::from(vec![0; 11]), 10).expect_err("it is too large");
        assert_eq!(error.meta().status, 413);
    }

    #[test]
    fn what_is_not_gzip_is_refused() {
        for body in [&b"{}"[..], &[], &gzip(b"hello")[..12]] {
            let error = plain(&headers("gzip"), Bytes::copy_from_slice(body), 100).expect_err("it is broken");
            assert_eq!(error.meta().code, "SerializationException");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_bring_it_down(body: Vec<u8>) {
            let mut broken = gzip(&body).to_vec();
            if let Some(byte) = broken.get_mut(body.len() / 2) {
                *byte ^= 0x55;
            }
            for bytes in [body, broken] {
                if let Ok(plain) = plain(&headers("gzip"), Bytes::from(bytes), 1000) {
                    prop_assert!(plain.len() <= 1000);
                }
            }
        }
    }
}
