//! Subscribe: has the messages of a topic sent to an endpoint.
//! <https://docs.aws.amazon.com/sns/latest/api/API_Subscribe.html>
//! Done: TopicArn Protocol Endpoint Attributes ReturnSubscriptionArn
//! Stored: -
//! Refused: -
//! Deviates: -

use crate::domain::failure::InvalidParameter;
use crate::domain::{Endpoint, Subscriber, SubscriptionAttributes, TopicAddress};
use crate::state::directory::{self, Directory, Entry};
use mesh_models::sns::{SubscribeError, SubscribeInput, SubscribeOutput};
use mesh_router::Context;

/// What is answered in place of the ARN of a subscription that its endpoint has not confirmed.
const PENDING: &str = "pending confirmation";

pub(crate) async fn run(cx: &Context, input: SubscribeInput) -> Result<SubscribeOutput, SubscribeError> {
    let SubscribeInput { topic_arn, protocol, endpoint, attributes: wanted, return_subscription_arn } = input;
    let topic = TopicAddress::of_arn(cx, "TopicArn", &topic_arn.unwrap_or_default())?;
    let endpoint =
        Endpoint::parse(&protocol.unwrap_or_default(), &endpoint.unwrap_or_default(), topic.is_fifo())?;
    let mut attributes = SubscriptionAttributes::default();
    let wanted = wanted.unwrap_or_default();
    for (name, value) in &wanted {
        attributes.set_at_first(name, value, endpoint.protocol)?;
    }
    attributes.check_filter("Attributes Reason: ")?;
    if attributes.replay_policy.is_some() && !topic.is_fifo() {
        let reason = "ReplayPolicy: is only valid for subscriptions of FIFO topics";
        return Err(InvalidParameter::because("Attributes", reason).into());
    }
    let asked = wanted.into_keys().collect();
    let subscriber = Subscriber { endpoint, attributes, asked, owner: cx.account(), door: super::door(cx) };
    let subscribed = cx.write(&topic.key, |state, tx| {
        let subscribed = state.subscribe::<SubscribeError>(&topic, &subscriber, tx)?;
        if subscribed.is_new {
            let (entry, arn) = (Entry { created_at: tx.now() }, subscribed.arn.clone());
            tx.on(&directory::key_of(cx.account(), topic.key.region()), |directory: &mut Directory, _| {
                directory.subscriptions.insert(arn, entry)
            })?;
        }
        Ok::<_, SubscribeError>(subscribed)
    })?;
    let is_shown = !subscribed.is_pending || return_subscription_arn == Some(true);
    let arn = if is_shown { subscribed.arn.to_string() } else { PENDING.to_owned() };
    Ok(SubscribeOutput { subscription_arn: Some(arn) })
}
