//! Messages as a function sees them.
//! <https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html>

use crate::domain::parse_uuid;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use mesh_models::sqs::{Message, MessageAttributeValue};
use mesh_patterns::Document;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One of the event's `Records`, its members in AWS's order.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Record<'a> {
    message_id: &'a str,
    receipt_handle: &'a str,
    body: &'a str,
    attributes: BTreeMap<&'a str, &'a str>,
    message_attributes: BTreeMap<&'a str, Attribute<'a>>,
    md5_of_body: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    md5_of_message_attributes: Option<&'a str>,
    event_source: &'a str,
    #[serde(rename = "eventSourceARN")]
    event_source_arn: &'a str,
    aws_region: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Attribute<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    string_value: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    binary_value: Option<String>,
    string_list_values: [&'a str; 0],
    binary_list_values: [&'a str; 0],
    data_type: &'a str,
}

/// The queue that records tell of.
pub(super) struct Origin<'a> {
    pub(super) queue: &'a str,
    pub(super) region: &'a str,
}

impl<'a> Record<'a> {
    fn of(message: &'a Message, origin: &Origin<'a>) -> Self {
        let text = |text: &'a Option<String>| text.as_deref().unwrap_or_default();
        let attributes = message.attributes.iter().flatten();
        let own = message.message_attributes.iter().flatten();
        Self {
            message_id: text(&message.message_id),
            receipt_handle: text(&message.receipt_handle),
            body: text(&message.body),
            attributes: attributes.map(|(name, value)| (name.as_str(), value.as_str())).collect(),
            message_attributes: own.map(|(name, value)| (name.as_str(), Attribute::of(value))).collect(),
            md5_of_body: text(&message.md5_of_body),
            md5_of_message_attributes: message.md5_of_message_attributes.as_deref(),
            event_source: "aws:sqs",
            event_source_arn: origin.queue,
            aws_region: origin.region,
        }
    }
}

impl<'a> Attribute<'a> {
    fn of(value: &'a MessageAttributeValue) -> Self {
        Self {
            string_value: value.string_value.as_deref(),
            binary_value: value.binary_value.as_ref().map(|bytes| STANDARD.encode(bytes)),
            string_list_values: [],
            binary_list_values: [],
            data_type: value.data_type.as_deref().unwrap_or_default(),
        }
    }
}

/// A message as JSON, one of the event's records.
pub(super) fn record(message: &Message, origin: &Origin<'_>) -> String {
    // texts and maps of texts always are JSON
    serde_json::to_string(&Record::of(message, origin)).unwrap_or_default()
}

/// The event that holds these records.
pub(super) fn event<'a>(records: impl Iterator<Item = &'a str>) -> String {
    let mut event = String::from("{\"Records\":[");
    for (at, record) in records.enumerate() {
        event.push_str(if at == 0 { "" } else { "," });
        event.push_str(record);
    }
    event.push_str("]}");
    event
}

/// The message ids in an event that [`event`] has made.
pub(super) fn message_ids(event: &[u8]) -> Vec<u128> {
    #[derive(Deserialize)]
    struct Event<'a> {
        #[serde(borrow, rename = "Records")]
        records: Vec<Id<'a>>,
    }
    #[derive(Deserialize)]
    struct Id<'a> {
        #[serde(rename = "messageId")]
        message_id: &'a str,
    }
    let records = serde_json::from_slice::<Event<'_>>(event).map(|event| event.records).unwrap_or_default();
    records.iter().filter_map(|record| parse_uuid(record.message_id)).collect()
}

/// A message as filters see it: a body that is a JSON object or array counts as that, any other as a text.
pub(super) fn document(message: &Message, origin: &Origin<'_>) -> Document {
    let record = Record::of(message, origin);
    let text = |text: &str| Document::string(text);
    let is_json = record.body.trim_start().starts_with(['{', '[']);
    let body = Some(record.body).filter(|_| is_json).and_then(Document::parse);
    let attribute = |attribute: &Attribute<'_>| {
        let members = [
            ("stringValue", attribute.string_value),
            ("binaryValue", attribute.binary_value.as_deref()),
            ("dataType", Some(attribute.data_type)),
        ];
        Document::object(members.into_iter().filter_map(|(name, value)| Some((name, text(value?)))))
    };
    Document::object([
        ("messageId", text(record.message_id)),
        ("receiptHandle", text(record.receipt_handle)),
        ("body", body.unwrap_or_else(|| text(record.body))),
        ("attributes", Document::object(record.attributes.iter().map(|(name, value)| (*name, text(value))))),
        (
            "messageAttributes",
            Document::object(record.message_attributes.iter().map(|(name, value)| (*name, attribute(value)))),
        ),
        ("md5OfBody", text(record.md5_of_body)),
        ("eventSource", text(record.event_source)),
        ("eventSourceARN", text(record.event_source_arn)),
        ("awsRegion", text(record.aws_region)),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;
    use mesh_patterns::{Dialect, FilterPolicy};
    use mesh_wire::Blob;

    const ORIGIN: Origin<'_> = Origin { queue: "arn:aws:sqs:us-east-1:000000000000:q", region: "us-east-1" };

    fn message(body: &str) -> Message {
        let attribute = |value: MessageAttributeValue| value;
        Message {
            message_id: Some("id".to_owned()),
            receipt_handle: Some("handle".to_owned()),
            body: Some(body.to_owned()),
            md5_of_body: Some("digest".to_owned()),
            attributes: Some([("SentTimestamp".to_owned(), "1".to_owned())].into()),
            message_attributes: Some(
                [
                    (
                        "t".to_owned(),
                        attribute(MessageAttributeValue {
                            string_value: Some("x".to_owned()),
                            data_type: Some("String".to_owned()),
                            ..MessageAttributeValue::default()
                        }),
                    ),
                    (
                        "u".to_owned(),
                        attribute(MessageAttributeValue {
                            binary_value: Some(Blob::new([2, 3, 4])),
                            data_type: Some("Binary".to_owned()),
                            ..MessageAttributeValue::default()
                        }),
                    ),
                ]
                .into(),
            ),
            md5_of_message_attributes: Some("digests".to_owned()),
        }
    }

    #[test]
    fn a_message_is_shown_as_aws_shows_it() {
        let shown = event([record(&message("hello"), &ORIGIN).as_str()].into_iter());
        let expected = r#"{"Records":[{"messageId":"id","receiptHandle":"handle","body":"hello","attributes":{"SentTimestamp":"1"},"messageAttributes":{"t":{"stringValue":"x","stringListValues":[],"binaryListValues":[],"dataType":"String"},"u":{"binaryValue":"AgME","stringListValues":[],"binaryListValues":[],"dataType":"Binary"}},"md5OfBody":"digest","md5OfMessageAttributes":"digests","eventSource":"aws:sqs","eventSourceARN":"arn:aws:sqs:us-east-1:000000000000:q","awsRegion":"us-east-1"}]}"#;
        assert_eq!(shown, expected);
    }

    #[test]
    fn an_event_tells_which_messages_it_brings() {
        let id = "d186d453-aeb4-4095-bc39-b1a6d4ab6f5e";
        let message = Message { message_id: Some(id.to_owned()), ..message("hello") };
        let shown = event([record(&message, &ORIGIN).as_str()].into_iter());
        assert_eq!(message_ids(shown.as_bytes()), [0xd186_d453_aeb4_4095_bc39_b1a6_d4ab_6f5e]);
        assert_eq!(message_ids(b"{}"), []);
    }

    // recordings/lambda.json::test_sqs_event_filter names the kinds of filters
    #[test]
    fn a_body_of_json_is_filtered_by_its_members_and_any_other_as_a_text() {
        for (pattern, body, passes) in [
            (r#"{"body":{"n":[{"numeric":[">",100]}]}}"#, r#"{"n":101}"#, true),
            (r#"{"body":{"n":[{"numeric":[">",100]}]}}"#, r#"{"n":100}"#, false),
            (r#"{"body":{"n":[{"numeric":[">",100]}]}}"#, "plain", false),
            (r#"{"body":["plain"]}"#, "plain", true),
            (r#"{"body":["plain"]}"#, "other", false),
            (r#"{"body":["{}"]}"#, "{}", false),
            (r#"{"body":["{half"]}"#, "{half", true),
            (r#"{"messageAttributes":{"t":{"stringValue":["x"]}}}"#, "plain", true),
            (r#"{"messageAttributes":{"t":{"stringValue":["y"]}}}"#, "plain", false),
        ] {
            let policy = FilterPolicy::parse(pattern, Dialect::Lambda).expect("a pattern");
            let document = document(&message(body), &ORIGIN);
            assert_eq!(policy.matches_body(Some(&document)).is_ok(), passes, "{pattern} {body}");
        }
    }
}
