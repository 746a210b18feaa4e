//! RemovePermission: takes the statement of a label out of the policy of a queue.
//! <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_RemovePermission.html>
//! Done: QueueUrl Label
//! Stored: -
//! Refused: -
//! Deviates: -

use crate::domain::{Permission, QueueAddress};
use mesh_models::sqs::{RemovePermissionError, RemovePermissionInput, RemovePermissionOutput};
use mesh_router::Context;

pub(crate) async fn run(
    cx: &Context,
    input: RemovePermissionInput,
) -> Result<RemovePermissionOutput, RemovePermissionError> {
    let RemovePermissionInput { queue_url, label } = input;
    let queue = QueueAddress::of_url::<RemovePermissionError>(cx, &queue_url.unwrap_or_default())?;
    let label = label.unwrap_or_default();
    cx.write(&queue.key, |state, tx| {
        state.set_attributes(
            |attributes| Ok::<_, RemovePermissionError>(Permission::remove(attributes, &label)?),
            tx,
        )
    })?;
    Ok(RemovePermissionOutput {})
}
