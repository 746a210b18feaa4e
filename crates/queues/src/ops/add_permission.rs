//! AddPermission: adds a statement to the policy of a queue, under a label.
//! <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_AddPermission.html>
//! Done: QueueUrl Label AWSAccountIds Actions
//! Stored: -
//! Refused: -
//! Deviates: the policy is kept and not evaluated

use crate::domain::{Permission, QueueAddress};
use mesh_models::sqs::{AddPermissionError, AddPermissionInput, AddPermissionOutput};
use mesh_router::Context;

pub(crate) async fn run(
    cx: &Context,
    input: AddPermissionInput,
) -> Result<AddPermissionOutput, AddPermissionError> {
    let AddPermissionInput { queue_url, label, aws_account_ids, actions } = input;
    let queue = QueueAddress::of_url::<AddPermissionError>(cx, &queue_url.unwrap_or_default())?;
    let (accounts, actions) = (aws_account_ids.unwrap_or_default(), actions.unwrap_or_default());
    let permission = Permission::check::<AddPermissionError>(label.unwrap_or_default(), &accounts, &actions)?;
    cx.write(&queue.key, |state, tx| {
        state.set_attributes(
            |attributes| Ok::<_, AddPermissionError>(permission.add_to(attributes, &queue.arn())?),
            tx,
        )
    })?;
    Ok(AddPermissionOutput {})
}
