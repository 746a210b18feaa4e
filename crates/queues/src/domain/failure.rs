//! One struct for each way to fail, whose `Display` is AWS's sentence.

use super::{Draft, QueueSettings};
use crate::limits::{MAX_ACTIONS, MAX_BATCH_ENTRIES, MAX_BATCH_SIZE, VISIBILITY_TIMEOUT};
use mesh_models::sqs;
use mesh_wire::failure;

failure! {
    /// There is no such queue.
    NoSuchQueue as sqs::QueueDoesNotExist,
    "The specified queue does not exist."
}
failure! {
    /// A queue of this name has another value for an attribute.
    OtherQueueExists {
        /// The attribute.
        attribute: &'static str,
    } as sqs::QueueNameExists,
    "A queue already exists with the same name and a different value for attribute {attribute}"
}
failure! {
    /// A parameter has a value that it cannot have.
    InvalidValue {
        /// The parameter.
        parameter: &'static str,
        /// The value.
        value: String,
        /// Why not.
        reason: &'static str,
    } as sqs::InvalidParameterValueException,
    "Value {value} for parameter {parameter} is invalid. Reason: {reason}"
}
failure! {
    /// A parameter is wrong, in words of its own.
    InvalidParameter {
        /// AWS's sentence.
        sentence: String,
    } as sqs::InvalidParameterValueException,
    "{sentence}"
}
failure! {
    /// A parameter must be there, and not empty.
    MissingParameter {
        /// The parameter.
        parameter: &'static str,
    } as sqs::MissingRequiredParameterException,
    "The request must contain the parameter {parameter}."
}
failure! {
    /// There is no attribute of this name.
    UnknownAttribute {
        /// The name.
        name: String,
    } as sqs::InvalidAttributeName,
    "Unknown Attribute {name}."
}
failure! {
    /// An attribute that only FIFO queues have.
    FifoAttribute {
        /// The attribute.
        name: &'static str,
    } as sqs::InvalidAttributeName,
    "You can specify the {name} only when FifoQueue is set to true."
}
failure! {
    /// An attribute has a value that it cannot have.
    InvalidAttribute {
        /// The attribute.
        name: &'static str,
    } as sqs::InvalidAttributeValue,
    "Invalid value for the parameter {name}."
}
failure! {
    /// The body has a character that XML 1.0 has not.
    InvalidCharacters as sqs::InvalidMessageContents,
    "Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | \
     #x10000 to #x10FFFF"
}
failure! {
    /// What was sent as a receipt handle is none, or none of this queue.
    InvalidReceipt {
        /// What was sent.
        handle: String,
    } as sqs::ReceiptHandleIsInvalid,
    "The input receipt handle \"{handle}\" is not a valid receipt handle."
}
failure! {
    /// A message is larger than its queue allows.
    MessageTooLong {
        /// What the queue allows, in bytes.
        limit: u32,
    } as sqs::InvalidParameterValueException,
    "One or more parameters are invalid. Reason: Message must be shorter than {limit} bytes."
}
failure! {
    /// A message of a batch is larger than its queue allows.
    EntryTooLong {
        /// What the queue allows, in bytes.
        limit: u32,
    } as sqs::InvalidParameterValueException,
    "One or more parameters cannot be validated. Reason: Message must be shorter than {limit} bytes."
}

impl MessageTooLong {
    /// Measures a message.
    ///
    /// # Errors
    /// It is larger than the queue allows.
    pub fn check(draft: &Draft, queue: &QueueSettings) -> Result<(), Self> {
        let limit = queue.attributes.maximum_message_size();
        let is_too_long = draft.size > usize::try_from(limit).unwrap_or(usize::MAX);
        if is_too_long { Err(Self { limit }) } else { Ok(()) }
    }
}

impl EntryTooLong {
    /// Measures a message of a batch.
    ///
    /// # Errors
    /// It is larger than the queue allows.
    pub fn check(draft: &Draft, queue: &QueueSettings) -> Result<(), Self> {
        MessageTooLong::check(draft, queue).map_err(|MessageTooLong { limit }| Self { limit })
    }
}

failure! {
    /// A batch has no entries.
    EmptyBatch {
        /// What the model calls an entry.
        entry: &'static str,
    } as sqs::EmptyBatchRequest,
    "There should be at least one {entry} in the request."
}
failure! {
    /// A batch has more entries than it can have.
    TooManyEntries {
        /// How many.
        count: usize,
    } as sqs::TooManyEntriesInBatchRequest,
    "Maximum number of entries per request are {MAX_BATCH_ENTRIES}. You have sent {count}."
}
failure! {
    /// The id of an entry is none.
    InvalidEntryId as sqs::InvalidBatchEntryId,
    "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters \
     long."
}
failure! {
    /// Two entries have the same id.
    RepeatedEntryId {
        /// The id.
        id: String,
    } as sqs::BatchEntryIdsNotDistinct,
    "Id {id} repeated."
}
failure! {
    /// The messages of a batch are too large together.
    BatchTooLong {
        /// Their size.
        size: usize,
    } as sqs::BatchRequestTooLong,
    "Batch requests cannot be longer than {MAX_BATCH_SIZE} bytes. You have sent {size} bytes."
}
failure! {
    /// The message of a receipt handle can be received again.
    ExpiredReceipt {
        /// The handle.
        handle: String,
    } as sqs::InvalidParameterValueException,
    "Value {handle} for parameter ReceiptHandle is invalid. Reason: The receipt handle has expired."
}
failure! {
    /// The message of a receipt handle cannot be hidden for another time.
    NotAvailable {
        /// The handle.
        handle: String,
    } as sqs::InvalidParameterValueException,
    "Value {handle} for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not available for \
     visibility timeout change."
}
failure! {
    /// A message would be hidden for longer than is allowed since it was received.
    HiddenTooLong {
        /// The seconds that were asked for.
        seconds: u64,
    } as sqs::InvalidParameterValueException,
    "Value {seconds} for parameter VisibilityTimeout is invalid. Reason: Total VisibilityTimeout for the message is \
     beyond the limit [{} seconds]", VISIBILITY_TIMEOUT.end()
}
failure! {
    /// A queue was purged just now.
    PurgedRecently {
        /// The queue.
        name: String,
    } as sqs::PurgeQueueInProgress,
    "Only one PurgeQueue operation on {name} is allowed every 60 seconds."
}
failure! {
    /// More messages are in flight than is allowed.
    TooManyInFlight as sqs::OverLimit,
    "The maximum number of in flight messages is reached: delete messages before receiving more."
}
failure! {
    /// A permission names more actions than a statement can have.
    TooManyActions {
        /// How many.
        count: usize,
    } as sqs::OverLimit,
    "{count} Actions were found, maximum allowed is {MAX_ACTIONS}."
}
failure! {
    /// There is no such queue, named by its ARN.
    NoSuchResource {
        /// The parameter that names it.
        parameter: &'static str,
    } as sqs::ResourceNotFoundException,
    "The resource that you specified for the {parameter} parameter doesn't exist."
}
failure! {
    /// No queue sends its dead letters to the source of a task.
    NotADeadLetterQueue as sqs::InvalidParameterValueException,
    "Source queue must be configured as a Dead Letter Queue."
}
failure! {
    /// A task of the source is running.
    TaskIsRunning as sqs::InvalidParameterValueException,
    "There is already a task running. Only one active task is allowed for a source queue arn at a given time."
}
failure! {
    /// There is no such task.
    NoSuchTask as sqs::ResourceNotFoundException,
    "Task does not exist."
}
failure! {
    /// A task has ended.
    TaskIsOver as sqs::InvalidParameterValueException,
    "Only active tasks can be cancelled."
}
failure! {
    /// What was sent as the handle of a task is none.
    InvalidTaskHandle {
        /// What was sent.
        handle: String,
    } as sqs::InvalidParameterValueException,
    "Value {handle} for parameter TaskHandle is invalid."
}
failure! {
    /// Too many calls came to a FIFO queue in this second.
    Throttled as sqs::RequestThrottled,
    "The request was denied due to request throttling."
}
