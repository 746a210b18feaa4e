//! AttachRolePolicy: attaches a managed policy to a role.
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_AttachRolePolicy.html>
//! Done: RoleName PolicyArn
//! Stored: -
//! Refused: -
//! Deviates: every name in the namespace of AWS is taken for a policy of AWS; there are no others

use crate::domain::PolicyArn;
use crate::state::roles;
use mesh_models::iam::{AttachRolePolicyError, AttachRolePolicyInput, AttachRolePolicyOutput};
use mesh_router::Context;

pub(crate) async fn run(
    cx: &Context,
    input: AttachRolePolicyInput,
) -> Result<AttachRolePolicyOutput, AttachRolePolicyError> {
    let AttachRolePolicyInput { role_name, policy_arn } = input;
    let role = role_name.unwrap_or_default();
    let policy = PolicyArn::parse::<AttachRolePolicyError>(&policy_arn.unwrap_or_default())?;
    cx.write(&roles::key(cx), |roles, tx| roles.attach::<AttachRolePolicyError>(&role, &policy, tx))?;
    Ok(AttachRolePolicyOutput {})
}
