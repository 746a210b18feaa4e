//! CreateRole: makes a role.
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html>
//! Done: Path RoleName AssumeRolePolicyDocument MaxSessionDuration PermissionsBoundary
//! Stored: Description Tags
//! Refused: -
//! Deviates: that the principals of the trust policy exist is not checked

use super::{show, show_boundary, show_tags};
use crate::domain::Draft;
use crate::state::roles::{self, Tag};
use mesh_models::iam::{CreateRoleError, CreateRoleInput, CreateRoleOutput};
use mesh_router::Context;

pub(crate) async fn run(cx: &Context, input: CreateRoleInput) -> Result<CreateRoleOutput, CreateRoleError> {
    let CreateRoleInput {
        path,
        role_name,
        assume_role_policy_document,
        description,
        max_session_duration,
        permissions_boundary,
        tags,
    } = input;
    let tag = |tag: mesh_models::iam::Tag| Tag {
        key: tag.key.unwrap_or_default().into(),
        value: tag.value.unwrap_or_default().into(),
    };
    let draft = Draft {
        name: role_name.unwrap_or_default(),
        path,
        trust_policy: assume_role_policy_document.unwrap_or_default(),
        description,
        max_session_duration: max_session_duration.and_then(|seconds| u32::try_from(seconds).ok()),
        permissions_boundary,
        tags: tags.into_iter().flatten().map(tag).collect(),
    };
    draft.check::<CreateRoleError>()?;
    let role = cx.write(&roles::key(cx), |roles, tx| roles.create::<CreateRoleError>(&draft, tx))?;
    // Description and duration are not in this answer, but in GetRole's: recordings/iam.json.
    let mut shown = show(cx, &role);
    shown.permissions_boundary = show_boundary(&role);
    shown.tags = show_tags(&role.tags);
    Ok(CreateRoleOutput { role: Some(shown) })
}
