//! DeleteRole: deletes a role that has no policies any more.
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteRole.html>
//! Done: RoleName
//! Stored: -
//! Refused: -
//! Deviates: -

use crate::state::roles;
use mesh_models::iam::{DeleteRoleError, DeleteRoleInput, DeleteRoleOutput};
use mesh_router::Context;

pub(crate) async fn run(cx: &Context, input: DeleteRoleInput) -> Result<DeleteRoleOutput, DeleteRoleError> {
    let DeleteRoleInput { role_name } = input;
    let name = role_name.unwrap_or_default();
    cx.write(&roles::key(cx), |roles, _| roles.delete::<DeleteRoleError>(&name))?;
    Ok(DeleteRoleOutput {})
}
