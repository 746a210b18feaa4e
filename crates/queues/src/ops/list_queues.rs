//! ListQueues: lists the queues of the account in the Region, by name.
//! <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ListQueues.html>
//! Done: QueueNamePrefix NextToken MaxResults
//! Stored: -
//! Refused: -
//! Deviates: -

use crate::domain::QueueAddress;
use crate::page::Page;
use crate::state::directory;
use mesh_models::sqs::{ListQueuesError, ListQueuesInput, ListQueuesOutput};
use mesh_router::Context;

pub(crate) async fn run(cx: &Context, input: ListQueuesInput) -> Result<ListQueuesOutput, ListQueuesError> {
    let ListQueuesInput { queue_name_prefix, next_token, max_results } = input;
    let prefix = queue_name_prefix.unwrap_or_default();
    let page = Page::check::<ListQueuesError>(max_results, next_token.as_deref())?;
    // The whole list is shared, not copied, and walked outside the lock.
    let queues = cx.read(&directory::key(cx), |directory, _| directory.queues.snapshot())?;
    let is_wanted = |name: &&str| name.starts_with(&prefix) && page.after().is_none_or(|after| *name > after);
    let (names, next_token) = page.take(queues.keys().map(|name| name.as_str()).filter(is_wanted));
    let url = |name: &&str| QueueAddress { key: cx.key(*name) }.url(cx);
    let queue_urls: Vec<String> = names.iter().map(url).collect();
    Ok(ListQueuesOutput { queue_urls: (!queue_urls.is_empty()).then_some(queue_urls), next_token })
}
