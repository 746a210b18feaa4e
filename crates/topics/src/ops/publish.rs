//! Publish: sends a message to the subscriptions of a topic.
//! <https://docs.aws.amazon.com/sns/latest/api/API_Publish.html>
//! Done: TopicArn TargetArn Message Subject MessageStructure MessageAttributes MessageDeduplicationId MessageGroupId
//! Stored: -
//! Refused: PhoneNumber
//! Deviates: -

use crate::delivery::{message_id, sequence_number};
use crate::domain::failure::InvalidParameter;
use crate::domain::{Place, TopicAddress};
use crate::outgoing::Outgoing;
use mesh_models::sns::{PublishError, PublishInput, PublishOutput};
use mesh_router::Context;

pub(crate) async fn run(cx: &Context, input: PublishInput) -> Result<PublishOutput, PublishError> {
    let PublishInput {
        topic_arn,
        target_arn,
        phone_number,
        message,
        subject,
        message_structure: structure,
        message_attributes: attributes,
        message_deduplication_id: deduplication_id,
        message_group_id: group_id,
    } = input;
    let outgoing = Outgoing { message, subject, structure, attributes, deduplication_id, group_id };
    let (parameter, arn) = match (topic_arn, target_arn, phone_number) {
        (Some(arn), None, None) => ("TopicArn", arn),
        (None, Some(arn), None) => ("TargetArn", arn),
        (None, None, None) => {
            let reason = "no value for required parameter";
            return Err(InvalidParameter::because("TopicArn or TargetArn", reason).into());
        }
        _ => return Err(InvalidParameter::of("PhoneNumber").into()),
    };
    let topic = TopicAddress::of_arn(cx, parameter, &arn)?;
    let draft = outgoing.check::<PublishError>(cx, "messageAttributes")?;
    let place = Place::of(&topic);
    let published = cx.write(&topic.key, |state, tx| state.publish::<PublishError>(&draft, place, tx))?;
    cx.concerns([published.id]);
    Ok(PublishOutput {
        message_id: Some(message_id(published.id)),
        sequence_number: published.sequence.map(sequence_number),
    })
}
