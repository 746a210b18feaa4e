//! The operations of IAM.

pub mod attach_role_policy;
pub mod create_role;
pub mod delete_role;
pub mod delete_role_policy;
pub mod detach_role_policy;
pub mod get_role;
pub mod get_role_policy;
pub mod list_attached_role_policies;
pub mod list_role_policies;
pub mod list_roles;
pub mod put_role_policy;

use super::date;
use crate::domain::role_arn;
use crate::state::roles::{Role, Tag};
use mesh_models::iam;
use mesh_router::Context;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What is encoded in a policy document: all but RFC 3986's unreserved characters.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A policy document as it is answered.
fn encode(document: &str) -> String {
    utf8_percent_encode(document, RESERVED).to_string()
}

/// What every operation that shows a role shows of it.
fn show(cx: &Context, role: &Role) -> iam::Role {
    iam::Role {
        path: Some(role.path.to_string()),
        role_name: Some(role.name.to_string()),
        role_id: Some(role.id.to_string()),
        arn: Some(role_arn(cx.region().arn_partition(), cx.account(), role)),
        create_date: Some(date(role.created_at)),
        assume_role_policy_document: Some(encode(&role.trust_policy)),
        ..iam::Role::default()
    }
}

/// Tags as they are answered, where there are any.
fn show_tags(tags: &[Tag]) -> Option<Vec<iam::Tag>> {
    let shown = tags
        .iter()
        .map(|tag| iam::Tag { key: Some(tag.key.to_string()), value: Some(tag.value.to_string()) });
    (!tags.is_empty()).then(|| shown.collect())
}

/// The boundary of a role as it is answered.
fn show_boundary(role: &Role) -> Option<iam::AttachedPermissionsBoundary> {
    role.permissions_boundary.as_ref().map(|arn| iam::AttachedPermissionsBoundary {
        permissions_boundary_type: Some("Policy".to_owned()),
        permissions_boundary_arn: Some(arn.to_string()),
    })
}
