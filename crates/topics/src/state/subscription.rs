//! A subscription of a topic.

use crate::domain::{Protocol, SubscriptionAttributes};
use mesh_store::Row;
use mesh_types::{AccountId, Timestamp};
use serde::{Deserialize, Serialize};
use smol_str::{SmolStr, format_smolstr};

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
    /// Since when it exists.
    pub created_at: Timestamp,
    /// What its endpoint was asked with, where it was.
    pub token: Option<u128>,
    /// That its endpoint wants it. Until then nothing is sent.
    pub confirmed: Option<Confirmed>,
    /// What it is set to.
    pub attributes: SubscriptionAttributes,
    /// The address under which the subscriber reached this program, without a universe's prefix: the URLs in what is sent to
    /// him begin with it.
    pub door: SmolStr,
}

impl Row for Subscription {}

impl Subscription {
    /// Where it goes, for people.
    pub fn label(&self) -> SmolStr {
        format_smolstr!("{} {}", self.protocol, self.endpoint)
    }

    /// Its topic's ARN.
    pub fn topic_arn(&self) -> &str {
        self.arn.rsplit_once(':').map_or("", |(topic, _)| topic)
    }
}

/// How the endpoint of a subscription said that it wants it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confirmed {
    /// Whether in a signed request, or by the owner's subscribing a resource.
    pub authenticated: bool,
    /// Whether only a signed request may end it.
    pub ends_authenticated: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subscription_is_stored_in_this_form() {
        let attributes = SubscriptionAttributes {
            is_raw: true,
            filter_policy: Some("f".into()),
            dead_letter_queue: Some("q".into()),
            ..SubscriptionAttributes::default()
        };
        let subscription = Subscription {
            id: 5,
            arn: "a".into(),
            protocol: Protocol::Http,
            endpoint: "e".into(),
            owner: AccountId::DEFAULT,
            created_at: Timestamp::from_micros(3),
            token: Some(9),
            confirmed: Some(Confirmed { authenticated: true, ends_authenticated: false }),
            attributes,
            door: "d".into(),
        };
        let mut bytes = Vec::new();
        subscription.encode(&mut bytes).expect("it can be written");
        let attributes = [1, 1, 1, b'f', 0, 1, 1, b'q', 0, 0, 0];
        let frozen = [
            &[1, 5, 1, b'a', 2, 1, b'e', 12][..],
            b"000000000000",
            &[6, 1, 9, 1, 1, 0],
            &attributes,
            &[1, b'd'],
        ];
        assert_eq!(bytes, frozen.concat());
        assert_eq!(Subscription::decode(&bytes).expect("it can be read"), subscription);
    }
}
