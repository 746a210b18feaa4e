//! ListTagsForResource: lists the tags of a topic.
//! <https://docs.aws.amazon.com/sns/latest/api/API_ListTagsForResource.html>
//! Done: ResourceArn
//! Stored: -
//! Refused: -
//! Deviates: -

use crate::domain::failure::NoSuchResource;
use crate::domain::{TopicAddress, tags};
use mesh_models::sns::{ListTagsForResourceError, ListTagsForResourceInput, ListTagsForResourceOutput};
use mesh_router::Context;

pub(crate) async fn run(
    cx: &Context,
    input: ListTagsForResourceInput,
) -> Result<ListTagsForResourceOutput, ListTagsForResourceError> {
    let ListTagsForResourceInput { resource_arn } = input;
    let topic = TopicAddress::of_arn(cx, "ResourceArn", &resource_arn.unwrap_or_default())?;
    let settings = cx.read(&topic.key, |state, _| state.settings.get_shared())?;
    let settings = settings.ok_or(NoSuchResource)?;
    Ok(ListTagsForResourceOutput { tags: Some(tags::shown(&settings.tags)) })
}
