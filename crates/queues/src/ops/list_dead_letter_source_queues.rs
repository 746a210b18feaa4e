//! ListDeadLetterSourceQueues: lists the queues whose dead letters come to this one, by name.
//! <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ListDeadLetterSourceQueues.html>
//! Done: QueueUrl NextToken MaxResults
//! Stored: -
//! Refused: -
//! Deviates: -

use crate::domain::{QueueAddress, QueueName};
use crate::page::Page;
use crate::state::directory;
use mesh_models::sqs::{
    ListDeadLetterSourceQueuesError, ListDeadLetterSourceQueuesInput, ListDeadLetterSourceQueuesOutput,
};
use mesh_router::Context;
use mesh_store::Key;
use std::ops::Bound;

pub(crate) async fn run(
    cx: &Context,
    input: ListDeadLetterSourceQueuesInput,
) -> Result<ListDeadLetterSourceQueuesOutput, ListDeadLetterSourceQueuesError> {
    let ListDeadLetterSourceQueuesInput { queue_url, next_token, max_results } = input;
    let queue = QueueAddress::of_url::<ListDeadLetterSourceQueuesError>(cx, &queue_url.unwrap_or_default())?;
    let page = Page::check::<ListDeadLetterSourceQueuesError>(max_results, next_token.as_deref())?;
    cx.read(&queue.key, |state, _| state.existing().map(|_| ()))??;
    let (account, region) = (queue.key.account(), queue.key.region());
    let sources = cx.read(&directory::key_of(account, region), |directory, _| {
        directory.queues.by().by_dead_letters.snapshot()
    })?;
    let target = QueueName::of_existing(queue.key.name());
    let after = (target.clone(), QueueName::of_existing(page.after().unwrap_or_default()));
    let behind = sources.range((Bound::Excluded(after), Bound::Unbounded));
    let names = behind.take_while(|((of, _), _)| *of == target).map(|(_, name)| name.as_str());
    let (names, next_token) = page.take(names);
    let url = |name: &&str| QueueAddress { key: Key::new(account, region.clone(), *name) }.url(cx);
    Ok(ListDeadLetterSourceQueuesOutput { queue_urls: Some(names.iter().map(url).collect()), next_token })
}
