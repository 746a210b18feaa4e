//! GetDataProtectionPolicy: tells the data protection policy of a topic.
//! <https://docs.aws.amazon.com/sns/latest/api/API_GetDataProtectionPolicy.html>
//! Done: ResourceArn
//! Stored: -
//! Refused: -
//! Deviates: -

use crate::domain::TopicAddress;
use mesh_models::sns::{
    GetDataProtectionPolicyError, GetDataProtectionPolicyInput, GetDataProtectionPolicyOutput,
};
use mesh_router::Context;

pub(crate) async fn run(
    cx: &Context,
    input: GetDataProtectionPolicyInput,
) -> Result<GetDataProtectionPolicyOutput, GetDataProtectionPolicyError> {
    let GetDataProtectionPolicyInput { resource_arn } = input;
    let topic = TopicAddress::of_arn(cx, "ResourceArn", &resource_arn.unwrap_or_default())?;
    let policy = cx.read(&topic.key, |state, _| {
        Ok::<_, GetDataProtectionPolicyError>(state.existing()?.data_protection_policy.clone())
    })??;
    Ok(GetDataProtectionPolicyOutput { data_protection_policy: policy.map(Into::into) })
}
