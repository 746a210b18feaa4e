//! DeleteMessageBatch: takes away up to ten messages that receipt handles name.
//! <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_DeleteMessageBatch.html>
//! Done: QueueUrl Entries
//! Stored: -
//! Refused: -
//! Deviates: -

use super::message_bits;
use crate::domain::throughput::{self, Action};
use crate::domain::{QueueAddress, Receipt, batch};
use mesh_models::sqs::{
    DeleteMessageBatchError, DeleteMessageBatchInput, DeleteMessageBatchOutput,
    DeleteMessageBatchRequestEntry, DeleteMessageBatchResultEntry, DeleteMessageError,
};
use mesh_router::Context;

pub(crate) async fn run(
    cx: &Context,
    input: DeleteMessageBatchInput,
) -> Result<DeleteMessageBatchOutput, DeleteMessageBatchError> {
    let DeleteMessageBatchInput { queue_url, entries } = input;
    let queue = QueueAddress::of_url::<DeleteMessageBatchError>(cx, &queue_url.unwrap_or_default())?;
    let entries = entries.unwrap_or_default();
    let ids = entries.iter().map(|entry| entry.id.as_deref());
    batch::check::<DeleteMessageBatchError>("DeleteMessageBatchRequestEntry", ids)?;
    let (entries, struck) = batch::without_struck(cx.faults().part(entries), |entry| entry.id);
    throughput::admit::<DeleteMessageBatchError>(cx, &queue, Action::Delete, None)?;
    let results = cx.write(&queue.key, |state, tx| {
        state.existing()?;
        let mut delete = |entry: &DeleteMessageBatchRequestEntry| {
            let DeleteMessageBatchRequestEntry { id: _, receipt_handle } = entry;
            let receipt = Receipt::parse(receipt_handle.as_deref().unwrap_or_default(), queue.key.hash())?;
            state.delete_message::<DeleteMessageError>(receipt, tx)
        };
        Ok::<_, DeleteMessageBatchError>(entries.iter().map(&mut delete).collect::<Vec<_>>())
    })?;
    cx.concerns(results.iter().flatten().flatten().map(|id| message_bits(*id)));
    let results = results.into_iter().map(|result| result.map(drop));
    let ids = entries.into_iter().map(|entry| entry.id.unwrap_or_default());
    let succeeded = |id| DeleteMessageBatchResultEntry { id: Some(id) };
    let (successful, failed) = batch::split(struck, ids.zip(results), succeeded);
    Ok(DeleteMessageBatchOutput { successful, failed })
}
