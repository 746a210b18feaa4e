//! What subscribers do: they subscribe, confirm and unsubscribe.

use super::failure::{InvalidParameter, NoSuchSubscription, NoSuchTopic};
use super::{Endpoint, SubscriptionAttributes, TopicAddress};
use crate::state::subscription::{Confirmation, Subscription};
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
        let Subscriber { endpoint, attributes, owner, door } = subscriber;
        let place = (endpoint.protocol, endpoint.text.clone());
        let found = self.subscriptions.by().by_endpoint.get(&place);
        if let Some(found) = found.and_then(|key| self.subscriptions.get(key)) {
            if found.attributes != *attributes {
                let reason = "Subscription already exists with different attributes";
                return Err(InvalidParameter::because("Attributes", reason).into());
            }
            let (arn, is_pending) = (found.arn.clone(), !found.is_confirmed());
            return Ok(Subscribed { arn, is_new: false, is_pending });
        }
        let id = RequestId::from_random(tx.draw().next_u128()).bits();
        let arn = SmolStr::new(topic.subscription_arn(id));
        let confirmation = match endpoint.protocol.asks() {
            true => Confirmation::Pending { token: tx.draw().next_u128() },
            false => Confirmation::Confirmed { authenticated: true, owner_ends: false },
        };
        let subscription = Subscription {
            id,
            arn: arn.clone(),
            protocol: endpoint.protocol,
            endpoint: endpoint.text.clone(),
            owner: *owner,
            created_at: tx.now(),
            confirmation,
            attributes: attributes.clone(),
            door: door.clone(),
        };
        let next = self.subscriptions.last().map_or(0, |(last, _)| last + 1);
        self.subscriptions.insert(next, subscription);
        Ok(Subscribed { arn, is_new: true, is_pending: endpoint.protocol.asks() })
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
