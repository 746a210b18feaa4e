//! SetQueueAttributes: changes what a queue is set to.
//! <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html>
//! Done: QueueUrl Attributes
//! Stored: -
//! Refused: -
//! Deviates: at once; AWS takes up to sixty seconds

use crate::domain::QueueAddress;
use mesh_models::sqs::{SetQueueAttributesError, SetQueueAttributesInput, SetQueueAttributesOutput};
use mesh_router::Context;

pub(crate) async fn run(
    cx: &Context,
    input: SetQueueAttributesInput,
) -> Result<SetQueueAttributesOutput, SetQueueAttributesError> {
    let SetQueueAttributesInput { queue_url, attributes: wanted } = input;
    let queue = QueueAddress::of_url::<SetQueueAttributesError>(cx, &queue_url.unwrap_or_default())?;
    let wanted = wanted.unwrap_or_default();
    cx.write(&queue.key, |state, tx| {
        let change = |attributes: &mut crate::domain::QueueAttributes| {
            for (name, value) in &wanted {
                attributes.set::<SetQueueAttributesError>(name, value)?;
            }
            Ok::<_, SetQueueAttributesError>(attributes.check()?)
        };
        state.set_attributes(change, tx)?;
        if wanted.contains_key("RedrivePolicy") {
            state.note_dead_letters::<SetQueueAttributesError>(&queue, tx)?;
        }
        Ok::<_, SetQueueAttributesError>(())
    })?;
    Ok(SetQueueAttributesOutput {})
}
