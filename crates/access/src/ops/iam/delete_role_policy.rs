//! DeleteRolePolicy: deletes a policy that is part of a role.
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteRolePolicy.html>
//! Done: RoleName PolicyName
//! Stored: -
//! Refused: -
//! Deviates: -

use crate::state::roles;
use mesh_models::iam::{DeleteRolePolicyError, DeleteRolePolicyInput, DeleteRolePolicyOutput};
use mesh_router::Context;

pub(crate) async fn run(
    cx: &Context,
    input: DeleteRolePolicyInput,
) -> Result<DeleteRolePolicyOutput, DeleteRolePolicyError> {
    let DeleteRolePolicyInput { role_name, policy_name } = input;
    let (role, name) = (role_name.unwrap_or_default(), policy_name.unwrap_or_default());
    cx.write(&roles::key(cx), |roles, _| roles.delete_policy::<DeleteRolePolicyError>(&role, &name))?;
    Ok(DeleteRolePolicyOutput {})
}
