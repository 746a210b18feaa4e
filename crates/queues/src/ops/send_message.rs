//! SendMessage: puts one message on a queue.
//! <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html>
//! Done: QueueUrl MessageBody DelaySeconds MessageAttributes MessageSystemAttributes MessageGroupId MessageDeduplicationId
//! Stored: -
//! Refused: -
//! Deviates: -

use super::{message_bits, message_id, sequence_number};
use crate::domain::QueueAddress;
use crate::domain::failure::MessageTooLong;
use crate::domain::throughput::{self, Action};
use crate::outgoing::{Digests, Outgoing};
use mesh_models::sqs::{SendMessageError, SendMessageInput, SendMessageOutput};
use mesh_router::Context;

pub(crate) async fn run(
    cx: &Context,
    input: SendMessageInput,
) -> Result<SendMessageOutput, SendMessageError> {
    let SendMessageInput {
        queue_url,
        message_body: body,
        delay_seconds,
        message_attributes: attributes,
        message_system_attributes: system_attributes,
        message_deduplication_id: deduplication_id,
        message_group_id: group_id,
    } = input;
    let queue = QueueAddress::of_url::<SendMessageError>(cx, &queue_url.unwrap_or_default())?;
    let outgoing =
        Outgoing { body, delay_seconds, attributes, system_attributes, deduplication_id, group_id };
    let draft = outgoing.check::<SendMessageError>()?;
    let group = draft.extras.as_deref().and_then(|extras| extras.group_id.as_deref());
    throughput::admit::<SendMessageError>(cx, &queue, Action::Send, group)?;
    let sent = cx.write(&queue.key, |state, tx| {
        MessageTooLong::check(&draft, state.existing()?)?;
        state.send::<SendMessageError>(&draft, cx.account(), tx)
    })?;
    cx.concerns([message_bits(sent.id)]);
    let digests = Digests::of(&draft);
    Ok(SendMessageOutput {
        md5_of_message_body: Some(digests.body),
        md5_of_message_attributes: digests.attributes,
        md5_of_message_system_attributes: digests.system_attributes,
        message_id: Some(message_id(sent.id)),
        sequence_number: sent.sequence.map(sequence_number),
    })
}
