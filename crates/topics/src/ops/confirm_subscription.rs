//! ConfirmSubscription: tells that an endpoint wants the messages it was asked about.
//! <https://docs.aws.amazon.com/sns/latest/api/API_ConfirmSubscription.html>
//! Done: TopicArn Token AuthenticateOnUnsubscribe
//! Stored: -
//! Refused: -
//! Deviates: a subscription that is not confirmed in time stays listed as pending

use crate::domain::TopicAddress;
use crate::state::directory::{self, Directory, Entry};
use crate::state::subscription::Confirmed;
use mesh_models::sns::{ConfirmSubscriptionError, ConfirmSubscriptionInput, ConfirmSubscriptionOutput};
use mesh_router::{Caller, Context};

pub(crate) async fn run(
    cx: &Context,
    input: ConfirmSubscriptionInput,
) -> Result<ConfirmSubscriptionOutput, ConfirmSubscriptionError> {
    let ConfirmSubscriptionInput { topic_arn, token, authenticate_on_unsubscribe } = input;
    let topic = TopicAddress::of_arn(cx, "TopicArn", &topic_arn.unwrap_or_default())?;
    let token = u128::from_str_radix(&token.unwrap_or_default(), 16).ok();
    let authenticated = *cx.caller() != Caller::Anonymous;
    let wants = authenticate_on_unsubscribe.is_some_and(|value| value.eq_ignore_ascii_case("true"));
    let confirmed = Confirmed { authenticated, ends_authenticated: authenticated && wants };
    let arn = cx.write(&topic.key, |state, tx| {
        let (arn, owner) = state.confirm::<ConfirmSubscriptionError>(token, confirmed, tx)?;
        // One that had ended is there again.
        let (entry, listed) = (Entry { created_at: tx.now() }, arn.clone());
        tx.on(&directory::key_of(owner, topic.key.region()), |directory: &mut Directory, _| {
            if directory.subscriptions.get(&listed).is_none() {
                directory.subscriptions.insert(listed, entry);
            }
        })?;
        Ok::<_, ConfirmSubscriptionError>(arn)
    })?;
    Ok(ConfirmSubscriptionOutput { subscription_arn: Some(arn.to_string()) })
}
