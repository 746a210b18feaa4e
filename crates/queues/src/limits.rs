//! The numbers of Amazon SQS, each with the page it comes from.

use std::ops::RangeInclusive;
use std::time::Duration;

/// Characters in a queue's name.
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-queues.html>
pub const QUEUE_NAME_LENGTH: RangeInclusive<usize> = 1..=80;

/// Seconds a received message stays hidden.
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html>
pub const VISIBILITY_TIMEOUT: RangeInclusive<u32> = 0..=43_200;

/// [`VISIBILITY_TIMEOUT`] where none is set.
pub const DEFAULT_VISIBILITY_TIMEOUT: u32 = 30;

/// Seconds a sent message is held back.
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html>
pub const DELAY: RangeInclusive<u32> = 0..=900;

/// Seconds a message is kept.
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html>
pub const RETENTION: RangeInclusive<u32> = 60..=1_209_600;

/// [`RETENTION`] where none is set: four days.
pub const DEFAULT_RETENTION: u32 = 345_600;

/// Seconds a receive waits for a message.
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html>
pub const WAIT_TIME: RangeInclusive<u32> = 0..=20;

/// Bytes of a message, its attributes included. The default is the maximum.
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html>
pub const MESSAGE_SIZE: RangeInclusive<u32> = 1_024..=1_048_576;

/// Messages that one receive returns.
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html>
pub const RECEIVE_COUNT: RangeInclusive<u32> = 1..=10;

/// Message attributes of one message.
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html>
pub const MAX_MESSAGE_ATTRIBUTES: usize = 10;

/// Characters in the name and in the data type of a message attribute.
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html>
pub const ATTRIBUTE_NAME_LENGTH: RangeInclusive<usize> = 1..=256;

/// Characters in a message group id and in a deduplication id.
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html>
pub const MESSAGE_ID_LENGTH: RangeInclusive<usize> = 1..=128;

/// Queues in one page of ListQueues.
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ListQueues.html>
pub const LIST_PAGE: RangeInclusive<u32> = 1..=1_000;

/// Seconds for which SQS reuses a data key.
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html>
pub const KEY_REUSE: RangeInclusive<u32> = 60..=86_400;

/// [`KEY_REUSE`] where none is set.
pub const DEFAULT_KEY_REUSE: &str = "300";

/// Entries of a batch.
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html>
pub const MAX_BATCH_ENTRIES: usize = 10;

/// Characters in the id of a batch's entry.
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html>
pub const ENTRY_ID_LENGTH: RangeInclusive<usize> = 1..=80;

/// Bytes of all messages of a batch, whatever the queue allows one message.
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html>
pub const MAX_BATCH_SIZE: usize = 1_048_576;

/// For which a FIFO queue remembers what was sent to it, and what a receive got that may be tried again.
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/FIFO-queues-exactly-once-processing.html>
pub const DEDUPLICATION_WINDOW: Duration = Duration::from_secs(300);

/// Messages of a queue that may be received and not yet deleted.
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html>
pub const MAX_IN_FLIGHT: u64 = 120_000;

/// Calls of one action that a FIFO queue takes in a second, or in high-throughput mode a group.
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html>
pub const FIFO_CALLS: u32 = 300;

/// Between two purges of a queue.
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_PurgeQueue.html>
pub const PURGE_INTERVAL: Duration = Duration::from_secs(60);

/// Tags of a queue.
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-queues.html>
pub const MAX_TAGS: usize = 50;

/// Characters in the key of a tag.
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-queue-tags.html>
pub const TAG_KEY_LENGTH: RangeInclusive<usize> = 1..=128;

/// Characters in the value of a tag, at most.
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-queue-tags.html>
pub const MAX_TAG_VALUE_LENGTH: usize = 256;

/// Receives of a message before it goes to the dead-letter queue.
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html>
pub const MAX_RECEIVES: RangeInclusive<u32> = 1..=1_000;

/// Queues that a redrive allow policy names.
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html>
pub const MAX_SOURCE_QUEUES: usize = 10;

/// Messages a second that a task moves, where it says.
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_StartMessageMoveTask.html>
pub const MOVE_RATE: RangeInclusive<u32> = 1..=500;

/// Tasks of a dead-letter queue that are listed.
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ListMessageMoveTasks.html>
pub const MAX_MOVE_TASKS: usize = 10;

/// Actions in one statement of a queue's policy.
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-policies.html>
pub const MAX_ACTIONS: usize = 7;
