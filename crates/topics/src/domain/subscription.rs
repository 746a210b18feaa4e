//! What subscribers do: they subscribe, confirm and unsubscribe.

use super::failure::{InvalidParameter, NoSuchSubscription, NoSuchTopic, NotSigned};
use super::publish::{Place, ask};
use super::{Endpoint, SubscriptionAddress, SubscriptionAttributes, TopicAddress};
use crate::limits::CONFIRMATION_TIME;
use crate::state::notification::Kind;
use crate::state::subscription::{Confirmed, Subscription};
use crate::state::topic::{Ended, TopicState};
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
            // Who subscribes again before he has confirmed is asked again.
            if is_pending {
                ask(Kind::Confirmation, found, Place::of(topic), tx);
            }
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
        if is_asked {
            ask(Kind::Confirmation, &subscription, Place::of(topic), tx);
        }
        let key = self.add(subscription);
        if let Some(policy) = attributes.replay() {
            self.replay(key, &policy, Place::of(topic), tx);
        }
        Ok(Subscribed { arn, is_new: true, is_pending: is_asked })
    }

    /// Confirms the subscription whose endpoint was asked with this token, and answers its ARN and whose it is. One that is confirmed stays as
    /// it is.
    ///
    /// # Errors
    /// There is no such topic; the token was never given, or too long ago.
    pub fn confirm<E>(
        &mut self,
        token: Option<u128>,
        confirmed: Confirmed,
        tx: &Tx<'_>,
    ) -> Result<(SmolStr, AccountId), E>
    where
        E: From<NoSuchTopic> + From<InvalidParameter>,
    {
        self.existing()?;
        let key = if let Some(ended) = token.and_then(|token| self.ended.remove(&token)) {
            if ended.at + CONFIRMATION_TIME < tx.now() {
                return Err(InvalidParameter::of("Token").into());
            }
            let subscription = ended.subscription.clone();
            let place = (subscription.protocol, subscription.endpoint.clone());
            // Where the endpoint has been subscribed anew, that is what it wants: it has one subscription.
            let Some(&renewed) = self.subscriptions.by().by_endpoint.get(&place) else {
                let confirmed = (subscription.arn.clone(), subscription.owner);
                self.add(subscription);
                return Ok(confirmed);
            };
            Some(renewed)
        } else {
            token.and_then(|token| self.subscriptions.by().by_token.get(&token).copied())
        };
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
        Ok((subscription.arn, subscription.owner))
    }

    /// A subscription by its id.
    ///
    /// # Errors
    /// There is no such subscription.
    pub fn subscription(&self, id: u128) -> Result<(u64, &Subscription), NoSuchSubscription> {
        let key = self.subscriptions.by().by_id.get(&id).copied().ok_or(NoSuchSubscription)?;
        Ok((key, self.subscriptions.get(&key).ok_or(NoSuchSubscription)?))
    }

    fn add(&mut self, subscription: Subscription) -> u64 {
        let next = self.subscriptions.last().map_or(0, |(last, _)| last + 1);
        self.subscriptions.insert(next, subscription);
        next
    }

    /// Ends a subscription, and answers whose it was. Nothing happens where there is none. An endpoint that was asked before
    /// it was sent anything is told where someone who did not sign ends it.
    ///
    /// # Errors
    /// Only a signed request may end it.
    pub fn unsubscribe<E: From<NotSigned>>(
        &mut self,
        topic: &TopicAddress,
        id: u128,
        is_signed: bool,
        tx: &mut Tx<'_>,
    ) -> Result<Option<AccountId>, E> {
        let Ok((key, subscription)) = self.subscription(id) else { return Ok(None) };
        let subscription = subscription.clone();
        let confirmed = subscription.confirmed;
        if !is_signed && confirmed.is_some_and(|confirmed| confirmed.ends_authenticated) {
            return Err(NotSigned.into());
        }
        self.subscriptions.remove(&key);
        if let Some(settings) = self.settings.get() {
            let mut settings = settings.clone();
            settings.deleted_subscriptions += 1;
            self.settings.set(settings);
        }
        let owner = subscription.owner;
        if let Some(token) = subscription.token.filter(|_| !is_signed && confirmed.is_some()) {
            let late: Vec<u128> = self
                .ended
                .range(..)
                .filter(|(_, ended)| ended.at + CONFIRMATION_TIME < tx.now())
                .map(|(token, _)| *token)
                .collect();
            late.iter().for_each(|token| drop(self.ended.remove(token)));
            ask(Kind::Farewell, &subscription, Place::of(topic), tx);
            self.ended.insert(token, Ended { at: tx.now(), subscription });
        }
        Ok(Some(owner))
    }

    /// Sets an attribute of a subscription, and has messages sent again where that is what it is about.
    ///
    /// # Errors
    /// There is no such subscription; there is no such attribute; a value that it cannot have.
    pub fn set_subscription_attribute<E>(
        &mut self,
        address: &SubscriptionAddress,
        (name, value): (&str, &str),
        tx: &mut Tx<'_>,
    ) -> Result<(), E>
    where
        E: From<NoSuchSubscription> + From<InvalidParameter>,
    {
        let (key, subscription) = self.subscription(address.id)?;
        let mut subscription = subscription.clone();
        if name == "ReplayPolicy" && !address.topic.is_fifo() {
            return Err(
                InvalidParameter::of("ReplayPolicy: is only valid for subscriptions of FIFO topics").into()
            );
        }
        subscription.attributes.set(name, value, subscription.protocol)?;
        if name.starts_with("FilterPolicy") {
            subscription.attributes.check_filter("")?;
        }
        let replay = subscription.attributes.replay().filter(|_| name == "ReplayPolicy");
        self.subscriptions.insert(key, subscription);
        if let Some(policy) = replay {
            self.replay(key, &policy, Place::of(&address.topic), tx);
        }
        Ok(())
    }
}
