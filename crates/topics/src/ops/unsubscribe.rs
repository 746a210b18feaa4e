//! Unsubscribe: ends a subscription.
//! <https://docs.aws.amazon.com/sns/latest/api/API_Unsubscribe.html>
//! Done: SubscriptionArn
//! Stored: -
//! Refused: -
//! Deviates: -

use crate::domain::SubscriptionAddress;
use crate::state::directory::{self, Directory};
use mesh_models::sns::{UnsubscribeError, UnsubscribeInput, UnsubscribeOutput};
use mesh_router::{Caller, Context};

pub(crate) async fn run(
    cx: &Context,
    input: UnsubscribeInput,
) -> Result<UnsubscribeOutput, UnsubscribeError> {
    let UnsubscribeInput { subscription_arn } = input;
    let subscription = SubscriptionAddress::of_arn(cx, &subscription_arn.unwrap_or_default())?;
    let (topic, id) = (&subscription.topic, subscription.id);
    let is_signed = *cx.caller() != Caller::Anonymous;
    cx.write(&topic.key, |state, tx| {
        if let Some(owner) = state.unsubscribe::<UnsubscribeError>(topic, id, is_signed, tx)? {
            let arn = smol_str::SmolStr::new(topic.subscription_arn(id));
            tx.on(&directory::key_of(owner, topic.key.region()), |directory: &mut Directory, _| {
                directory.subscriptions.remove(&arn)
            })?;
        }
        Ok::<_, UnsubscribeError>(())
    })?;
    Ok(UnsubscribeOutput {})
}
