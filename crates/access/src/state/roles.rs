//! The roles of an account and their policies.

use crate::domain::global;
use mesh_router::Context;
use mesh_store::{Key, Row, Table, partition};
use mesh_types::{AccountId, Timestamp};
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use std::sync::Arc;

partition! {
    /// The roles of an account.
    pub struct Roles = 301 "roles" {
        /// By folded name.
        1 roles: Table<FoldedName, Role>,
        /// Inline policies by role and name.
        2 inline: Table<(FoldedName, SmolStr), InlinePolicy>,
        /// Managed policies by role and ARN.
        3 attached: Table<(FoldedName, SmolStr), Attachment>,
    }
}

/// A role's name in lower case: names that differ only in case are the same.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FoldedName(SmolStr);

impl FoldedName {
    /// The folded form of a name.
    pub fn of(name: &str) -> Self {
        Self(name.chars().map(|c| c.to_ascii_lowercase()).collect())
    }

    /// The folded name.
    pub fn text(&self) -> &SmolStr {
        &self.0
    }
}

/// A role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Role {
    /// Its name, as it was created.
    pub name: SmolStr,
    /// Its path: begins and ends with a slash.
    pub path: SmolStr,
    /// Its unique id: `AROA...`.
    pub id: SmolStr,
    /// When it was created.
    pub created_at: Timestamp,
    /// The trust policy, as it was sent.
    pub trust_policy: Arc<str>,
    /// What it is for.
    pub description: Option<SmolStr>,
    /// How long its sessions last at most, in seconds.
    pub max_session_duration: u32,
    /// The ARN of the policy that bounds its permissions.
    pub permissions_boundary: Option<SmolStr>,
    /// Its tags, as they were sent.
    pub tags: Vec<Tag>,
}

/// A tag of a role or of a session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tag {
    /// The key.
    pub key: SmolStr,
    /// The value.
    pub value: SmolStr,
}

/// A policy that is part of a role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InlinePolicy {
    /// The document, as it was sent.
    pub document: Arc<str>,
}

/// A managed policy is attached to a role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// Since when.
    pub attached_at: Timestamp,
}

impl Row for Role {}
impl Row for InlinePolicy {}
impl Row for Attachment {}

/// The roles of the account that the context names.
pub fn key(cx: &Context) -> Key<Roles> {
    key_of(cx, cx.account())
}

/// The roles of an account.
pub fn key_of(cx: &Context, account: AccountId) -> Key<Roles> {
    Key::new(account, global(cx.region()), "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_is_stored_in_this_form() {
        let role = Role {
            name: "n".into(),
            path: "/".into(),
            id: "AROA".into(),
            created_at: Timestamp::from_micros(1),
            trust_policy: "{}".into(),
            description: None,
            max_session_duration: 3_600,
            permissions_boundary: Some("b".into()),
            tags: vec![Tag { key: "k".into(), value: "".into() }],
        };
        let mut bytes = Vec::new();
        role.encode(&mut bytes).expect("it can be written");
        assert_eq!(bytes, b"\x01\x01n\x01/\x04AROA\x02\x02{}\x00\x90\x1c\x01\x01b\x01\x01k\x00");
        assert_eq!(Role::decode(&bytes).expect("it can be read"), role);
    }
}
