//! ListRoles: lists the roles of the account, by name.
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListRoles.html>
//! Done: PathPrefix Marker MaxItems
//! Stored: -
//! Refused: -
//! Deviates: -

use super::show;
use crate::domain::Page;
use crate::state::roles;
use mesh_models::iam::{ListRolesError, ListRolesInput, ListRolesOutput};
use mesh_router::Context;

pub(crate) async fn run(cx: &Context, input: ListRolesInput) -> Result<ListRolesOutput, ListRolesError> {
    let ListRolesInput { path_prefix, marker, max_items } = input;
    let page = Page::parse(marker.as_deref(), max_items)?;
    let prefix = path_prefix.unwrap_or_default();
    let roles = cx.read(&roles::key(cx), |roles, _| roles.roles.snapshot())?;
    let wanted = roles.iter().filter(|(_, role)| role.path.starts_with(prefix.as_str()));
    let (roles, marker) = page.cut(wanted.map(|(name, role)| {
        let mut shown = show(cx, role);
        shown.description = role.description.as_ref().map(ToString::to_string);
        shown.max_session_duration = i32::try_from(role.max_session_duration).ok();
        (name.text().clone(), shown)
    }));
    Ok(ListRolesOutput { roles: Some(roles), is_truncated: Some(marker.is_some()), marker })
}
