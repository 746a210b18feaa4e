//! ListRolePolicies: lists the policies that are part of a role, by name.
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListRolePolicies.html>
//! Done: RoleName Marker MaxItems
//! Stored: -
//! Refused: -
//! Deviates: -

use crate::domain::Page;
use crate::state::roles;
use mesh_models::iam::{ListRolePoliciesError, ListRolePoliciesInput, ListRolePoliciesOutput};
use mesh_router::Context;

pub(crate) async fn run(
    cx: &Context,
    input: ListRolePoliciesInput,
) -> Result<ListRolePoliciesOutput, ListRolePoliciesError> {
    let ListRolePoliciesInput { role_name, marker, max_items } = input;
    let page = Page::parse(marker.as_deref(), max_items)?;
    let role = role_name.unwrap_or_default();
    let (names, marker) = cx.read(&roles::key(cx), |roles, _| {
        roles.existing(&role)?;
        let names = roles.inline_of(&role).map(|(name, _)| (name.clone(), name.to_string()));
        Ok::<_, ListRolePoliciesError>(page.cut(names))
    })??;
    Ok(ListRolePoliciesOutput { policy_names: Some(names), is_truncated: Some(marker.is_some()), marker })
}
