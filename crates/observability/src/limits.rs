//! The numbers of CloudWatch Logs that its model does not hold, each with the page it comes from.

use std::time::Duration;

/// Bytes of a batch: the messages and [`EVENT_OVERHEAD`] for each.
/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html>
pub const BATCH_SIZE: usize = 1_048_576;

/// Bytes that each event counts beside its message.
/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html>
pub const EVENT_OVERHEAD: usize = 26;

/// What the events of a batch may lie apart.
/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html>
pub const BATCH_SPAN: Duration = Duration::from_secs(24 * 60 * 60);

/// How far in the past an event may lie.
/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html>
pub const OLDEST: Duration = Duration::from_secs(14 * 24 * 60 * 60);

/// How far in the future an event may lie.
/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html>
pub const NEWEST: Duration = Duration::from_secs(2 * 60 * 60);

/// Bytes of the events in one answer.
/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetLogEvents.html>
pub const ANSWER_SIZE: usize = 1_048_576;

/// Events in one answer, where no limit is asked for.
/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetLogEvents.html>
pub const ANSWER_EVENTS: usize = 10_000;

/// Groups, or streams, in one answer, where no limit is asked for.
/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeLogStreams.html>
pub const LIST_PAGE: usize = 50;

/// Log groups of an account in a Region.
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html>
pub const GROUPS: usize = 1_000_000;

/// Milliseconds since the epoch: FilterLogEvents reads backwards from no earlier moment than 2024 begins.
/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html>
pub const BACKWARD_SINCE: i64 = 1_704_067_200_000;

/// Regular expressions in one filter pattern.
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html>
pub const PATTERN_EXPRESSIONS: usize = 2;

/// Events that one call of FilterLogEvents looks at, ours: a client goes on with the token, as on AWS when a page comes
/// back empty.
pub const LOOKED_AT: usize = 100_000;
