//! Issuing temporary credentials, and finding whose they are.

use super::failure::{ExpiredToken, InvalidToken};
use super::{secret_access_key, session_token};
use crate::limits::EXPIRED_IS_KNOWN_FOR;
use crate::state::sessions::{AssumedRole, Numbering, Session, Sessions};
use mesh_router::NoSecret;
use mesh_store::Tx;
use mesh_types::{AccountId, IssuedKey, Timestamp, UniverseHandle};
use smol_str::{SmolStr, ToSmolStr};
use std::sync::Arc;
use std::time::Duration;

/// Credentials that are to be issued.
#[derive(Debug, Clone)]
pub struct Issue {
    /// In which account.
    pub account: AccountId,
    /// In which universe.
    pub universe: UniverseHandle,
    /// When they were asked for, in real time.
    pub now: Timestamp,
    /// How long they last.
    pub lifetime: Duration,
    /// The role that they are of; the root user's where there is none.
    pub role: Option<Arc<AssumedRole>>,
}

/// Credentials that were issued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issued {
    /// The access key id.
    pub access_key_id: SmolStr,
    /// The secret.
    pub secret_access_key: SmolStr,
    /// The token.
    pub session_token: String,
    /// When they end, in real time: whole seconds.
    pub expires_at: Timestamp,
}

impl From<InvalidToken> for NoSecret {
    fn from(_: InvalidToken) -> Self {
        Self::Unknown
    }
}

impl From<ExpiredToken> for NoSecret {
    fn from(_: ExpiredToken) -> Self {
        Self::Expired
    }
}

impl Sessions {
    /// Issues credentials. When all numbers of the account are given out, the oldest session gives up its own.
    pub fn issue(&mut self, issue: &Issue, tx: &mut Tx<'_>) -> Issued {
        self.forget(issue.now);
        let serial = self.numbering.get().map_or(0, |numbering| numbering.next) % IssuedKey::SERIALS;
        self.numbering.set(Numbering { next: (serial + 1) % IssuedKey::SERIALS });
        let key = IssuedKey { account: issue.account, universe: issue.universe, serial };
        let issued = Issued {
            access_key_id: key.to_smolstr(),
            secret_access_key: secret_access_key(tx),
            session_token: session_token(tx),
            expires_at: Timestamp::from_secs((issue.now + issue.lifetime).as_secs()),
        };
        let session = Session {
            access_key_id: issued.access_key_id.clone(),
            secret_access_key: issued.secret_access_key.clone(),
            issued_at: issue.now,
            expires_at: issued.expires_at,
            role: issue.role.clone(),
        };
        self.sessions.insert(serial, session);
        issued
    }

    /// The session of an access key id.
    ///
    /// # Errors
    /// No such id was issued here, or its session has ended at `now`, which is real time.
    pub fn of_key<E: From<InvalidToken> + From<ExpiredToken>>(
        &self,
        id: &str,
        key: IssuedKey,
        now: Timestamp,
    ) -> Result<Arc<Session>, E> {
        let session = self.sessions.get_shared(&key.serial).filter(|session| session.access_key_id == id);
        let session = session.ok_or(InvalidToken)?;
        match session.expires_at <= now {
            true => Err(ExpiredToken.into()),
            false => Ok(session),
        }
    }

    /// Drops sessions that ended long ago.
    fn forget(&mut self, now: Timestamp) {
        while let Some(((at, serial), _)) = self.sessions.by().by_expiry.first() {
            let (at, serial) = (*at, *serial);
            if at + EXPIRED_IS_KNOWN_FOR >= now {
                return;
            }
            self.sessions.remove(&serial);
        }
    }
}
