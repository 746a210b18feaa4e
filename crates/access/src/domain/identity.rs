//! Who calls.

use super::failure::{ExpiredToken, InvalidToken};
use crate::state::sessions::{self, AssumedRole};
use mesh_router::{Caller, Context};
use mesh_types::{AccountId, IssuedKey, Need};
use std::sync::Arc;

/// Who calls, as IAM knows him.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Identity {
    /// The root user of an account, by a plain access key or without one.
    Root(AccountId),
    /// The root user, with temporary credentials.
    RootSession(AccountId),
    /// A role, with temporary credentials.
    Role(AccountId, Arc<AssumedRole>),
    /// A service of AWS.
    Service(AccountId),
}

impl Identity {
    /// Who has sent the request.
    ///
    /// # Errors
    /// Temporary credentials that were not issued here, or that have ended.
    pub fn of<E: From<InvalidToken> + From<ExpiredToken> + From<Need>>(cx: &Context) -> Result<Self, E> {
        let id = match cx.caller() {
            Caller::Service { .. } => return Ok(Self::Service(cx.account())),
            Caller::Anonymous => return Ok(Self::Root(cx.account())),
            Caller::AccessKey(id) => id,
        };
        let Some(key) = IssuedKey::parse(id) else { return Ok(Self::Root(cx.account())) };
        let sessions = sessions::key_of(cx, key.account);
        let session = cx.read(&sessions, |sessions, _| sessions.of_key::<E>(id, key, cx.arrived_at()))??;
        Ok(match &session.role {
            Some(role) => Self::Role(key.account, Arc::clone(role)),
            None => Self::RootSession(key.account),
        })
    }

    /// His account.
    pub fn account(&self) -> AccountId {
        match self {
            Self::Root(account)
            | Self::RootSession(account)
            | Self::Role(account, _)
            | Self::Service(account) => *account,
        }
    }

    /// His unique id.
    pub fn user_id(&self) -> String {
        match self {
            Self::Role(_, role) => role.user_id(),
            _ => self.account().to_string(),
        }
    }

    /// His ARN.
    pub fn arn(&self, partition: &str) -> String {
        match self {
            Self::Role(account, role) => role.arn(partition, *account),
            _ => format!("arn:{partition}:iam::{}:root", self.account()),
        }
    }

    /// The role whose credentials he uses.
    pub fn role(&self) -> Option<&AssumedRole> {
        match self {
            Self::Role(_, role) => Some(role),
            _ => None,
        }
    }
}

impl AssumedRole {
    /// The unique id of the role's user.
    pub fn user_id(&self) -> String {
        format!("{}:{}", self.role_id, self.session_name)
    }

    /// The ARN of the role's user. It does not have the role's path.
    pub fn arn(&self, partition: &str, account: AccountId) -> String {
        format!("arn:{partition}:sts::{account}:assumed-role/{}/{}", self.role_name, self.session_name)
    }
}
