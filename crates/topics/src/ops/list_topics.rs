//! ListTopics: lists the topics of the account in the Region, by name.
//! <https://docs.aws.amazon.com/sns/latest/api/API_ListTopics.html>
//! Done: NextToken
//! Stored: -
//! Refused: -
//! Deviates: -

use crate::domain::{TopicAddress, page};
use crate::state::directory;
use mesh_models::sns::{ListTopicsError, ListTopicsInput, ListTopicsOutput, Topic};
use mesh_router::Context;

pub(crate) async fn run(cx: &Context, input: ListTopicsInput) -> Result<ListTopicsOutput, ListTopicsError> {
    let ListTopicsInput { next_token } = input;
    let after = page::start(next_token.as_deref())?;
    // The whole list is shared, not copied, and walked outside the lock.
    let topics = cx.read(&directory::key(cx), |directory, _| directory.topics.snapshot())?;
    let names = topics.keys().filter(|name| after.as_deref().is_none_or(|after| name.as_str() > after));
    let (names, next_token) = page::usual(names, |name| name.to_string());
    let arn = |name: &&smol_str::SmolStr| TopicAddress { key: cx.key((*name).clone()) }.arn().to_string();
    let topics = names.iter().map(|name| Topic { topic_arn: Some(arn(name)) }).collect();
    Ok(ListTopicsOutput { topics: Some(topics), next_token })
}
