//! UntagQueue: takes tags from a queue.
//! <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_UntagQueue.html>
//! Done: QueueUrl TagKeys
//! Stored: -
//! Refused: -
//! Deviates: -

use crate::domain::{QueueAddress, tags};
use mesh_models::sqs::{UntagQueueError, UntagQueueInput, UntagQueueOutput};
use mesh_router::Context;

pub(crate) async fn run(cx: &Context, input: UntagQueueInput) -> Result<UntagQueueOutput, UntagQueueError> {
    let UntagQueueInput { queue_url, tag_keys } = input;
    let queue = QueueAddress::of_url::<UntagQueueError>(cx, &queue_url.unwrap_or_default())?;
    let keys = tag_keys.unwrap_or_default();
    keys.iter().try_for_each(|key| tags::check_key(key))?;
    cx.write(&queue.key, |state, _| {
        state.set_tags(|tags| {
            tags.retain(|key, _| !keys.iter().any(|unwanted| unwanted == key));
            Ok::<_, UntagQueueError>(())
        })
    })?;
    Ok(UntagQueueOutput {})
}
