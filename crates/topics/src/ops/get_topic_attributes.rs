//! GetTopicAttributes: tells what a topic is set to, and how many subscriptions it has.
//! <https://docs.aws.amazon.com/sns/latest/api/API_GetTopicAttributes.html>
//! Done: TopicArn
//! Stored: -
//! Refused: -
//! Deviates: -

use crate::delivery::moment;
use crate::domain::TopicAddress;
use mesh_models::sns::{GetTopicAttributesError, GetTopicAttributesInput, GetTopicAttributesOutput};
use mesh_router::Context;

pub(crate) async fn run(
    cx: &Context,
    input: GetTopicAttributesInput,
) -> Result<GetTopicAttributesOutput, GetTopicAttributesError> {
    let GetTopicAttributesInput { topic_arn } = input;
    let topic = TopicAddress::of_arn(cx, "TopicArn", &topic_arn.unwrap_or_default())?;
    let arn = topic.arn();
    let attributes = cx.read(&topic.key, |state, _| {
        let settings = state.existing()?;
        let confirmed = state.subscriptions.by().recipients.len();
        let mut shown = settings.attributes.shown(&arn, topic.key.account());
        shown.extend([
            ("TopicArn".to_owned(), arn.to_string()),
            ("SubscriptionsConfirmed".to_owned(), confirmed.to_string()),
            ("SubscriptionsPending".to_owned(), (state.subscriptions.len() - confirmed).to_string()),
            ("SubscriptionsDeleted".to_owned(), settings.deleted_subscriptions.to_string()),
        ]);
        if let Some(archive) = settings.archive {
            shown.insert("BeginningArchiveTime".to_owned(), moment(archive.since));
        }
        Ok::<_, GetTopicAttributesError>(shown)
    })??;
    Ok(GetTopicAttributesOutput { attributes: Some(attributes) })
}
