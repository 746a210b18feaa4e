//! GetRole: shows a role.
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetRole.html>
//! Done: RoleName
//! Stored: -
//! Refused: -
//! Deviates: a role is never shown as used

use super::{show, show_boundary, show_tags};
use crate::state::roles;
use mesh_models::iam::{GetRoleError, GetRoleInput, GetRoleOutput, RoleLastUsed};
use mesh_router::Context;

pub(crate) async fn run(cx: &Context, input: GetRoleInput) -> Result<GetRoleOutput, GetRoleError> {
    let GetRoleInput { role_name } = input;
    let role = cx.read(&roles::key(cx), |roles, _| roles.existing(&role_name.unwrap_or_default()))??;
    let mut shown = show(cx, &role);
    shown.description = role.description.as_ref().map(ToString::to_string);
    shown.max_session_duration = i32::try_from(role.max_session_duration).ok();
    shown.permissions_boundary = show_boundary(&role);
    shown.tags = show_tags(&role.tags);
    shown.role_last_used = Some(RoleLastUsed::default());
    Ok(GetRoleOutput { role: Some(shown) })
}
