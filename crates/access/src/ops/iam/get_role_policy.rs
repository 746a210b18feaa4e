//! GetRolePolicy: shows a policy that is part of a role.
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetRolePolicy.html>
//! Done: RoleName PolicyName
//! Stored: -
//! Refused: -
//! Deviates: -

use super::encode;
use crate::state::roles;
use mesh_models::iam::{GetRolePolicyError, GetRolePolicyInput, GetRolePolicyOutput};
use mesh_router::Context;

pub(crate) async fn run(
    cx: &Context,
    input: GetRolePolicyInput,
) -> Result<GetRolePolicyOutput, GetRolePolicyError> {
    let GetRolePolicyInput { role_name, policy_name } = input;
    let (role, name) = (role_name.unwrap_or_default(), policy_name.unwrap_or_default());
    let policy = cx.read(&roles::key(cx), |roles, _| roles.policy::<GetRolePolicyError>(&role, &name))??;
    Ok(GetRolePolicyOutput {
        role_name: Some(role),
        policy_name: Some(name),
        policy_document: Some(encode(&policy.document)),
    })
}
