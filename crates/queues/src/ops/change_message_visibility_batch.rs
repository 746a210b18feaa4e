//! ChangeMessageVisibilityBatch: hides up to ten received messages for another time each.
//! <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ChangeMessageVisibilityBatch.html>
//! Done: QueueUrl Entries
//! Stored: -
//! Refused: -
//! Deviates: as ChangeMessageVisibility

use crate::domain::{QueueAddress, Receipt, batch, check_seconds};
use crate::limits::VISIBILITY_TIMEOUT;
use mesh_models::sqs::{
    ChangeMessageVisibilityBatchError, ChangeMessageVisibilityBatchInput, ChangeMessageVisibilityBatchOutput,
    ChangeMessageVisibilityBatchRequestEntry, ChangeMessageVisibilityBatchResultEntry,
    ChangeMessageVisibilityError,
};
use mesh_router::Context;

pub(crate) async fn run(
    cx: &Context,
    input: ChangeMessageVisibilityBatchInput,
) -> Result<ChangeMessageVisibilityBatchOutput, ChangeMessageVisibilityBatchError> {
    let ChangeMessageVisibilityBatchInput { queue_url, entries } = input;
    let queue =
        QueueAddress::of_url::<ChangeMessageVisibilityBatchError>(cx, &queue_url.unwrap_or_default())?;
    let entries = entries.unwrap_or_default();
    let ids = entries.iter().map(|entry| entry.id.as_deref());
    batch::check::<ChangeMessageVisibilityBatchError>("ChangeMessageVisibilityBatchRequestEntry", ids)?;
    let (entries, struck) = batch::without_struck(cx.faults().part(entries), |entry| entry.id);
    let results = cx.write(&queue.key, |state, tx| {
        state.existing()?;
        let mut hide = |entry: &ChangeMessageVisibilityBatchRequestEntry| {
            let ChangeMessageVisibilityBatchRequestEntry { id: _, receipt_handle, visibility_timeout } =
                entry;
            let timeout = visibility_timeout.unwrap_or_default();
            let timeout = check_seconds("VisibilityTimeout", timeout, VISIBILITY_TIMEOUT)?;
            let receipt = Receipt::parse(receipt_handle.as_deref().unwrap_or_default(), queue.key.hash())?;
            state.hide::<ChangeMessageVisibilityError>(receipt, timeout, tx)
        };
        Ok::<_, ChangeMessageVisibilityBatchError>(entries.iter().map(&mut hide).collect::<Vec<_>>())
    })?;
    let ids = entries.into_iter().map(|entry| entry.id.unwrap_or_default());
    let succeeded = |id| ChangeMessageVisibilityBatchResultEntry { id: Some(id) };
    let (successful, failed) = batch::split(struck, ids.zip(results), succeeded);
    Ok(ChangeMessageVisibilityBatchOutput { successful, failed })
}
