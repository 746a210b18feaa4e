//! TagResource: gives tags to a topic.
//! <https://docs.aws.amazon.com/sns/latest/api/API_TagResource.html>
//! Done: ResourceArn Tags
//! Stored: -
//! Refused: -
//! Deviates: -

use crate::domain::failure::NoSuchResource;
use crate::domain::{TopicAddress, tags};
use mesh_models::sns::{TagResourceError, TagResourceInput, TagResourceOutput};
use mesh_router::Context;

pub(crate) async fn run(
    cx: &Context,
    input: TagResourceInput,
) -> Result<TagResourceOutput, TagResourceError> {
    let TagResourceInput { resource_arn, tags } = input;
    let topic = TopicAddress::of_arn(cx, "ResourceArn", &resource_arn.unwrap_or_default())?;
    let added = tags::check(tags.unwrap_or_default())?;
    cx.write(&topic.key, |state, _| {
        let mut settings = state.settings.get().ok_or(NoSuchResource)?.clone();
        settings.tags.extend(added.clone());
        tags::check_count(&settings.tags)?;
        state.settings.set(settings);
        Ok::<_, TagResourceError>(())
    })?;
    Ok(TagResourceOutput {})
}
