//! PutRolePolicy: puts a policy into a role.
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutRolePolicy.html>
//! Done: RoleName PolicyName PolicyDocument
//! Stored: -
//! Refused: -
//! Deviates: -

use crate::state::roles;
use mesh_models::iam::{PutRolePolicyError, PutRolePolicyInput, PutRolePolicyOutput};
use mesh_router::Context;
use std::sync::Arc;

pub(crate) async fn run(
    cx: &Context,
    input: PutRolePolicyInput,
) -> Result<PutRolePolicyOutput, PutRolePolicyError> {
    let PutRolePolicyInput { role_name, policy_name, policy_document } = input;
    let (role, name) = (role_name.unwrap_or_default(), policy_name.unwrap_or_default());
    let document: Arc<str> = policy_document.unwrap_or_default().into();
    cx.write(&roles::key(cx), |roles, _| roles.put_policy::<PutRolePolicyError>(&role, &name, &document))?;
    Ok(PutRolePolicyOutput {})
}
