//! GetSubscriptionAttributes: tells what a subscription is set to.
//! <https://docs.aws.amazon.com/sns/latest/api/API_GetSubscriptionAttributes.html>
//! Done: SubscriptionArn
//! Stored: -
//! Refused: -
//! Deviates: SubscriptionPrincipal is the account, whoever of it subscribed

use crate::domain::{Protocol, SubscriptionAddress, delivery_policy};
use mesh_models::sns::{
    GetSubscriptionAttributesError, GetSubscriptionAttributesInput, GetSubscriptionAttributesOutput,
};
use mesh_router::Context;

pub(crate) async fn run(
    cx: &Context,
    input: GetSubscriptionAttributesInput,
) -> Result<GetSubscriptionAttributesOutput, GetSubscriptionAttributesError> {
    let GetSubscriptionAttributesInput { subscription_arn } = input;
    let address = SubscriptionAddress::of_arn(cx, &subscription_arn.unwrap_or_default())?;
    let topic = address.topic.arn();
    let attributes = cx.read(&address.topic.key, |state, _| {
        let (_, subscription) = state.subscription(address.id)?;
        let mut shown = subscription.attributes.shown();
        let authenticated = subscription.confirmed.is_some_and(|confirmed| confirmed.authenticated);
        let owner = subscription.owner;
        shown.extend(
            [
                ("ConfirmationWasAuthenticated", authenticated.to_string()),
                ("Endpoint", subscription.endpoint.to_string()),
                ("Owner", owner.to_string()),
                ("PendingConfirmation", subscription.confirmed.is_none().to_string()),
                ("Protocol", subscription.protocol.to_string()),
                ("SubscriptionArn", subscription.arn.to_string()),
                ("SubscriptionPrincipal", format!("arn:{}:iam::{owner}:root", topic.partition)),
                ("TopicArn", topic.to_string()),
            ]
            .map(|(name, value)| (name.to_owned(), value)),
        );
        if matches!(subscription.protocol, Protocol::Http | Protocol::Https) {
            let of_topic =
                state.settings.get().and_then(|settings| settings.attributes.get("DeliveryPolicy"));
            let own = subscription.attributes.delivery_policy.as_deref();
            let effective = delivery_policy::effective(of_topic, own).shown.to_string();
            shown.insert("EffectiveDeliveryPolicy".to_owned(), effective);
        }
        Ok::<_, GetSubscriptionAttributesError>(shown)
    })??;
    Ok(GetSubscriptionAttributesOutput { attributes: Some(attributes) })
}
