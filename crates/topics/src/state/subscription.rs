//! A subscription of a topic.

use crate::domain::{Protocol, SubscriptionAttributes};
use mesh_store::Row;
use mesh_types::{AccountId, Timestamp};
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// A subscription.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subscription {
    /// The bits of the UUID at the end of its ARN.
    pub id: u128,
    /// Its ARN.
    pub arn: SmolStr,
    /// In which form messages are sent.
    pub protocol: Protocol,
    /// Where to.
    pub endpoint: SmolStr,
    /// The account that subscribed.
    pub owner: AccountId,
    /// The region of the subscriber's directory that lists it is the topic's own; since when it exists.
    pub created_at: Timestamp,
    /// Whether its endpoint wants it.
    pub confirmation: Confirmation,
    /// What it is set to.
    pub attributes: SubscriptionAttributes,
    /// The address under which the subscriber reached this program, without a universe's prefix: the URLs in what is sent to
    /// him begin with it.
    pub door: SmolStr,
}

impl Row for Subscription {}

/// Whether the endpoint of a subscription wants it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Confirmation {
    /// It was asked.
    Pending {
        /// With this token.
        token: u128,
    },
    /// It does.
    Confirmed {
        /// Whether its owner said so, by a signed request or by subscribing a resource of its own.
        authenticated: bool,
        /// Whether only its owner may end it.
        owner_ends: bool,
    },
}

impl Subscription {
    /// Whether messages are sent.
    pub fn is_confirmed(&self) -> bool {
        matches!(self.confirmation, Confirmation::Confirmed { .. })
    }
}
