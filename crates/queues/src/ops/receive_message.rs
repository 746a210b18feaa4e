//! ReceiveMessage: takes messages that are visible, and hides them; waits for one if asked to.
//! <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html>
//! Done: QueueUrl AttributeNames MessageSystemAttributeNames MessageAttributeNames MaxNumberOfMessages VisibilityTimeout WaitTimeSeconds ReceiveRequestAttemptId
//! Stored: -
//! Refused: -
//! Deviates: how many may be in flight is held with strict quotas only

use super::{message_bits, message_id, sequence_number};
use crate::domain::failure::{TooManyInFlight, UnknownAttribute};
use crate::domain::throughput::{self, Action};
use crate::domain::{
    AttributeValue, Order, QueueAddress, Receipt, Receive, attributes_digest, check_id, check_receive_count,
    check_seconds,
};
use crate::limits::{VISIBILITY_TIMEOUT, WAIT_TIME};
use crate::state::queue::{CHANGED, Extras, Message, Sequence};
use mesh_models::sqs::{
    self, MessageAttributeValue, ReceiveMessageError, ReceiveMessageInput, ReceiveMessageOutput,
};
use mesh_router::{Context, Quotas, Tried};
use mesh_types::hexadecimal;
use mesh_wire::{Blob, Map};
use smol_str::SmolStr;
use std::sync::Arc;

pub(crate) async fn run(
    cx: &Context,
    input: ReceiveMessageInput,
) -> Result<ReceiveMessageOutput, ReceiveMessageError> {
    let ReceiveMessageInput {
        queue_url,
        attribute_names,
        message_system_attribute_names,
        message_attribute_names,
        max_number_of_messages,
        visibility_timeout,
        wait_time_seconds,
        receive_request_attempt_id,
    } = input;
    let queue = QueueAddress::of_url::<ReceiveMessageError>(cx, &queue_url.unwrap_or_default())?;
    if let Some(id) = &receive_request_attempt_id {
        check_id("ReceiveRequestAttemptId", id)?;
    }
    let request = Receive {
        count: check_receive_count(max_number_of_messages)?,
        visibility_timeout: visibility_timeout
            .map(|value| check_seconds("VisibilityTimeout", value, VISIBILITY_TIMEOUT))
            .transpose()?,
        order: if cx.faults().reorders() { Order::Drawn } else { Order::Usual },
        hides: !cx.faults().duplicates(),
        limits_in_flight: cx.quotas() == Quotas::Strict,
        attempt: receive_request_attempt_id.map(SmolStr::new),
    };
    let wanted = Wanted {
        system: SystemAttributes::check(
            attribute_names.iter().chain(&message_system_attribute_names).flatten(),
        )?,
        own: message_attribute_names.unwrap_or_default(),
    };
    throughput::admit::<ReceiveMessageError>(cx, &queue, Action::Receive, None)?;
    let patience = match wait_time_seconds {
        Some(value) => check_seconds("WaitTimeSeconds", value, WAIT_TIME)?,
        None => {
            cx.read(&queue.key, |state, _| state.existing().map(|it| it.attributes.receive_wait_time()))??
        }
    };
    let mut moved = Vec::new();
    let messages = cx
        .long_poll(&queue.key, CHANGED, patience, || {
            let received = loop {
                let received = cx.write(&queue.key, |state, tx| {
                    state.receive::<ReceiveMessageError>(&queue, &request, tx)
                })?;
                moved.extend(received.moved.iter().map(|id| message_bits(*id)));
                if !received.goes_on {
                    break received;
                }
            };
            // Only who does not wait is told.
            if received.is_full && patience.is_zero() {
                return Err(TooManyInFlight.into());
            }
            let (found, look_again_at) = (!received.messages.is_empty(), received.next_visible_at);
            Ok::<_, ReceiveMessageError>(Tried { answer: received.messages, found, look_again_at })
        })
        .await?;
    if !messages.is_empty() || !moved.is_empty() {
        let received = messages.iter().map(|(_, message)| message_bits(message.id));
        cx.concerns(received.chain(moved));
    }
    let show =
        |(sequence, message): (Sequence, Arc<Message>)| wanted.show(queue.key.hash(), sequence, &message);
    let messages: Vec<sqs::Message> = messages.into_iter().map(show).collect();
    Ok(ReceiveMessageOutput { messages: (!messages.is_empty()).then_some(messages) })
}

/// The attributes that a receiver asks for.
pub(crate) struct Wanted {
    system: SystemAttributes,
    /// Names, `All`, `.*`, and prefixes that end in `.*`.
    own: Vec<String>,
}

impl Wanted {
    /// All that there are.
    pub(crate) fn everything() -> Self {
        Self { system: SystemAttributes([true; NAMES.len()]), own: vec!["All".to_owned()] }
    }

    /// A message as a receiver gets it.
    pub(crate) fn show(&self, queue: u64, sequence: Sequence, message: &Message) -> sqs::Message {
        let none = Extras::default();
        let extras = message.extras.as_deref().unwrap_or(&none);
        let own: Vec<_> = extras.attributes.iter().filter(|(name, _)| self.wants(name)).collect();
        let digest = (!own.is_empty()).then(|| attributes_digest(own.iter().copied()));
        let own: Map<_> = own
            .into_iter()
            .map(|(name, attribute)| {
                let (string_value, binary_value) = match &attribute.value {
                    AttributeValue::Text(text) => (Some(text.to_string()), None),
                    AttributeValue::Binary(bytes) => (None, Some(Blob::new(bytes.to_vec()))),
                };
                let data_type = Some(attribute.data_type.to_string());
                let value =
                    MessageAttributeValue { string_value, binary_value, data_type, ..Default::default() };
                (name.to_string(), value)
            })
            .collect();
        let system = self.system.show(sequence, message, extras);
        sqs::Message {
            message_id: Some(message_id(message.id)),
            receipt_handle: Some(Receipt { queue, sequence, receipt: message.receipt }.handle()),
            md5_of_body: Some(hexadecimal(&message.body_digest)),
            body: Some(message.body.to_string()),
            attributes: (!system.is_empty()).then_some(system),
            md5_of_message_attributes: digest.map(|digest| hexadecimal(&digest)),
            message_attributes: (!own.is_empty()).then_some(own),
        }
    }

    fn wants(&self, name: &str) -> bool {
        self.own.iter().any(|wanted| match wanted.as_str() {
            "All" | ".*" => true,
            wanted => match wanted.strip_suffix(".*") {
                Some(prefix) => {
                    name == prefix || name.strip_prefix(prefix).is_some_and(|rest| rest.starts_with('.'))
                }
                None => name == wanted,
            },
        })
    }
}

/// The attributes that SQS itself gives to messages, each with whether it is wanted.
struct SystemAttributes([bool; NAMES.len()]);

const NAMES: [&str; 9] = [
    "ApproximateFirstReceiveTimestamp",
    "ApproximateReceiveCount",
    "AWSTraceHeader",
    "DeadLetterQueueSourceArn",
    "MessageDeduplicationId",
    "MessageGroupId",
    "SenderId",
    "SentTimestamp",
    "SequenceNumber",
];

impl SystemAttributes {
    fn check<'a>(names: impl Iterator<Item = &'a String>) -> Result<Self, UnknownAttribute> {
        let mut wanted = [false; NAMES.len()];
        for name in names {
            match NAMES.iter().position(|known| known == name) {
                Some(index) => wanted[index] = true,
                None if name == "All" => wanted = [true; NAMES.len()],
                None => return Err(UnknownAttribute { name: name.clone() }),
            }
        }
        Ok(Self(wanted))
    }

    fn show(&self, sequence: Sequence, message: &Message, extras: &Extras) -> Map<String> {
        let wanted = NAMES.iter().zip(self.0).filter(|(_, wanted)| *wanted);
        let value = |name: &str| match name {
            "ApproximateFirstReceiveTimestamp" => {
                message.first_received_at.map(|at| at.as_millis().to_string())
            }
            "ApproximateReceiveCount" => Some(message.receives.to_string()),
            "AWSTraceHeader" => extras.trace_header.as_ref().map(ToString::to_string),
            "DeadLetterQueueSourceArn" => extras.source.as_ref().map(ToString::to_string),
            "MessageDeduplicationId" => extras.deduplication_id.as_ref().map(ToString::to_string),
            "MessageGroupId" => extras.group_id.as_ref().map(ToString::to_string),
            "SenderId" => Some(message.sender.to_string()),
            "SentTimestamp" => Some(message.sent_at.as_millis().to_string()),
            // Only FIFO queues have sequence numbers.
            _ => message.fifo_group().map(|_| sequence_number(sequence)),
        };
        wanted.filter_map(|(name, _)| Some(((*name).to_owned(), value(name)?))).collect()
    }
}
