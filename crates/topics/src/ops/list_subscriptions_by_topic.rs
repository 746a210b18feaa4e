//! ListSubscriptionsByTopic: lists the subscriptions of a topic, in the order in which they were made.
//! <https://docs.aws.amazon.com/sns/latest/api/API_ListSubscriptionsByTopic.html>
//! Done: TopicArn NextToken
//! Stored: -
//! Refused: -
//! Deviates: -

use super::listed;
use crate::domain::failure::InvalidParameter;
use crate::domain::{TopicAddress, page};
use mesh_models::sns::{
    ListSubscriptionsByTopicError, ListSubscriptionsByTopicInput, ListSubscriptionsByTopicOutput,
};
use mesh_router::Context;
use std::ops::Bound;

pub(crate) async fn run(
    cx: &Context,
    input: ListSubscriptionsByTopicInput,
) -> Result<ListSubscriptionsByTopicOutput, ListSubscriptionsByTopicError> {
    let ListSubscriptionsByTopicInput { topic_arn, next_token } = input;
    let topic = TopicAddress::of_arn(cx, "TopicArn", &topic_arn.unwrap_or_default())?;
    let first = match page::start(next_token.as_deref())? {
        Some(last) => Bound::Excluded(last.parse::<u64>().map_err(|_| InvalidParameter::of("NextToken"))?),
        None => Bound::Unbounded,
    };
    let all = cx.read(&topic.key, |state, _| {
        state.existing()?;
        Ok::<_, ListSubscriptionsByTopicError>(state.subscriptions.snapshot())
    })??;
    let (rows, next_token) = page::usual(all.range((first, Bound::Unbounded)), |(key, _)| key.to_string());
    let arn = topic.arn().to_string();
    let subscriptions = rows.into_iter().map(|(_, subscription)| listed(subscription, &arn)).collect();
    Ok(ListSubscriptionsByTopicOutput { subscriptions: Some(subscriptions), next_token })
}
