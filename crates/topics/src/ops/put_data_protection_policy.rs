//! PutDataProtectionPolicy: sets the data protection policy of a topic, or with an empty one takes it away.
//! <https://docs.aws.amazon.com/sns/latest/api/API_PutDataProtectionPolicy.html>
//! Done: ResourceArn
//! Stored: DataProtectionPolicy
//! Refused: -
//! Deviates: the policy is checked for its form and kept: no message is audited, masked or refused by it

use crate::domain::{TopicAddress, data_protection};
use mesh_models::sns::{
    PutDataProtectionPolicyError, PutDataProtectionPolicyInput, PutDataProtectionPolicyOutput,
};
use mesh_router::Context;

pub(crate) async fn run(
    cx: &Context,
    input: PutDataProtectionPolicyInput,
) -> Result<PutDataProtectionPolicyOutput, PutDataProtectionPolicyError> {
    let PutDataProtectionPolicyInput { resource_arn, data_protection_policy } = input;
    let topic = TopicAddress::of_arn(cx, "ResourceArn", &resource_arn.unwrap_or_default())?;
    let policy = data_protection::check(&data_protection_policy.unwrap_or_default(), topic.is_fifo())?;
    cx.write(&topic.key, |state, _| {
        state.change(|settings| {
            settings.data_protection_policy.clone_from(&policy);
            Ok::<_, PutDataProtectionPolicyError>(())
        })
    })?;
    Ok(PutDataProtectionPolicyOutput {})
}
