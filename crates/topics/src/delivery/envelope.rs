//! The JSON around a message.

use super::Parcel;
use crate::domain::{AttributeValue, Attributes};
use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use mesh_types::{RequestId, Timestamp};
use serde_json::{Value, json};

/// The members of a notification, in AWS's order, without the attributes.
pub(super) struct Envelope {
    /// Names and values; the value of a lambda event's subject may be absent.
    pub(super) members: Vec<(&'static str, Option<String>)>,
}

impl Envelope {
    /// What is in the envelope of a parcel.
    pub(super) fn of(parcel: &Parcel) -> Self {
        let Parcel { notification, subscription, topic } = parcel;
        let mut members =
            vec![("Type", Some("Notification".to_owned())), ("MessageId", Some(message_id(notification.id)))];
        if let Some(sequence) = notification.sequence {
            members.push(("SequenceNumber", Some(sequence_number(sequence))));
        }
        members.extend([
            ("TopicArn", Some(topic.clone())),
            ("Subject", notification.subject.as_deref().map(str::to_owned)),
            ("Message", Some(notification.content.to(subscription.protocol).to_owned())),
            ("Timestamp", Some(moment(notification.at))),
            ("UnsubscribeURL", Some(unsubscribe_url(&subscription.door, &subscription.arn))),
        ]);
        Self { members }
    }

    /// The envelope as AWS prints it for queues and endpoints.
    pub(super) fn print(&self, attributes: &Attributes) -> String {
        let present = self.members.iter().filter_map(|(name, value)| Some((name, value.as_ref()?)));
        let mut lines: Vec<String> =
            present.map(|(name, value)| format!("  \"{name}\" : {}", Value::from(value.as_str()))).collect();
        if !attributes.is_empty() {
            let print = |(name, value): (String, Value)| format!("    {} : {value}", Value::from(name));
            let printed: Vec<String> = shown(attributes).map(print).collect();
            lines.push(format!("  \"MessageAttributes\" : {{\n{}\n  }}", printed.join(",\n")));
        }
        format!("{{\n{}\n}}", lines.join(",\n"))
    }
}

/// Attributes as they are in an envelope: `Type` and `Value`.
pub(super) fn shown(attributes: &Attributes) -> impl Iterator<Item = (String, Value)> {
    attributes.iter().map(|(name, attribute)| {
        let value = match &attribute.value {
            AttributeValue::Text(text) => text.to_string(),
            AttributeValue::Binary(bytes) => STANDARD.encode(bytes),
        };
        (name.to_string(), json!({ "Type": attribute.data_type, "Value": value }))
    })
}

/// The UUID of a message.
pub(crate) fn message_id(bits: u128) -> String {
    RequestId::from_random(bits).encode(&mut [0; 36]).to_owned()
}

/// The number of a message in a FIFO topic, in twenty digits.
pub(crate) fn sequence_number(sequence: u64) -> String {
    format!("{sequence:020}")
}

/// `2012-05-02T00:54:06.655Z`
pub(crate) fn moment(at: Timestamp) -> String {
    let whole = DateTime::from_secs(at.as_secs()).fmt(Format::DateTime).unwrap_or_default();
    format!("{}.{:03}Z", whole.trim_end_matches('Z'), at.as_millis().rem_euclid(1_000))
}

/// Where a subscription is ended by whoever has the message.
fn unsubscribe_url(door: &str, subscription: &str) -> String {
    format!("{door}/?Action=Unsubscribe&SubscriptionArn={subscription}")
}
