//! ListAttachedRolePolicies: lists the managed policies that are attached to a role, by ARN.
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListAttachedRolePolicies.html>
//! Done: RoleName PathPrefix Marker MaxItems
//! Stored: -
//! Refused: -
//! Deviates: -

use crate::domain::{Page, PolicyArn};
use crate::state::roles;
use mesh_models::iam::{
    AttachedPolicy, ListAttachedRolePoliciesError, ListAttachedRolePoliciesInput,
    ListAttachedRolePoliciesOutput,
};
use mesh_router::Context;

pub(crate) async fn run(
    cx: &Context,
    input: ListAttachedRolePoliciesInput,
) -> Result<ListAttachedRolePoliciesOutput, ListAttachedRolePoliciesError> {
    let ListAttachedRolePoliciesInput { role_name, path_prefix, marker, max_items } = input;
    let page = Page::parse(marker.as_deref(), max_items)?;
    let (role, prefix) = (role_name.unwrap_or_default(), path_prefix.unwrap_or_default());
    let (policies, marker) = cx.read(&roles::key(cx), |roles, _| {
        roles.existing(&role)?;
        let arns = roles.attached_to(&role).map(|arn| PolicyArn::parse::<ListAttachedRolePoliciesError>(arn));
        let wanted = arns.filter_map(Result::ok).filter(|arn| arn.path().starts_with(&prefix));
        Ok::<_, ListAttachedRolePoliciesError>(page.cut(wanted.map(|arn| {
            let (policy_name, policy_arn) = (Some(arn.name().to_owned()), Some(arn.text.to_string()));
            (arn.text, AttachedPolicy { policy_name, policy_arn })
        })))
    })??;
    Ok(ListAttachedRolePoliciesOutput {
        attached_policies: Some(policies),
        is_truncated: Some(marker.is_some()),
        marker,
    })
}
