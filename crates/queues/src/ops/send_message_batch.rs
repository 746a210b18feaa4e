//! SendMessageBatch: puts up to ten messages on a queue, each of which may fail alone.
//! <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html>
//! Done: QueueUrl Entries
//! Stored: -
//! Refused: -
//! Deviates: -

use super::{message_bits, message_id, sequence_number};
use crate::domain::failure::{BatchTooLong, EntryTooLong};
use crate::domain::throughput::{self, Action};
use crate::domain::{Draft, QueueAddress, batch};
use crate::limits::MAX_BATCH_SIZE;
use crate::outgoing::{Digests, Outgoing};
use mesh_models::sqs::{
    SendMessageBatchError, SendMessageBatchInput, SendMessageBatchOutput, SendMessageBatchRequestEntry,
    SendMessageBatchResultEntry, SendMessageError,
};
use mesh_router::Context;

pub(crate) async fn run(
    cx: &Context,
    input: SendMessageBatchInput,
) -> Result<SendMessageBatchOutput, SendMessageBatchError> {
    let SendMessageBatchInput { queue_url, entries } = input;
    let queue = QueueAddress::of_url::<SendMessageBatchError>(cx, &queue_url.unwrap_or_default())?;
    let entries = entries.unwrap_or_default();
    let ids = entries.iter().map(|entry| entry.id.as_deref());
    batch::check::<SendMessageBatchError>("SendMessageBatchRequestEntry", ids)?;
    let drafts: Vec<(String, Result<Draft, SendMessageError>)> = entries.into_iter().map(draft).collect();
    let size = drafts.iter().filter_map(|(_, draft)| draft.as_ref().ok()).map(|draft| draft.size).sum();
    if size > MAX_BATCH_SIZE {
        return Err(BatchTooLong { size }.into());
    }
    let (drafts, mut failed) = batch::without_struck(cx.faults().part(drafts), |(id, _)| Some(id));
    let first =
        drafts.iter().find_map(|(_, draft)| draft.as_ref().ok()?.extras.as_deref()?.group_id.as_deref());
    throughput::admit::<SendMessageBatchError>(cx, &queue, Action::Send, first)?;
    let sent = cx.write(&queue.key, |state, tx| {
        state.existing()?;
        state.check_batch(drafts.iter().filter_map(|(_, draft)| draft.as_ref().ok()))?;
        let mut send = |draft: &Draft| {
            EntryTooLong::check(draft, state.existing()?)?;
            state.send::<SendMessageError>(draft, cx.account(), tx)
        };
        let sent = drafts.iter().map(|(_, draft)| draft.as_ref().ok().map(&mut send));
        Ok::<_, SendMessageBatchError>(sent.collect::<Vec<_>>())
    })?;
    cx.concerns(sent.iter().flatten().flatten().map(|sent| message_bits(sent.id)));
    let mut successful = Vec::new();
    for ((id, draft), sent) in drafts.into_iter().zip(sent) {
        match draft.and_then(|draft| sent.transpose().map(|sent| (draft, sent))) {
            Ok((draft, Some(sent))) => {
                let digests = Digests::of(&draft);
                successful.push(SendMessageBatchResultEntry {
                    id: Some(id),
                    message_id: Some(message_id(sent.id)),
                    md5_of_message_body: Some(digests.body),
                    md5_of_message_attributes: digests.attributes,
                    md5_of_message_system_attributes: digests.system_attributes,
                    sequence_number: sent.sequence.map(sequence_number),
                });
            }
            // What has a draft was sent.
            Ok((_, None)) => {}
            Err(error) => failed.push(batch::failed(id, error)),
        }
    }
    Ok(SendMessageBatchOutput {
        successful: (!successful.is_empty()).then_some(successful),
        failed: (!failed.is_empty()).then_some(failed),
    })
}

fn draft(entry: SendMessageBatchRequestEntry) -> (String, Result<Draft, SendMessageError>) {
    let SendMessageBatchRequestEntry {
        id,
        message_body: body,
        delay_seconds,
        message_attributes: attributes,
        message_system_attributes: system_attributes,
        message_deduplication_id: deduplication_id,
        message_group_id: group_id,
    } = entry;
    let outgoing =
        Outgoing { body, delay_seconds, attributes, system_attributes, deduplication_id, group_id };
    (id.unwrap_or_default(), outgoing.check())
}
