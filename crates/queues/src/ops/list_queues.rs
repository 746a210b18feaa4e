//! ListQueues: lists the queues of the account in the Region, by name.
//! <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ListQueues.html>
//! Done: QueueNamePrefix NextToken MaxResults
//! Stored: -
//! Refused: -
//! Deviates: -

use crate::domain::QueueAddress;
use crate::domain::failure::{InvalidParameter, InvalidValue};
use crate::limits::LIST_PAGE;
use crate::state::directory;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use mesh_models::sqs::{ListQueuesError, ListQueuesInput, ListQueuesOutput};
use mesh_router::Context;

pub(crate) async fn run(cx: &Context, input: ListQueuesInput) -> Result<ListQueuesOutput, ListQueuesError> {
    let ListQueuesInput { queue_name_prefix, next_token, max_results } = input;
    let (prefix, limit) = (queue_name_prefix.unwrap_or_default(), max_results.map(page).transpose()?);
    let after = next_token.as_deref().map(read_token).transpose()?;
    // The whole list is shared, not copied, and walked outside the lock.
    let queues = cx.read(&directory::key(cx), |directory, _| directory.queues.snapshot())?;
    let is_wanted =
        |name: &&str| name.starts_with(&prefix) && after.as_deref().is_none_or(|after| *name > after);
    let mut names = queues.keys().map(|name| name.as_str()).filter(is_wanted);
    let taken: Vec<&str> = names.by_ref().take(limit.unwrap_or(*LIST_PAGE.end() as usize)).collect();
    // Without MaxResults AWS returns up to a thousand and no token.
    let is_cut = limit.is_some() && names.next().is_some();
    let next_token = taken.last().filter(|_| is_cut).map(|last| URL_SAFE_NO_PAD.encode(last));
    let url = |name: &&str| QueueAddress { key: cx.key(*name) }.url(cx);
    let queue_urls: Vec<String> = taken.iter().map(url).collect();
    Ok(ListQueuesOutput { queue_urls: (!queue_urls.is_empty()).then_some(queue_urls), next_token })
}

fn page(value: i32) -> Result<usize, InvalidValue> {
    let limit = u32::try_from(value).ok().filter(|limit| LIST_PAGE.contains(limit));
    limit.and_then(|limit| usize::try_from(limit).ok()).ok_or_else(|| InvalidValue {
        parameter: "MaxResults",
        value: value.to_string(),
        reason: "MaxResults must be an integer between 1 and 1000.",
    })
}

fn read_token(token: &str) -> Result<String, InvalidParameter> {
    let name = URL_SAFE_NO_PAD.decode(token).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    name.ok_or_else(|| InvalidParameter { sentence: "Invalid or expired next token.".to_owned() })
}
