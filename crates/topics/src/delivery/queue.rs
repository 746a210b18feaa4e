//! Delivery to a queue.

use super::envelope::Envelope;
use super::{Failed, Parcel};
use crate::domain::{Attribute, AttributeValue};
use mesh_models::sqs;
use mesh_router::Context;
use mesh_types::{AccountId, Arn, Region};
use mesh_wire::{Blob, Map};
use smol_str::{SmolStr, format_smolstr};

/// Sends a parcel to the queue of this ARN: the subscription's, or one that takes what could not be delivered.
pub(super) async fn send(cx: &Context, parcel: &Parcel, queue: &SmolStr) -> Result<(), Failed> {
    let wrong = || Failed { again: false, error: format_smolstr!("{queue} is not the ARN of a queue") };
    let arn = Arn::parse(queue).map_err(|_| wrong())?;
    let account = AccountId::parse(&arn.account).map_err(|_| wrong())?;
    let region = Region::parse(&arn.region).map_err(|_| wrong())?;
    let queue_url = format!("{}/{account}/{}", cx.endpoint(), arn.resource);
    let Parcel { notification, subscription, .. } = parcel;
    let is_raw = subscription.attributes.is_raw;
    let message_body = match is_raw {
        true => notification.content.to(subscription.protocol).to_owned(),
        false => Envelope::of(parcel)?.print(&notification.attributes),
    };
    let attributes = notification.attributes.iter().filter(|_| is_raw);
    let attributes: Map<_> =
        attributes.map(|(name, attribute)| (name.to_string(), as_sqs(attribute))).collect();
    let trace = notification.trace.as_ref().map(|trace| {
        let value = sqs::MessageSystemAttributeValue {
            string_value: Some(trace.to_string()),
            data_type: Some("String".to_owned()),
            ..Default::default()
        };
        Map::from([("AWSTraceHeader".to_owned(), value)])
    });
    let is_fifo = arn.resource.ends_with(".fifo");
    let input = sqs::SendMessageInput {
        queue_url: Some(queue_url),
        message_body: Some(message_body),
        message_attributes: (!attributes.is_empty()).then_some(attributes),
        message_system_attributes: trace,
        message_group_id: notification.group_id.as_ref().map(ToString::to_string),
        message_deduplication_id: notification
            .deduplication_id
            .as_ref()
            .filter(|_| is_fifo)
            .map(ToString::to_string),
        ..Default::default()
    };
    cx.in_place(account, region).call::<sqs::SendMessage>(input).await?;
    Ok(())
}

fn as_sqs(attribute: &Attribute) -> sqs::MessageAttributeValue {
    let (string_value, binary_value) = match &attribute.value {
        AttributeValue::Text(text) => (Some(text.to_string()), None),
        AttributeValue::Binary(bytes) => (None, Some(Blob::new(bytes.to_vec()))),
    };
    let data_type = Some(attribute.data_type.to_string());
    sqs::MessageAttributeValue { string_value, binary_value, data_type, ..Default::default() }
}
