//! DeleteTopic: takes a topic away with its subscriptions and what they are owed.
//! <https://docs.aws.amazon.com/sns/latest/api/API_DeleteTopic.html>
//! Done: TopicArn
//! Stored: -
//! Refused: -
//! Deviates: its subscriptions end at once; AWS lists them for a while

use crate::domain::TopicAddress;
use crate::state::directory::{self, Directory};
use mesh_models::sns::{DeleteTopicError, DeleteTopicInput, DeleteTopicOutput};
use mesh_router::Context;
use mesh_types::AccountId;
use smol_str::SmolStr;

pub(crate) async fn run(
    cx: &Context,
    input: DeleteTopicInput,
) -> Result<DeleteTopicOutput, DeleteTopicError> {
    let DeleteTopicInput { topic_arn } = input;
    let topic = TopicAddress::of_arn(cx, "TopicArn", &topic_arn.unwrap_or_default())?;
    let region = topic.key.region();
    cx.write(&topic.key, |state, tx| {
        let listed: Vec<(AccountId, SmolStr)> =
            state.subscriptions.range(..).map(|(_, it)| (it.owner, it.arn.clone())).collect();
        if state.delete(tx)? {
            tx.on(&directory::key_of(topic.key.account(), region), |directory: &mut Directory, _| {
                directory.topics.remove(topic.key.name())
            })?;
        }
        for (owner, arn) in listed {
            tx.on(&directory::key_of(owner, region), |directory: &mut Directory, _| {
                directory.subscriptions.remove(&arn)
            })?;
        }
        Ok::<_, DeleteTopicError>(())
    })?;
    Ok(DeleteTopicOutput {})
}
