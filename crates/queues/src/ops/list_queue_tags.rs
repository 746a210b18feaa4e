//! ListQueueTags: tells the tags of a queue.
//! <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ListQueueTags.html>
//! Done: QueueUrl
//! Stored: -
//! Refused: -
//! Deviates: -

use crate::domain::QueueAddress;
use mesh_models::sqs::{ListQueueTagsError, ListQueueTagsInput, ListQueueTagsOutput};
use mesh_router::Context;

pub(crate) async fn run(
    cx: &Context,
    input: ListQueueTagsInput,
) -> Result<ListQueueTagsOutput, ListQueueTagsError> {
    let ListQueueTagsInput { queue_url } = input;
    let queue = QueueAddress::of_url::<ListQueueTagsError>(cx, &queue_url.unwrap_or_default())?;
    let tags = cx.read(&queue.key, |state, _| state.existing().map(|settings| settings.tags.clone()))??;
    let tags: mesh_wire::Map<_> =
        tags.into_iter().map(|(key, value)| (key.to_string(), value.to_string())).collect();
    Ok(ListQueueTagsOutput { tags: (!tags.is_empty()).then_some(tags) })
}
