//! DetachRolePolicy: detaches a managed policy from a role.
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DetachRolePolicy.html>
//! Done: RoleName PolicyArn
//! Stored: -
//! Refused: -
//! Deviates: -

use crate::domain::PolicyArn;
use crate::state::roles;
use mesh_models::iam::{DetachRolePolicyError, DetachRolePolicyInput, DetachRolePolicyOutput};
use mesh_router::Context;

pub(crate) async fn run(
    cx: &Context,
    input: DetachRolePolicyInput,
) -> Result<DetachRolePolicyOutput, DetachRolePolicyError> {
    let DetachRolePolicyInput { role_name, policy_arn } = input;
    let role = role_name.unwrap_or_default();
    let policy = PolicyArn::parse::<DetachRolePolicyError>(&policy_arn.unwrap_or_default())?;
    cx.write(&roles::key(cx), |roles, _| roles.detach::<DetachRolePolicyError>(&role, &policy))?;
    Ok(DetachRolePolicyOutput {})
}
