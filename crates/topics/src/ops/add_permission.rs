//! AddPermission: adds a statement to the policy of a topic, under a label.
//! <https://docs.aws.amazon.com/sns/latest/api/API_AddPermission.html>
//! Done: TopicArn Label AWSAccountId ActionName
//! Stored: -
//! Refused: -
//! Deviates: the policy is kept and not evaluated

use crate::domain::{Permission, TopicAddress};
use mesh_models::sns::{AddPermissionError, AddPermissionInput, AddPermissionOutput};
use mesh_router::Context;

pub(crate) async fn run(
    cx: &Context,
    input: AddPermissionInput,
) -> Result<AddPermissionOutput, AddPermissionError> {
    let AddPermissionInput { topic_arn, label, aws_account_id, action_name } = input;
    let topic = TopicAddress::of_arn(cx, "TopicArn", &topic_arn.unwrap_or_default())?;
    let (accounts, actions) = (aws_account_id.unwrap_or_default(), action_name.unwrap_or_default());
    let permission = Permission::check(label.unwrap_or_default(), &accounts, actions)?;
    cx.write(&topic.key, |state, _| {
        state.change(|settings| {
            Ok::<_, AddPermissionError>(permission.add_to(&mut settings.attributes, &topic.arn())?)
        })
    })?;
    Ok(AddPermissionOutput {})
}
