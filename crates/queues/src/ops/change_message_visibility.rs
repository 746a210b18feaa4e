//! ChangeMessageVisibility: hides a received message for another time.
//! <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ChangeMessageVisibility.html>
//! Done: QueueUrl ReceiptHandle VisibilityTimeout
//! Stored: -
//! Refused: -
//! Deviates: a message that is visible again stays so; AWS may say MessageNotInflight

use crate::domain::{QueueAddress, Receipt, check_seconds};
use crate::limits::VISIBILITY_TIMEOUT;
use mesh_models::sqs::{
    ChangeMessageVisibilityError, ChangeMessageVisibilityInput, ChangeMessageVisibilityOutput,
};
use mesh_router::Context;

pub(crate) async fn run(
    cx: &Context,
    input: ChangeMessageVisibilityInput,
) -> Result<ChangeMessageVisibilityOutput, ChangeMessageVisibilityError> {
    let ChangeMessageVisibilityInput { queue_url, receipt_handle, visibility_timeout } = input;
    let queue = QueueAddress::of_url::<ChangeMessageVisibilityError>(cx, &queue_url.unwrap_or_default())?;
    let timeout =
        check_seconds("VisibilityTimeout", visibility_timeout.unwrap_or_default(), VISIBILITY_TIMEOUT)?;
    let receipt = Receipt::parse(&receipt_handle.unwrap_or_default(), queue.key.hash());
    cx.write(&queue.key, |state, tx| {
        state.existing()?;
        state.hide::<ChangeMessageVisibilityError>(receipt.clone()?, timeout, tx)
    })?;
    Ok(ChangeMessageVisibilityOutput {})
}
