//! GetQueueUrl: finds a queue by its name.
//! <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_GetQueueUrl.html>
//! Done: QueueName QueueOwnerAWSAccountId
//! Stored: -
//! Refused: -
//! Deviates: -

use crate::domain::QueueAddress;
use crate::domain::failure::NoSuchQueue;
use mesh_models::sqs::{GetQueueUrlError, GetQueueUrlInput, GetQueueUrlOutput};
use mesh_router::Context;
use mesh_store::Key;
use mesh_types::AccountId;

pub(crate) async fn run(
    cx: &Context,
    input: GetQueueUrlInput,
) -> Result<GetQueueUrlOutput, GetQueueUrlError> {
    let GetQueueUrlInput { queue_name, queue_owner_aws_account_id } = input;
    let account = match queue_owner_aws_account_id {
        Some(owner) => AccountId::parse(&owner).map_err(|_| NoSuchQueue)?,
        None => cx.account(),
    };
    let queue = QueueAddress { key: Key::new(account, cx.region().clone(), queue_name.unwrap_or_default()) };
    cx.read(&queue.key, |state, _| state.existing().map(|_| ()))??;
    Ok(GetQueueUrlOutput { queue_url: Some(queue.url(cx)) })
}
