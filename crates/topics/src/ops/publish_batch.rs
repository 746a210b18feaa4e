//! PublishBatch: sends up to ten messages to the subscriptions of a topic.
//! <https://docs.aws.amazon.com/sns/latest/api/API_PublishBatch.html>
//! Done: TopicArn PublishBatchRequestEntries
//! Stored: -
//! Refused: -
//! Deviates: an entry that is wrong fails the batch, as AWS has it; Failed is empty without a fault rule

use crate::delivery::{message_id, sequence_number};
use crate::domain::failure::BatchTooLong;
use crate::domain::{Draft, Place, TopicAddress, batch};
use crate::limits::MAX_MESSAGE_SIZE;
use crate::outgoing::Outgoing;
use mesh_models::sns::{
    BatchResultErrorEntry, PublishBatchError, PublishBatchInput, PublishBatchOutput,
    PublishBatchRequestEntry, PublishBatchResultEntry,
};
use mesh_router::Context;
use mesh_router::faults::Parted;

pub(crate) async fn run(
    cx: &Context,
    input: PublishBatchInput,
) -> Result<PublishBatchOutput, PublishBatchError> {
    let PublishBatchInput { topic_arn, publish_batch_request_entries } = input;
    let topic = TopicAddress::of_arn(cx, "TopicArn", &topic_arn.unwrap_or_default())?;
    let entries = publish_batch_request_entries.unwrap_or_default();
    let ids: Vec<&str> = entries.iter().map(|entry| entry.id.as_deref().unwrap_or_default()).collect();
    batch::check::<PublishBatchError>(&ids)?;
    let place = Place::of(&topic);
    // That there is no such topic is said before what is wrong with an entry.
    cx.read(&topic.key, |state, _| state.existing().map(drop))??;
    let drafts = entries.into_iter().map(|entry| draft(cx, entry));
    let drafts: Vec<(String, Draft)> = drafts.collect::<Result<_, PublishBatchError>>()?;
    if drafts.iter().map(|(_, draft)| draft.size).sum::<usize>() > MAX_MESSAGE_SIZE {
        return Err(BatchTooLong.into());
    }
    let Parted { spared: drafts, struck, code } = cx.faults().part(drafts);
    let published = cx.write(&topic.key, |state, tx| {
        let mut publish = |(_, draft): &(String, Draft)| state.publish::<PublishBatchError>(draft, place, tx);
        drafts.iter().map(&mut publish).collect::<Result<Vec<_>, _>>()
    })?;
    cx.concerns(published.iter().map(|published| published.id));
    cx.decided(published.iter().flat_map(|published| published.decided.iter().cloned()));
    let successful = drafts.into_iter().zip(published).map(|((id, _), published)| PublishBatchResultEntry {
        id: Some(id),
        message_id: Some(message_id(published.id)),
        sequence_number: published.sequence.map(sequence_number),
    });
    let failed = struck.into_iter().map(|(id, _)| BatchResultErrorEntry {
        id: Some(id),
        code: Some(code.as_deref().unwrap_or("InternalError").to_owned()),
        message: Some("A fault rule has this entry fail.".to_owned()),
        sender_fault: Some(false),
    });
    Ok(PublishBatchOutput { successful: Some(successful.collect()), failed: Some(failed.collect()) })
}

fn draft(cx: &Context, entry: PublishBatchRequestEntry) -> Result<(String, Draft), PublishBatchError> {
    let PublishBatchRequestEntry {
        id,
        message,
        subject,
        message_structure: structure,
        message_attributes: attributes,
        message_deduplication_id: deduplication_id,
        message_group_id: group_id,
    } = entry;
    let outgoing = Outgoing { message, subject, structure, attributes, deduplication_id, group_id };
    Ok((id.unwrap_or_default(), outgoing.check::<PublishBatchError>(cx)?))
}
