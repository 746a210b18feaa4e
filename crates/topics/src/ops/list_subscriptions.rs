//! ListSubscriptions: lists the subscriptions of the account in the Region, those to topics of others included.
//! <https://docs.aws.amazon.com/sns/latest/api/API_ListSubscriptions.html>
//! Done: NextToken
//! Stored: -
//! Refused: -
//! Deviates: -

use super::listed;
use crate::domain::{SubscriptionAddress, page};
use crate::state::directory;
use mesh_models::sns::{
    ListSubscriptionsError, ListSubscriptionsInput, ListSubscriptionsOutput, Subscription,
};
use mesh_router::Context;
use smol_str::SmolStr;

pub(crate) async fn run(
    cx: &Context,
    input: ListSubscriptionsInput,
) -> Result<ListSubscriptionsOutput, ListSubscriptionsError> {
    let ListSubscriptionsInput { next_token } = input;
    let after = page::start(next_token.as_deref())?;
    let all = cx.read(&directory::key(cx), |directory, _| directory.subscriptions.snapshot())?;
    let arns = all.keys().filter(|arn| after.as_deref().is_none_or(|after| arn.as_str() > after));
    let (arns, next_token) = page::usual(arns, |arn| arn.to_string());
    let mut subscriptions = Vec::with_capacity(arns.len());
    for arn in arns {
        subscriptions.extend(find(cx, arn)?);
    }
    Ok(ListSubscriptionsOutput { subscriptions: Some(subscriptions), next_token })
}

/// A subscription, where it has not been deleted since the directory was read.
fn find(cx: &Context, arn: &SmolStr) -> Result<Option<Subscription>, ListSubscriptionsError> {
    let address = SubscriptionAddress::of_arn(cx, arn)?;
    let topic = address.topic.arn().to_string();
    Ok(cx.read(&address.topic.key, |state, _| {
        state.subscription(address.id).ok().map(|(_, subscription)| listed(subscription, &topic))
    })?)
}
