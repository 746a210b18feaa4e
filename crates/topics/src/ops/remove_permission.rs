//! RemovePermission: takes a statement out of the policy of a topic.
//! <https://docs.aws.amazon.com/sns/latest/api/API_RemovePermission.html>
//! Done: TopicArn Label
//! Stored: -
//! Refused: -
//! Deviates: -

use crate::domain::{Permission, TopicAddress};
use mesh_models::sns::{RemovePermissionError, RemovePermissionInput, RemovePermissionOutput};
use mesh_router::Context;

pub(crate) async fn run(
    cx: &Context,
    input: RemovePermissionInput,
) -> Result<RemovePermissionOutput, RemovePermissionError> {
    let RemovePermissionInput { topic_arn, label } = input;
    let topic = TopicAddress::of_arn(cx, "TopicArn", &topic_arn.unwrap_or_default())?;
    let label = label.unwrap_or_default();
    cx.write(&topic.key, |state, _| {
        state.change(|settings| {
            let attributes = &mut settings.attributes;
            Ok::<_, RemovePermissionError>(Permission::remove(attributes, &topic.arn(), &label)?)
        })
    })?;
    Ok(RemovePermissionOutput {})
}
