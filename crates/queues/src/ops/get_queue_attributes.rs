//! GetQueueAttributes: tells what a queue is set to, and how many messages it has.
//! <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_GetQueueAttributes.html>
//! Done: QueueUrl AttributeNames
//! Stored: -
//! Refused: -
//! Deviates: the counts are exact

use crate::domain::failure::UnknownAttribute;
use crate::domain::{Counts, QueueAddress, QueueSettings};
use mesh_models::sqs::{GetQueueAttributesError, GetQueueAttributesInput, GetQueueAttributesOutput};
use mesh_router::Context;

/// The attributes of queues, in the order in which they are answered.
const NAMES: [&str; 21] = [
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesDelayed",
    "ApproximateNumberOfMessagesNotVisible",
    "ContentBasedDeduplication",
    "CreatedTimestamp",
    "DeduplicationScope",
    "DelaySeconds",
    "FifoQueue",
    "FifoThroughputLimit",
    "KmsDataKeyReusePeriodSeconds",
    "KmsMasterKeyId",
    "LastModifiedTimestamp",
    "MaximumMessageSize",
    "MessageRetentionPeriod",
    "Policy",
    "QueueArn",
    "ReceiveMessageWaitTimeSeconds",
    "RedriveAllowPolicy",
    "RedrivePolicy",
    "SqsManagedSseEnabled",
    "VisibilityTimeout",
];

pub(crate) async fn run(
    cx: &Context,
    input: GetQueueAttributesInput,
) -> Result<GetQueueAttributesOutput, GetQueueAttributesError> {
    let GetQueueAttributesInput { queue_url, attribute_names } = input;
    let queue = QueueAddress::of_url::<GetQueueAttributesError>(cx, &queue_url.unwrap_or_default())?;
    let (settings, counts) = loop {
        let counted = cx.write(&queue.key, |state, tx| {
            let counts = state.counts(tx.now())?;
            Ok::<_, GetQueueAttributesError>(counts.zip(state.settings.get_shared()))
        })?;
        if let Some((counts, settings)) = counted {
            break (settings, counts);
        }
    };
    let wanted = attribute_names.unwrap_or_default();
    if let Some(name) = wanted.iter().find(|name| *name != "All" && !NAMES.contains(&name.as_str())) {
        return Err(UnknownAttribute { name: name.clone() }.into());
    }
    let is_wanted = |name: &&str| wanted.iter().any(|wanted| wanted == "All" || wanted == name);
    let show = |name: &str| Some((name.to_owned(), value(name, &queue, &settings, counts)?));
    let attributes: mesh_wire::Map<_> = NAMES.into_iter().filter(is_wanted).filter_map(show).collect();
    Ok(GetQueueAttributesOutput { attributes: (!attributes.is_empty()).then_some(attributes) })
}

fn value(name: &str, queue: &QueueAddress, settings: &QueueSettings, counts: Counts) -> Option<String> {
    Some(match name {
        "ApproximateNumberOfMessages" => counts.visible.to_string(),
        "ApproximateNumberOfMessagesDelayed" => counts.delayed.to_string(),
        "ApproximateNumberOfMessagesNotVisible" => counts.in_flight.to_string(),
        "CreatedTimestamp" => settings.created_at.as_secs().to_string(),
        "LastModifiedTimestamp" => settings.modified_at.as_secs().to_string(),
        "QueueArn" => queue.arn().to_string(),
        name => return settings.attributes.value(name),
    })
}
