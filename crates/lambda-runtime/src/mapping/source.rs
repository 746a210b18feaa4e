//! The queue of a mapping, reached as any caller reaches it.

use crate::domain::failure::InvalidParameter;
use mesh_models::sqs::{
    DeleteMessageBatch, DeleteMessageBatchInput, DeleteMessageBatchRequestEntry, GetQueueAttributes,
    GetQueueAttributesInput, GetQueueUrl, GetQueueUrlInput, Message, ReceiveMessage, ReceiveMessageInput,
};
use mesh_router::Context;
use mesh_types::{AccountId, Arn, Region};
use mesh_wire::ApiError;
use std::time::Duration;

/// Messages that one receive, or one deletion, takes.
pub(super) const MOST: usize = 10;

const VISIBILITY_TIMEOUT: &str = "VisibilityTimeout";

/// A queue.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    cx: Context,
    url: String,
    visibility_timeout: Duration,
}

impl Source {
    /// Looks a queue up.
    ///
    /// # Errors
    /// What SQS answers: there is none.
    pub(crate) async fn find(cx: &Context, queue: &Arn) -> Result<Self, ApiError> {
        let account = AccountId::parse(&queue.account).unwrap_or(cx.account());
        let region = Region::parse(&queue.region).unwrap_or_else(|_| cx.region().clone());
        let cx = cx.as_service("lambda").in_place(account, region);
        let named = GetQueueUrlInput {
            queue_name: Some(queue.resource.clone()),
            queue_owner_aws_account_id: Some(account.to_string()),
        };
        let url = cx.call::<GetQueueUrl>(named).await?.queue_url.unwrap_or_default();
        let asked = GetQueueAttributesInput {
            queue_url: Some(url.clone()),
            attribute_names: Some(vec![VISIBILITY_TIMEOUT.to_owned()]),
        };
        let attributes = cx.call::<GetQueueAttributes>(asked).await?.attributes.unwrap_or_default();
        let seconds = attributes.get(VISIBILITY_TIMEOUT).and_then(|value| value.parse().ok());
        Ok(Self { cx, url, visibility_timeout: Duration::from_secs(seconds.unwrap_or(0)) })
    }

    /// Passes a queue that hides messages for as long as a function may work on them.
    ///
    /// # Errors
    /// It does not.
    pub(crate) fn suits(&self, timeout: Duration) -> Result<(), InvalidParameter> {
        if self.visibility_timeout >= timeout {
            return Ok(());
        }
        Err(InvalidParameter {
            sentence: format!(
                "Queue visibility timeout: {} seconds is less than Function timeout: {} seconds",
                self.visibility_timeout.as_secs(),
                timeout.as_secs()
            ),
        })
    }

    /// How long a received message is hidden.
    pub(super) fn visibility_timeout(&self) -> Duration {
        self.visibility_timeout
    }

    /// Receives up to so many messages; waits for the first of them.
    pub(super) async fn receive(&self, count: usize, wait: Duration) -> Result<Vec<Message>, ApiError> {
        let number = |value: u64| i32::try_from(value).ok();
        let all = || Some(vec!["All".to_owned()]);
        let input = ReceiveMessageInput {
            queue_url: Some(self.url.clone()),
            message_system_attribute_names: all(),
            message_attribute_names: all(),
            max_number_of_messages: number(count.min(MOST) as u64),
            wait_time_seconds: number(wait.as_secs()),
            ..ReceiveMessageInput::default()
        };
        Ok(self.cx.call::<ReceiveMessage>(input).await?.messages.unwrap_or_default())
    }

    /// Deletes messages. What could not be deleted is told to the log: it comes again.
    pub(super) async fn delete(&self, messages: impl Iterator<Item = &Message>) {
        let messages: Vec<&Message> = messages.collect();
        for messages in messages.chunks(MOST) {
            let entry = |(at, message): (usize, &&Message)| DeleteMessageBatchRequestEntry {
                id: Some(at.to_string()),
                receipt_handle: message.receipt_handle.clone(),
            };
            let input = DeleteMessageBatchInput {
                queue_url: Some(self.url.clone()),
                entries: Some(messages.iter().enumerate().map(entry).collect()),
            };
            match self.cx.call::<DeleteMessageBatch>(input).await {
                Ok(output) => {
                    for failed in output.failed.unwrap_or_default() {
                        tracing::warn!(queue = self.url, "a message was not deleted: {:?}", failed.message);
                    }
                }
                Err(error) => tracing::warn!(queue = self.url, "messages were not deleted: {error}"),
            }
        }
    }
}
