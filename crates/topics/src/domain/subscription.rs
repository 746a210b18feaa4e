//! What subscribers do: they subscribe, confirm and unsubscribe.

use super::failure::{InvalidParameter, NoSuchSubscription, NoSuchTopic};
use super::{Endpoint, SubscriptionAttributes, TopicAddress};
use crate::limits::CONFIRMATION_TIME;
use crate::state::subscription::{Confirmed, Subscription};
use crate::state::topic::TopicState;
use mesh_store::Tx;
use mesh_types::{AccountId, RequestId};
use smol_str::SmolStr;

/// Who subscribes, and what to.
#[derive(Debug, Clone)]
pub struct Subscriber {
    /// Where messages go.
    pub endpoint: Endpoint,
    /// What the subscription is set to.
    pub attributes: SubscriptionAttributes,
    /// Which of its attributes were asked for: one that was not may have any value where the subscription is there already.
    pub asked: Vec<String>,
    /// The account.
    pub owner: AccountId,
    /// The address under which the subscriber reached this program.
    pub door: SmolStr,
}

/// A subscription is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscribed {
    /// Its ARN.
    pub arn: SmolStr,
    /// Whether it was not before.
    pub is_new: bool,
    /// Whether its endpoint was asked and has not answered.
    pub is_pending: bool,
}

impl TopicState {
    /// Subscribes an endpoint; finds the subscription that it has.
    ///
    /// # Errors
    /// There is no such topic; the endpoint has a subscription with other attributes.
    pub fn subscribe<E>(
        &mut self,
        topic: &TopicAddress,
        subscriber: &Subscriber,
        tx: &mut Tx<'_>,
    ) -> Result<Subscribed, E>
    where
        E: From<NoSuchTopic> + From<InvalidParameter>,
    {
        self.existing()?;
        let Subscriber { endpoint, attributes, asked, owner, door } = subscriber;
        let place = (endpoint.protocol, endpoint.text.clone());
        let found = self.subscriptions.by().by_endpoint.get(&place);
        if let Some(found) = found.and_then(|key| self.subscriptions.get(key)) {
            let (has, wants) = (found.attributes.shown(), attributes.shown());
            if asked.iter().any(|name| has.get(name) != wants.get(name)) {
                let reason = "Subscription already exists with different attributes";
                return Err(InvalidParameter::because("Attributes", reason).into());
            }
            let (arn, is_pending) = (found.arn.clone(), found.confirmed.is_none());
            return Ok(Subscribed { arn, is_new: false, is_pending });
        }
        let id = RequestId::from_random(tx.draw().next_u128()).bits();
        let arn = SmolStr::new(topic.subscription_arn(id));
        let is_asked = endpoint.protocol.asks();
        let token = is_asked.then(|| tx.draw().next_u128());
        let confirmed = (!is_asked).then_some(Confirmed { authenticated: true, ends_authenticated: false });
        let subscription = Subscription {
            id,
            arn: arn.clone(),
            protocol: endpoint.protocol,
            endpoint: endpoint.text.clone(),
            owner: *owner,
            created_at: tx.now(),
            token,
            confirmed,
            attributes: attributes.clone(),
            door: door.clone(),
        };
        let next = self.subscriptions.last().map_or(0, |(last, _)| last + 1);
        self.subscriptions.insert(next, subscription);
        Ok(Subscribed { arn, is_new: true, is_pending: is_asked })
    }

    /// Confirms the subscription whose endpoint was asked with this token, and answers its ARN. One that is confirmed stays as
    /// it is.
    ///
    /// # Errors
    /// There is no such topic; the token was never given, or too long ago.
    pub fn confirm<E>(&mut self, token: Option<u128>, confirmed: Confirmed, tx: &Tx<'_>) -> Result<SmolStr, E>
    where
        E: From<NoSuchTopic> + From<InvalidParameter>,
    {
        self.existing()?;
        let key = token.and_then(|token| self.subscriptions.by().by_token.get(&token).copied());
        let found = key.and_then(|key| Some((key, self.subscriptions.get(&key)?.clone())));
        let is_late = |it: &Subscription| it.created_at + CONFIRMATION_TIME < tx.now();
        let Some((key, mut subscription)) = found else { return Err(InvalidParameter::of("Token").into()) };
        if subscription.confirmed.is_none() {
            if is_late(&subscription) {
                return Err(InvalidParameter::of("Token").into());
            }
            subscription.confirmed = Some(confirmed);
            self.subscriptions.insert(key, subscription.clone());
        }
        Ok(subscription.arn)
    }

    /// A subscription by its id.
    ///
    /// # Errors
    /// There is no such subscription.
    pub fn subscription(&self, id: u128) -> Result<(u64, &Subscription), NoSuchSubscription> {
        let key = self.subscriptions.by().by_id.get(&id).copied().ok_or(NoSuchSubscription)?;
        Ok((key, self.subscriptions.get(&key).ok_or(NoSuchSubscription)?))
    }

    /// Ends a subscription. Nothing happens where there is none.
    pub fn unsubscribe(&mut self, id: u128) -> Option<AccountId> {
        let (key, subscription) = self.subscription(id).ok()?;
        let owner = subscription.owner;
        self.subscriptions.remove(&key);
        let counted = self.change::<NoSuchTopic>(|settings| {
            settings.deleted_subscriptions += 1;
            Ok(())
        });
        debug_assert!(counted.is_ok(), "a topic with subscriptions exists");
        Some(owner)
    }

    /// Changes a subscription's attributes.
    ///
    /// # Errors
    /// There is no such subscription; what `change` refuses.
    pub fn change_subscription<E: From<NoSuchSubscription>>(
        &mut self,
        id: u128,
        change: impl FnOnce(&mut Subscription) -> Result<(), E>,
    ) -> Result<(), E> {
        let (key, subscription) = self.subscription(id)?;
        let mut subscription = subscription.clone();
        change(&mut subscription)?;
        self.subscriptions.insert(key, subscription);
        Ok(())
    }
}
