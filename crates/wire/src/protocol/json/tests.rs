//! Probes through awsJson and back.

use crate::error::common;
use crate::probe::{self, Probe};
use crate::protocol::{decode_with, encode_error, encode_with};
use crate::rules::ConstraintStyle;
use crate::schema::Schema;
use crate::schema::serde::{SerdeError, SerializableStruct, ShapeSerializer};
use crate::{ApiError, ErrorMeta, Fault, OperationMeta, Protocol, Shape};
use bytes::Bytes;
use http::{Request, Response};
use mesh_types::RequestId;
use proptest::prelude::*;

fn operation(service: &'static str) -> OperationMeta {
    probe::operation(probe::service(service, ConstraintStyle::Coral))
}

fn decode(body: &[u8]) -> Result<Probe, ApiError> {
    let (parts, ()) = Request::new(()).into_parts();
    let mut read = Probe::default();
    decode_with(
        Protocol::AwsJson10,
        &operation("probe"),
        &parts,
        &Bytes::copy_from_slice(body),
        &mut |from| {
            read = Probe::read(from)?;
            Ok(())
        },
    )?;
    Ok(read)
}

fn encode(service: &'static str, value: &Probe) -> Response<Bytes> {
    encode_with(Protocol::AwsJson10, &operation(service), value, RequestId::from_random(7))
}

fn header<'a>(answer: &'a Response<Bytes>, name: &str) -> Option<&'a str> {
    answer.headers().get(name).and_then(|value| value.to_str().ok())
}

static DOES_NOT_EXIST: ErrorMeta = ErrorMeta {
    code: "QueueDoesNotExist",
    query_code: "AWS.SimpleQueueService.NonExistentQueue",
    namespace: None,
    status: 400,
    fault: Fault::Client,
    message_member: "message",
};

fn error(protocol: Protocol, service: &'static str, error: &ApiError) -> Response<Bytes> {
    encode_error(protocol, operation(service).service, error, RequestId::from_random(7))
}

#[test]
fn what_is_written_is_read_again() {
    let answer = encode("probe", &probe::full());
    assert_eq!(answer.status(), 200);
    assert_eq!(header(&answer, "content-type"), Some("application/x-amz-json-1.0"));
    assert_eq!(header(&answer, "x-amzn-requestid").map(str::len), Some(36));
    assert_eq!(header(&answer, "x-amz-crc32"), None);
    assert_eq!(decode(answer.body()).expect("it is ours"), probe::full());
}

#[test]
fn members_stand_in_their_order_and_moments_are_numbers() {
    let probe::Probe { name, created_at, labels, data, .. } = probe::full();
    let probe = Probe { name, created_at, labels, data, ratio: Some(f64::NAN), ..Probe::default() };
    assert_eq!(
        encode("probe", &probe).body(),
        concat!(
            r#"{"Name":"größe \"x\"\n","Ratio":"NaN","Data":"AAH+","CreatedAt":1699999999.123,"#,
            r#""Labels":{"b":"2","z":"1"}}"#
        )
    );
    assert_eq!(encode("probe", &Probe::default()).body(), "{}");
}

#[test]
fn a_body_without_bytes_has_no_members_and_unknown_or_null_ones_are_passed_over() {
    for body in ["", "{}", r#" { "Unknown": {"a": [1, null]}, "Name": null, "__type": "x" } "#] {
        assert_eq!(decode(body.as_bytes()).expect("it is fine"), Probe::default(), "{body}");
    }
    let probe = decode(br#"{"Count": 1.0, "Tags": ["a", null]}"#).expect("it is fine");
    assert_eq!((probe.count, probe.tags), (Some(1), Some(vec!["a".to_owned()])));
}

#[test]
fn an_error_is_its_type_and_its_sentence() {
    let failure = ApiError::new(&DOES_NOT_EXIST, "No.");
    let answer = error(Protocol::AwsJson10, "sqs", &failure);
    assert_eq!(answer.status(), 400);
    assert_eq!(answer.body(), r#"{"__type":"com.amazonaws.probe#QueueDoesNotExist","message":"No."}"#);
    assert_eq!(header(&answer, "x-amzn-query-error"), Some("AWS.SimpleQueueService.NonExistentQueue;Sender"));
    let answer = error(Protocol::AwsJson11, "probe", &failure);
    assert_eq!(answer.body(), r#"{"__type":"QueueDoesNotExist","message":"No."}"#);
    assert_eq!(header(&answer, "content-type"), Some("application/x-amz-json-1.1"));
    assert_eq!(header(&answer, "x-amzn-query-error"), None);
}

#[test]
fn an_error_without_a_sentence_has_no_member_for_it() {
    let answer = error(Protocol::AwsJson10, "dynamodb", &common::unknown_operation());
    assert_eq!(answer.body(), r#"{"__type":"com.amazon.coral.service#UnknownOperationException"}"#);
    assert_eq!(header(&answer, "x-amz-crc32"), Some("1368724161"));
}

#[test]
fn the_further_members_of_an_error_follow() {
    #[derive(Debug)]
    struct Reasons(Probe);
    impl SerializableStruct for Reasons {
        fn schema(&self) -> &Schema<'_> {
            Probe::static_schema()
        }
        fn serialize_members(&self, to: &mut dyn ShapeSerializer) -> Result<(), SerdeError> {
            self.0.serialize_members(to)
        }
    }
    static CANCELED: ErrorMeta = ErrorMeta {
        code: "TransactionCanceledException",
        query_code: "TransactionCanceledException",
        namespace: None,
        status: 400,
        fault: Fault::Client,
        message_member: "Message",
    };
    let reasons = Reasons(Probe { tags: Some(vec!["None".to_owned()]), ..Probe::default() });
    let answer =
        error(Protocol::AwsJson10, "probe", &ApiError::with_members(&CANCELED, "Canceled.", reasons));
    assert_eq!(
        answer.body(),
        concat!(
            r#"{"__type":"com.amazonaws.probe#TransactionCanceledException","Message":"Canceled.","#,
            r#""Tags":["None"]}"#
        )
    );
}

#[test]
fn dynamodb_adds_a_checksum_of_the_body() {
    // the check value of the CRC that everyone means
    let mut crc = flate2::Crc::new();
    crc.update(b"123456789");
    assert_eq!(crc.sum(), 0xcbf4_3926);
    assert_eq!(header(&encode("dynamodb", &Probe::default()), "x-amz-crc32"), Some("2745614147"));
}

proptest! {
    #[test]
    fn no_bytes_bring_the_decoder_down(body: Vec<u8>) {
        let _ = decode(&body);
    }

    #[test]
    fn every_text_survives(name: String, key: String) {
        let labels = crate::Map::from([(key, name.clone())]);
        let probe = Probe { name: Some(name), labels: Some(labels), ..Probe::default() };
        prop_assert_eq!(decode(encode("probe", &probe).body()).expect("it is ours"), probe);
    }
}
