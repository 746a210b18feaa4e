//! PurgeQueue: takes all messages of a queue away.
//! <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_PurgeQueue.html>
//! Done: QueueUrl
//! Stored: -
//! Refused: -
//! Deviates: at once; AWS takes up to sixty seconds

use crate::domain::QueueAddress;
use mesh_models::sqs::{PurgeQueueError, PurgeQueueInput, PurgeQueueOutput};
use mesh_router::Context;

pub(crate) async fn run(cx: &Context, input: PurgeQueueInput) -> Result<PurgeQueueOutput, PurgeQueueError> {
    let PurgeQueueInput { queue_url } = input;
    let queue = QueueAddress::of_url::<PurgeQueueError>(cx, &queue_url.unwrap_or_default())?;
    cx.write(&queue.key, |state, tx| state.purge::<PurgeQueueError>(queue.key.name(), tx))?;
    Ok(PurgeQueueOutput {})
}
