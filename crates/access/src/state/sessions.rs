//! The temporary credentials that were issued in an account.

use super::roles::Tag;
use crate::domain::global;
use mesh_router::Context;
use mesh_store::{Key, Row, Single, Table, indexes, partition};
use mesh_types::{AccountId, Timestamp};
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use std::sync::Arc;

partition! {
    /// The temporary credentials of an account.
    pub struct Sessions = 302 "sessions" {
        /// By the number that the access key id carries.
        1 sessions: Table<u16, Session, SessionIndexes>,
        /// Which number comes next.
        2 numbering: Single<Numbering>,
    }
}

indexes! {
    /// Sessions by what operations ask.
    pub struct SessionIndexes of Table<u16, Session> {
        /// When they end.
        by_expiry: (Timestamp, u16) = |serial, session| Some((session.expires_at, *serial)),
    }
}

/// Temporary credentials.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Their access key id.
    pub access_key_id: SmolStr,
    /// Their secret.
    pub secret_access_key: SmolStr,
    /// When they were issued, in real time.
    pub issued_at: Timestamp,
    /// When they end, in real time.
    pub expires_at: Timestamp,
    /// The role that they are of; the root user's where there is none.
    pub role: Option<Arc<AssumedRole>>,
}

/// A role as it was assumed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssumedRole {
    /// The role's name.
    pub role_name: SmolStr,
    /// The role's unique id.
    pub role_id: SmolStr,
    /// The name of the session.
    pub session_name: SmolStr,
    /// Who assumes roles, as he called himself at first.
    pub source_identity: Option<SmolStr>,
    /// What was sent along and is kept.
    pub terms: Terms,
}

/// What narrows and describes a session. Kept, not acted upon.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// The session policy.
    pub policy: Option<Arc<str>>,
    /// Managed session policies.
    pub policy_arns: Vec<SmolStr>,
    /// Session tags.
    pub tags: Vec<Tag>,
    /// Keys of the tags that stay when roles are chained.
    pub transitive_tag_keys: Vec<SmolStr>,
    /// What a trust policy may ask for.
    pub external_id: Option<SmolStr>,
    /// Provider and assertion of each trusted context.
    pub contexts: Vec<(SmolStr, SmolStr)>,
}

/// Where the numbering stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Numbering {
    /// The next number.
    pub next: u16,
}

impl Row for Session {}
impl Row for Numbering {}

/// The sessions of an account.
pub fn key_of(cx: &Context, account: AccountId) -> Key<Sessions> {
    Key::new(account, global(cx.region()), "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_is_stored_in_this_form() {
        let role = AssumedRole {
            role_name: "r".into(),
            role_id: "AROA".into(),
            session_name: "s".into(),
            source_identity: None,
            terms: Terms { transitive_tag_keys: vec!["t".into()], ..Terms::default() },
        };
        let session = Session {
            access_key_id: "ASIA".into(),
            secret_access_key: "x".into(),
            issued_at: Timestamp::from_micros(1),
            expires_at: Timestamp::from_micros(2),
            role: Some(Arc::new(role)),
        };
        let mut bytes = Vec::new();
        session.encode(&mut bytes).expect("it can be written");
        assert_eq!(
            bytes,
            b"\x01\x04ASIA\x01x\x02\x04\x01\x01r\x04AROA\x01s\x00\x00\x00\x00\x01\x01t\x00\x00"
        );
        assert_eq!(Session::decode(&bytes).expect("it can be read"), session);
    }
}
