//! Probes through CBOR and back.

use crate::error::common;
use crate::probe::{self, Probe};
use crate::protocol::{decode_with, encode_error, encode_with};
use crate::rules::ConstraintStyle;
use crate::{ApiError, OperationMeta, Protocol, Shape};
use bytes::Bytes;
use http::{Request, Response};
use mesh_types::RequestId;
use proptest::prelude::*;

fn operation() -> OperationMeta {
    probe::operation(probe::service("sqs", ConstraintStyle::Coral))
}

fn decode(protocol: Protocol, body: &[u8]) -> Result<Probe, ApiError> {
    let (parts, ()) = Request::new(()).into_parts();
    let mut read = Probe::default();
    decode_with(protocol, &operation(), &parts, &Bytes::copy_from_slice(body), &mut |from| {
        read = Probe::read(from)?;
        Ok(())
    })?;
    Ok(read)
}

fn encode(protocol: Protocol, value: &Probe) -> Response<Bytes> {
    encode_with(protocol, &operation(), value, RequestId::from_random(7))
}

#[test]
fn what_is_written_is_read_again() {
    for (protocol, content_type, smithy) in [
        (Protocol::RpcV2Cbor, "application/cbor", Some("rpc-v2-cbor")),
        (Protocol::AwsCbor11, "application/x-amz-cbor-1.1", None),
    ] {
        // moments go untagged to the older SDKs, which send them tagged
        let created_at = (protocol == Protocol::RpcV2Cbor).then(|| probe::full().created_at).flatten();
        let probe = Probe { created_at, items: None, things: None, inner: None, ..probe::full() };
        let probe = Probe { items: Some(vec![probe.clone()]), ..probe };
        let answer = encode(protocol, &probe);
        let header = |name| answer.headers().get(name).map(|value| value.to_str().unwrap_or_default());
        assert_eq!(header("content-type"), Some(content_type));
        assert_eq!(header("smithy-protocol"), smithy);
        assert_eq!(decode(protocol, answer.body()).expect("it is ours"), probe);
    }
}

#[test]
fn the_milliseconds_of_moments_are_kept() {
    for millis in (1_699_999_999_000..1_700_000_000_000).step_by(7) {
        let probe = Probe { created_at: Some(crate::DateTime::from_millis(millis)), ..Probe::default() };
        let answer = encode(Protocol::RpcV2Cbor, &probe);
        assert_eq!(decode(Protocol::RpcV2Cbor, answer.body()).expect("it is ours"), probe);
    }
    for broken in [&b"\xfb\x7f\xf0\0\0\0\0\0\0"[..], b"\xfb\x7f\xf8\0\0\0\0\0\0", b"\x61x", b""] {
        let body = [b"\xa1\x69CreatedAt\xc1", broken].concat();
        assert!(decode(Protocol::RpcV2Cbor, &body).is_err(), "{body:?}");
    }
    let whole =
        decode(Protocol::RpcV2Cbor, b"\xa1\x69CreatedAt\xc1\x07").expect("a whole number is a moment");
    assert_eq!(whole.created_at, Some(crate::DateTime::from_secs(7)));
}

#[test]
fn moments_are_milliseconds_to_the_older_sdks() {
    let created_at = probe::full().created_at;
    let mut sent = b"\xa1\x69CreatedAt\xc1\x1b".to_vec();
    sent.extend(1_699_999_999_123_u64.to_be_bytes());
    let probe = decode(Protocol::AwsCbor11, &sent).expect("a tagged whole number is a moment");
    assert_eq!(probe.created_at, created_at);
    let answer = encode(Protocol::AwsCbor11, &Probe { created_at, ..Probe::default() });
    let mut wanted = b"\xbf\x69CreatedAt\x1b".to_vec();
    wanted.extend(1_699_999_999_123_u64.to_be_bytes());
    wanted.push(0xff);
    assert_eq!(answer.body(), &wanted);
}

#[test]
fn an_error_is_its_type_and_its_sentence() {
    let error = ApiError::new(&common::VALIDATION_EXCEPTION, "No.");
    let service = operation().service;
    let answer = encode_error(Protocol::RpcV2Cbor, service, &error, RequestId::from_random(7));
    assert_eq!(answer.status(), 400);
    assert_eq!(
        answer.body().as_ref(),
        b"\xbf\x66__type\x78\x2dcom.amazon.coral.validate#ValidationException\x67message\x63No.\xff"
    );
    assert_eq!(answer.headers()["x-amzn-query-error"], "ValidationException;Sender");
    let answer = encode_error(Protocol::AwsCbor11, service, &error, RequestId::from_random(7));
    assert_eq!(answer.body().as_ref(), b"\xbf\x66__type\x73ValidationException\x67message\x63No.\xff");
}

#[test]
fn a_broken_body_is_refused() {
    for body in [&b"\xa1"[..], b"\xa1\x64Name\x01", b"\x01", b"\xa0\xa0", b"\xbf\x64Name"] {
        for protocol in [Protocol::RpcV2Cbor, Protocol::AwsCbor11] {
            let error = decode(protocol, body).expect_err("it is broken");
            assert_eq!((error.meta().code, error.meta().status), ("SerializationException", 400));
        }
    }
    assert_eq!(decode(Protocol::RpcV2Cbor, b"").expect("nothing was sent"), Probe::default());
}

proptest! {
    #[test]
    fn no_bytes_bring_the_decoder_down(body: Vec<u8>) {
        for protocol in [Protocol::RpcV2Cbor, Protocol::AwsCbor11] {
            let _ = decode(protocol, &body);
        }
    }

    #[test]
    fn no_broken_body_brings_the_decoder_down(at: prop::sample::Index, to: u8) {
        let mut body = encode(Protocol::RpcV2Cbor, &probe::full()).body().to_vec();
        let at = at.index(body.len());
        body[at] = to;
        let _ = decode(Protocol::RpcV2Cbor, &body);
        let _ = decode(Protocol::AwsCbor11, &body[..at]);
    }
}
