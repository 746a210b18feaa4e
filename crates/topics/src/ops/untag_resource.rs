//! UntagResource: takes tags from a topic.
//! <https://docs.aws.amazon.com/sns/latest/api/API_UntagResource.html>
//! Done: ResourceArn TagKeys
//! Stored: -
//! Refused: -
//! Deviates: -

use crate::domain::TopicAddress;
use crate::domain::failure::NoSuchResource;
use mesh_models::sns::{UntagResourceError, UntagResourceInput, UntagResourceOutput};
use mesh_router::Context;

pub(crate) async fn run(
    cx: &Context,
    input: UntagResourceInput,
) -> Result<UntagResourceOutput, UntagResourceError> {
    let UntagResourceInput { resource_arn, tag_keys } = input;
    let topic = TopicAddress::of_arn(cx, "ResourceArn", &resource_arn.unwrap_or_default())?;
    let keys = tag_keys.unwrap_or_default();
    cx.write(&topic.key, |state, _| {
        let mut settings = state.settings.get().ok_or(NoSuchResource)?.clone();
        settings.tags.retain(|key, _| !keys.iter().any(|taken| key == taken));
        state.settings.set(settings);
        Ok::<_, UntagResourceError>(())
    })?;
    Ok(UntagResourceOutput {})
}
