//! What left for telephones, mailboxes and apps: nothing of it leaves, so it is kept to be looked at.

use super::notification::Notification;
use mesh_store::{Key, Row, Table, partition};
use mesh_types::{AccountId, Region};
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// How much is kept for an account in a Region: the newest.
pub const KEPT: usize = 1_000;

partition! {
    /// What an account has sent to people in a Region.
    pub struct Sent = 705 "messages to people" {
        /// In its order.
        1 messages: Table<u64, SentMessage>,
    }
}

/// A message that was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SentMessage {
    /// Over which protocol: `sms`, `email`, `email-json`, `application`.
    pub protocol: SmolStr,
    /// To whom: a number, an address, the ARN of an endpoint.
    pub to: SmolStr,
    /// For which subscription, where it was one.
    pub subscription: Option<SmolStr>,
    /// What.
    pub notification: Notification,
    /// As it arrived there: the message of the protocol or the platform, or the JSON of an e-mail.
    pub body: String,
}

impl Row for SentMessage {}

impl Sent {
    /// Keeps a message; the oldest goes for it.
    pub fn keep(&mut self, message: SentMessage) {
        let next = self.messages.last().map_or(0, |(last, _)| last + 1);
        self.messages.insert(next, message);
        while self.messages.len() > KEPT {
            let Some((&oldest, _)) = self.messages.first() else { break };
            self.messages.remove(&oldest);
        }
    }
}

/// What an account has sent in a Region.
pub fn key_of(account: AccountId, region: &Region) -> Key<Sent> {
    Key::new(account, region.clone(), "")
}
