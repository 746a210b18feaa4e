//! What is kept beside the subscriptions of a topic, as a function of them: what publishing asks is made ready once.

use super::subscription::Subscription;
use crate::domain::{Candidate, Filter, Protocol};
use mesh_router::Outcome;
use mesh_store::imbl::OrdMap;
use mesh_store::{Index, Indexes};
use smol_str::SmolStr;
use std::sync::Arc;

/// Subscriptions by what operations ask.
#[derive(Debug, Default, Clone)]
pub struct SubscriptionIndexes {
    /// By their ids.
    pub by_id: Index<u128, u64>,
    /// By the token with which their endpoints were asked.
    pub by_token: Index<u128, u64>,
    /// By where they go.
    pub by_endpoint: Index<(Protocol, SmolStr), u64>,
    /// Those that are confirmed.
    pub recipients: OrdMap<u64, Arc<Recipient>>,
}

/// A confirmed subscription as publishing sees it.
#[derive(Debug)]
pub struct Recipient {
    /// The subscription's ARN.
    pub arn: SmolStr,
    /// Where it goes, for people.
    pub to: SmolStr,
    /// Over which protocol.
    pub protocol: Protocol,
    /// Which messages it wants, where not all.
    pub filter: Option<Filter>,
}

impl Recipient {
    /// Whether it wants a message.
    ///
    /// # Errors
    /// That its policy holds the message back.
    pub fn check(&self, message: &mut Candidate<'_>) -> Result<(), Outcome> {
        self.filter.as_ref().map_or(Ok(()), |filter| filter.check(message, self.protocol))
    }

    fn of(subscription: &Subscription) -> Option<Arc<Self>> {
        subscription.confirmed?;
        // A policy was read before it was stored.
        let filter = Filter::of(&subscription.attributes).ok().flatten();
        let (arn, protocol) = (subscription.arn.clone(), subscription.protocol);
        Some(Arc::new(Self { arn, to: subscription.label(), protocol, filter }))
    }
}

impl Indexes<u64, Subscription> for SubscriptionIndexes {
    fn follow(&mut self, key: &u64, former: Option<&Subscription>, current: Option<&Subscription>) {
        let id = |row: Option<&Subscription>| row.map(|row| row.id);
        self.by_id.follow(key, id(former), id(current));
        let token = |row: Option<&Subscription>| row.and_then(|row| row.token);
        self.by_token.follow(key, token(former), token(current));
        let endpoint = |row: Option<&Subscription>| row.map(|row| (row.protocol, row.endpoint.clone()));
        self.by_endpoint.follow(key, endpoint(former), endpoint(current));
        match current.and_then(Recipient::of) {
            Some(recipient) => self.recipients.insert(*key, recipient),
            None => self.recipients.remove(key),
        };
    }
}
