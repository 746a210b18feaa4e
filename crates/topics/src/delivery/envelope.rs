//! The JSON around a message.

use super::{Failed, Parcel};
use crate::domain::{AttributeValue, Attributes, Protocol};
use crate::signing::{self, CERTIFICATE_PATH, Version};
use crate::state::notification::Kind;
use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use mesh_types::{RequestId, Timestamp};
use serde_json::{Value, json};
use smol_str::format_smolstr;

/// The members of an envelope but the attributes, in AWS's order. A subject may be absent.
pub(super) struct Envelope(Vec<(&'static str, Option<String>)>);

/// What is signed of a notification, and of the two kinds that ask for a visit, in this order; what is absent is left out.
const SIGNED: [&str; 6] = ["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"];
const SIGNED_OF_A_QUESTION: [&str; 7] =
    ["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"];

impl Envelope {
    /// What is in the envelope of a parcel.
    ///
    /// # Errors
    /// It cannot be signed.
    pub(super) fn of(parcel: &Parcel) -> Result<Self, Failed> {
        let Parcel { notification, subscription, topic, base, .. } = parcel;
        let is_question = notification.kind != Kind::Notification;
        let token = subscription.token.filter(|_| is_question).map(token);
        let subscribe_url = token
            .as_ref()
            .map(|token| format!("{base}/?Action=ConfirmSubscription&TopicArn={topic}&Token={token}"));
        let unsubscribe_url = (!is_question)
            .then(|| format!("{base}/?Action=Unsubscribe&SubscriptionArn={}", subscription.arn));
        let mut members = vec![
            ("Type", Some(notification.kind.name().to_owned())),
            ("MessageId", Some(message_id(notification.id))),
            ("SequenceNumber", notification.sequence.map(sequence_number)),
            ("Token", token),
            ("TopicArn", Some(topic.clone())),
            ("Subject", notification.subject.as_deref().map(str::to_owned)),
            ("Message", Some(notification.content.to(subscription.protocol).to_owned())),
            ("SubscribeURL", subscribe_url),
            ("Timestamp", Some(moment(notification.at))),
        ];
        // What a FIFO topic sends is not signed (recordings/sns.json::test_message_to_fifo_sqs).
        if notification.sequence.is_none() {
            members.extend(signature(parcel, &members)?);
        }
        members.push(("UnsubscribeURL", unsubscribe_url));
        members.push(("Replayed", notification.is_replayed.then(|| "true".to_owned())));
        Ok(Self(members))
    }

    /// The members that are there, and the subject whether it is or not.
    pub(super) fn members(self) -> impl Iterator<Item = (&'static str, Option<String>)> {
        self.0.into_iter().filter(|(name, value)| value.is_some() || *name == "Subject")
    }

    /// The envelope as AWS prints it for queues and endpoints.
    pub(super) fn print(self, attributes: &Attributes) -> String {
        let line =
            |(name, value): (&str, Option<String>)| Some(format!("  \"{name}\" : {}", Value::from(value?)));
        let mut lines: Vec<String> = self.0.into_iter().filter_map(line).collect();
        if !attributes.is_empty() {
            let print = |(name, value): (String, Value)| format!("    {} : {value}", Value::from(name));
            let printed: Vec<String> = shown(attributes).map(print).collect();
            lines.push(format!("  \"MessageAttributes\" : {{\n{}\n  }}", printed.join(",\n")));
        }
        format!("{{\n{}\n}}", lines.join(",\n"))
    }
}

type Member = (&'static str, Option<String>);

/// The members that vouch for the others.
fn signature(parcel: &Parcel, members: &[Member]) -> Result<[Member; 3], Failed> {
    let version = match parcel.subscription.protocol {
        // A function's events are always of the first (recordings/sns.json::test_publish_lambda_verify_signature).
        Protocol::Lambda => Version::One,
        _ => parcel.version,
    };
    let signed: &[&str] = match parcel.notification.kind {
        Kind::Notification => &SIGNED,
        Kind::Confirmation | Kind::Farewell => &SIGNED_OF_A_QUESTION,
    };
    let mut text = String::new();
    for wanted in signed {
        let value = members.iter().find(|(name, _)| name == wanted).and_then(|(_, value)| value.as_ref());
        if let Some(value) = value {
            text.extend([wanted, "\n", value, "\n"]);
        }
    }
    let signature = signing::sign(version, &text)
        .map_err(|error| Failed { again: false, error: format_smolstr!("it cannot be signed: {error}") })?;
    Ok([
        ("SignatureVersion", Some(version.name().to_owned())),
        ("Signature", Some(signature)),
        ("SigningCertURL", Some(format!("{}{CERTIFICATE_PATH}", parcel.base))),
    ])
}

/// Attributes as they are in an envelope: `Type` and `Value`.
pub(crate) fn shown(attributes: &Attributes) -> impl Iterator<Item = (String, Value)> {
    attributes.iter().map(|(name, attribute)| {
        let value = match &attribute.value {
            AttributeValue::Text(text) => text.to_string(),
            AttributeValue::Binary(bytes) => STANDARD.encode(bytes),
        };
        (name.to_string(), json!({ "Type": attribute.data_type, "Value": value }))
    })
}

/// A token as endpoints see it.
pub(crate) fn token(bits: u128) -> String {
    format!("{bits:032x}")
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
