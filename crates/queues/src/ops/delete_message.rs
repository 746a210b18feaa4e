//! DeleteMessage: takes away the message that a receipt handle names.
//! <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_DeleteMessage.html>
//! Done: QueueUrl ReceiptHandle
//! Stored: -
//! Refused: -
//! Deviates: -

use super::message_bits;
use crate::domain::throughput::{self, Action};
use crate::domain::{QueueAddress, Receipt};
use mesh_models::sqs::{DeleteMessageError, DeleteMessageInput, DeleteMessageOutput};
use mesh_router::Context;

pub(crate) async fn run(
    cx: &Context,
    input: DeleteMessageInput,
) -> Result<DeleteMessageOutput, DeleteMessageError> {
    let DeleteMessageInput { queue_url, receipt_handle } = input;
    let queue = QueueAddress::of_url::<DeleteMessageError>(cx, &queue_url.unwrap_or_default())?;
    let receipt = Receipt::parse(&receipt_handle.unwrap_or_default(), queue.key.hash());
    throughput::admit::<DeleteMessageError>(cx, &queue, Action::Delete, None)?;
    let deleted = cx.write(&queue.key, |state, tx| {
        // That there is no such queue is said before that the handle is none.
        state.existing()?;
        state.delete_message::<DeleteMessageError>(receipt.clone()?, tx)
    })?;
    cx.concerns(deleted.map(message_bits));
    Ok(DeleteMessageOutput {})
}
