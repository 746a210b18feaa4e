//! TagQueue: gives tags to a queue.
//! <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_TagQueue.html>
//! Done: QueueUrl Tags
//! Stored: -
//! Refused: -
//! Deviates: -

use crate::domain::{QueueAddress, tags};
use mesh_models::sqs::{TagQueueError, TagQueueInput, TagQueueOutput};
use mesh_router::Context;

pub(crate) async fn run(cx: &Context, input: TagQueueInput) -> Result<TagQueueOutput, TagQueueError> {
    let TagQueueInput { queue_url, tags: wanted } = input;
    let queue = QueueAddress::of_url::<TagQueueError>(cx, &queue_url.unwrap_or_default())?;
    let wanted = tags::check::<TagQueueError>(wanted.unwrap_or_default())?;
    cx.write(&queue.key, |state, _| {
        state.set_tags(|tags| {
            tags.extend(wanted.clone());
            Ok::<_, TagQueueError>(tags::check_count(tags, queue.key.name())?)
        })
    })?;
    Ok(TagQueueOutput {})
}
