//! What AWS says of broken bodies.

use crate::probe::{self, Probe};
use crate::protocol::decode_with;
use crate::rules::ConstraintStyle;
use crate::{ApiError, OperationMeta, Protocol, Shape};
use bytes::Bytes;
use http::Request;
use proptest::prelude::*;

fn read(operation: &OperationMeta, body: &[u8]) -> Result<(), ApiError> {
    let (parts, ()) = Request::new(()).into_parts();
    let body = Bytes::copy_from_slice(body);
    decode_with(Protocol::AwsJson10, operation, &parts, &body, &mut |from| Probe::read(from).map(|_| ()))
}

/// What is said of the body.
fn refusal(service: &'static str, body: &str) -> String {
    let operation = probe::operation(probe::service(service, ConstraintStyle::Coral));
    let error = read(&operation, body.as_bytes()).expect_err("it is refused");
    assert_eq!(error.meta().status, 400);
    error.to_string().strip_prefix("SerializationException: ").expect("its code").to_owned()
}

#[test]
fn the_framework_names_the_token_and_the_type() {
    for (body, sentence) in [
        (r#"{"Count": "1"}"#, "STRING_VALUE can not be converted to an Integer"),
        (r#"{"Count": true}"#, "TRUE_VALUE can not be converted to an Integer"),
        (r#"{"Size": false}"#, "FALSE_VALUE can not be converted to a Long"),
        (r#"{"Count": 2147483648}"#, "NUMBER_VALUE can not be converted to an Integer"),
        (r#"{"Count": [1]}"#, "Start of list found where not expected"),
        (r#"{"Count": {"a": 1}}"#, "Start of structure or map found where not expected."),
        (r#"{"Name": 1}"#, "NUMBER_VALUE can not be converted to a String"),
        (r#"{"Name": 1.5}"#, "NUMBER_VALUE can not be converted to a String"),
        (r#"{"Name": ["x"]}"#, "Start of list found where not expected"),
        (r#"{"IsOpen": 1}"#, "NUMBER_VALUE can not be converted to a Boolean"),
        (r#"{"Data": 1}"#, "NUMBER_VALUE can not be converted to a Blob"),
        (
            r#"{"Data": "23456"}"#,
            "'23456' can not be converted to a Blob: Base64 encoded length is expected a multiple of 4 bytes but \
             found: 5",
        ),
        (r#"{"CreatedAt": "today"}"#, "STRING_VALUE can not be converted to milliseconds since epoch"),
        (r#"{"Tags": "x"}"#, "Expected list or null"),
        (r#"{"Tags": {}}"#, "Start of structure or map found where not expected."),
        (r#"{"Tags": [1]}"#, "NUMBER_VALUE can not be converted to a String"),
        (r#"{"Labels": "x"}"#, "Expected map or null"),
        (r#"{"Labels": []}"#, "Start of list found where not expected"),
        (r#"{"Inner": "x"}"#, "Expected null"),
        (r#"{"Inner": {"Count": "x"}}"#, "STRING_VALUE can not be converted to an Integer"),
        (
            r#"{"Unknown": [1, {"a": "b"}], "Name": null, "Count": ""}"#,
            "STRING_VALUE can not be converted to an Integer",
        ),
        ("[]", "Start of list found where not expected"),
    ] {
        assert_eq!(refusal("probe", body), sentence, "{body}");
    }
}

#[test]
fn json_that_is_none_has_no_sentence() {
    let deep = format!("{}{}", "{\"Inner\":".repeat(200), "}".repeat(200));
    for body in [
        "{",
        "}",
        "null x",
        "\"x\"",
        "1",
        "true",
        "{\"Name\":\"x\",}",
        "{\"Name\":\"x\"} {}",
        "{\"Name\":\"\n\"}",
        &deep,
    ] {
        for service in ["probe", "dynamodb", "kinesis"] {
            assert_eq!(refusal(service, body), "", "{body}");
        }
    }
}

#[test]
fn the_older_framework_names_java_classes() {
    let number = "class com.amazon.coral.value.json.numbers.TruncatingBigNumber can not be converted to";
    for (body, sentence) in [
        (r#"{"Name": 23}"#, format!("{number} an String")),
        (r#"{"IsOpen": 34.56}"#, format!("{number} an Boolean")),
        (r#"{"IsOpen": "yes"}"#, "'YES' can not be converted to an Boolean".to_owned()),
        (r#"{"Name": true}"#, "class java.lang.Boolean can not be converted to an String".to_owned()),
        (r#"{"Size": "23"}"#, "class java.lang.String can not be converted to an Long".to_owned()),
        (r#"{"Data": 23}"#, format!("{number} a Blob")),
        (
            r#"{"Data": "=+/="}"#,
            "'=+/=' can not be converted to a Blob: Invalid Base64 character: '='".to_owned(),
        ),
        (
            r#"{"Data": "+/+="}"#,
            "'+/+=' can not be converted to a Blob: Invalid last non-pad Base64 character dectected"
                .to_owned(),
        ),
        (r#"{"Tags": 23}"#, "Expected list or null".to_owned()),
    ] {
        assert_eq!(refusal("kinesis", body), sentence, "{body}");
    }
}

#[test]
fn dynamodb_has_words_of_its_own() {
    for (body, sentence) in [
        (r#"{"Name": 23}"#, "NUMBER_VALUE cannot be converted to String"),
        (r#"{"Name": 34.56}"#, "DECIMAL_VALUE cannot be converted to String"),
        (r#"{"Name": []}"#, "Unrecognized collection type class java.lang.String"),
        (r#"{"Name": {}}"#, "Start of structure or map found where not expected"),
        (r#"{"Count": "23"}"#, "STRING_VALUE cannot be converted to Integer"),
        (r#"{"Size": true}"#, "TRUE_VALUE cannot be converted to Long"),
        (r#"{"IsOpen": "23"}"#, "Unexpected token received from parser"),
        (r#"{"Data": true}"#, "only base-64-encoded strings are convertible to bytes"),
        (r#"{"Data": []}"#, "Unrecognized collection type class java.nio.ByteBuffer"),
        (r#"{"Data": "23456"}"#, "Base64 encoded length is expected a multiple of 4 bytes but found: 5"),
        (r#"{"Data": "=+/="}"#, "Invalid last non-pad Base64 character dectected"),
        (r#"{"Tags": "23"}"#, "Unexpected field type"),
        (r#"{"Labels": 23}"#, "Unexpected field type"),
        (
            r#"{"Labels": []}"#,
            "Unrecognized collection type java.util.Map<java.lang.String, java.lang.String>",
        ),
        (
            r#"{"Things": []}"#,
            "Unrecognized collection type java.util.Map<java.lang.String, com.amazonaws.probe.Probe>",
        ),
        (r#"{"Inner": 23}"#, "Unexpected field type"),
        (r#"{"Inner": []}"#, "Unrecognized collection type class com.amazonaws.probe.Probe"),
        (r#"{"Items": ["23"]}"#, "Unexpected value type in payload"),
        (r#"{"Things": {"a": 23}}"#, "Unexpected value type in payload"),
        (r#"{"Groups": {"a": "23"}}"#, super::CAST),
        (r#"{"Groups": {"a": {}}}"#, "Start of structure or map found where not expected"),
    ] {
        assert_eq!(refusal("dynamodb", body), sentence, "{body}");
    }
}

#[test]
fn a_service_that_was_awsquery_keeps_its_code() {
    let operation = probe::operation(probe::service("sqs", ConstraintStyle::Presence));
    let error = read(&operation, b"{").expect_err("it is broken");
    assert_eq!((error.meta().code, error.meta().query_code), ("SerializationException", "MalformedInput"));
}

proptest! {
    #[test]
    fn no_body_brings_it_down(body in ".*") {
        let operation = probe::operation(probe::service("dynamodb", ConstraintStyle::Coral));
        let _ = read(&operation, body.as_bytes());
    }

    #[test]
    fn no_bytes_bring_it_down(body: Vec<u8>) {
        let operation = probe::operation(probe::service("probe", ConstraintStyle::Coral));
        let _ = read(&operation, &body);
    }

    #[test]
    fn no_body_of_its_own_signs_brings_it_down(
        parts in proptest::collection::vec(
            prop_oneof![
                Just("{"), Just("}"), Just("["), Just("]"), Just("\"Inner\":"), Just("\"Tags\":"), Just("\"Labels\":"),
                Just("\"Name\""), Just(":"), Just(","), Just("1.5"), Just("null"), Just("\\"), Just("\"Items\":"),
                Just("\"Data\":"), Just("\"Groups\":"), Just("\"CreatedAt\":"), Just("1e999"), Just("\"a\":"),
            ],
            0..24,
        )
    ) {
        for service in ["dynamodb", "probe"] {
            let operation = probe::operation(probe::service(service, ConstraintStyle::Coral));
            let _ = read(&operation, parts.concat().as_bytes());
        }
    }
}
