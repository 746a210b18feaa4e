//! The numbers of Amazon SNS, each with the page it comes from.

use std::ops::RangeInclusive;
use std::time::Duration;

/// Characters in a topic's name.
/// <https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html>
pub const TOPIC_NAME_LENGTH: RangeInclusive<usize> = 1..=256;

/// Rows in one page of a list.
/// <https://docs.aws.amazon.com/sns/latest/api/API_ListTopics.html>
pub const PAGE: usize = 100;

/// Tags of a topic.
/// <https://docs.aws.amazon.com/sns/latest/dg/sns-tags.html>
pub const MAX_TAGS: usize = 50;

/// Characters in the key of a tag.
/// <https://docs.aws.amazon.com/sns/latest/api/API_Tag.html>
pub const TAG_KEY_LENGTH: RangeInclusive<usize> = 1..=128;

/// Characters in the value of a tag, at most.
/// <https://docs.aws.amazon.com/sns/latest/api/API_Tag.html>
pub const MAX_TAG_VALUE_LENGTH: usize = 256;

/// Characters in a topic's display name, at most.
/// <https://docs.aws.amazon.com/sns/latest/api/API_SetTopicAttributes.html>
pub const MAX_DISPLAY_NAME_LENGTH: usize = 100;

/// Characters in a data protection policy, at most.
/// <https://docs.aws.amazon.com/sns/latest/api/API_PutDataProtectionPolicy.html>
pub const MAX_DATA_PROTECTION_POLICY_LENGTH: usize = 30_720;

/// Bytes of a message, its attributes included.
/// <https://docs.aws.amazon.com/sns/latest/api/API_Publish.html>
pub const MAX_MESSAGE_SIZE: usize = 262_144;

/// Characters in a subject, at most.
/// <https://docs.aws.amazon.com/sns/latest/api/API_Publish.html>
pub const MAX_SUBJECT_LENGTH: usize = 100;

/// Characters in the name of a message attribute.
/// <https://docs.aws.amazon.com/sns/latest/dg/sns-message-attributes.html>
pub const MAX_ATTRIBUTE_NAME_LENGTH: usize = 256;

/// Bytes of the data type of a message attribute.
/// <https://docs.aws.amazon.com/sns/latest/dg/sns-message-attributes.html>
pub const MAX_ATTRIBUTE_TYPE_LENGTH: usize = 256;

/// Characters in a message group id and in a deduplication id.
/// <https://docs.aws.amazon.com/sns/latest/api/API_Publish.html>
pub const MESSAGE_ID_LENGTH: RangeInclusive<usize> = 1..=128;

/// Entries of a batch.
/// <https://docs.aws.amazon.com/sns/latest/api/API_PublishBatch.html>
pub const MAX_BATCH_ENTRIES: usize = 10;

/// Characters in the id of a batch's entry.
/// <https://docs.aws.amazon.com/sns/latest/api/API_PublishBatchRequestEntry.html>
pub const ENTRY_ID_LENGTH: RangeInclusive<usize> = 1..=80;

/// Characters in the name of a platform application, at most.
/// <https://docs.aws.amazon.com/sns/latest/api/API_CreatePlatformApplication.html>
pub const MAX_APPLICATION_NAME_LENGTH: usize = 256;

/// Bytes of an endpoint's `CustomUserData`, at most.
/// <https://docs.aws.amazon.com/sns/latest/api/API_CreatePlatformEndpoint.html>
pub const MAX_USER_DATA_SIZE: usize = 2_048;

/// For how long a FIFO topic takes a message that it knows only once.
/// <https://docs.aws.amazon.com/sns/latest/dg/fifo-message-dedup.html>
pub const DEDUPLICATION_INTERVAL: Duration = Duration::from_secs(5 * 60);

/// Days for which a FIFO topic keeps its messages.
/// <https://docs.aws.amazon.com/sns/latest/dg/message-archiving-and-replay-topic-owner.html>
pub const ARCHIVE_DAYS: RangeInclusive<u16> = 1..=365;

/// How long a subscription can be confirmed.
/// <https://docs.aws.amazon.com/sns/latest/api/API_ConfirmSubscription.html>
pub const CONFIRMATION_TIME: Duration = Duration::from_secs(2 * 24 * 60 * 60);
