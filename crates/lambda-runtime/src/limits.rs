//! The numbers of AWS Lambda, each with the page it comes from, and ours.

use std::ops::RangeInclusive;
use std::time::Duration;

/// Bytes of a zip archive that is sent with the request.
/// <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
pub const ZIPPED: usize = 52_428_800;

/// Bytes of a zip archive's files.
/// <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
pub const UNZIPPED: u64 = 262_144_000;

/// Entries of a zip archive: ours, so that an archive of empty files is bounded too.
pub const ENTRIES: usize = 100_000;

/// Bytes of a path in a zip archive: what file systems take.
pub const PATH_LENGTH: usize = 1_024;

/// Seconds that an invocation may take.
/// <https://docs.aws.amazon.com/lambda/latest/dg/configuration-timeout.html>
pub const TIMEOUT: RangeInclusive<u32> = 1..=900;

/// [`TIMEOUT`] where none is set.
pub const DEFAULT_TIMEOUT: u32 = 3;

/// Megabytes of memory.
/// <https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html>
pub const MEMORY: RangeInclusive<u32> = 128..=10_240;

/// [`MEMORY`] where none is set.
pub const DEFAULT_MEMORY: u32 = 128;

/// Megabytes of `/tmp`.
/// <https://docs.aws.amazon.com/lambda/latest/dg/configuration-ephemeral-storage.html>
pub const DEFAULT_EPHEMERAL_STORAGE: u32 = 512;

/// Bytes of a function's environment variables, as JSON.
/// <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
pub const ENVIRONMENT: usize = 4_096;

/// Tags of a function.
/// <https://docs.aws.amazon.com/lambda/latest/dg/configuration-tags.html>
pub const TAGS: usize = 50;

/// Bytes of an event that is answered at once.
/// <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
pub const SYNCHRONOUS_EVENT: usize = 6_291_456;

/// Bytes of an event that is taken and worked on later.
/// <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
pub const ASYNCHRONOUS_EVENT: usize = 1_048_576;

/// Bytes of a function's answer: six megabytes and room for an envelope, as AWS's own error says.
/// <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
pub const RESPONSE: usize = 6_291_556;

/// Bytes of the log's end that an invocation answers.
/// <https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html>
pub const LOG_TAIL: usize = 4_096;

/// Environments of an account in a Region that may work at once.
/// <https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html>
pub const CONCURRENCY: usize = 1_000;

/// Functions in one page of ListFunctions.
/// <https://docs.aws.amazon.com/lambda/latest/api/API_ListFunctions.html>
pub const LIST_PAGE: usize = 50;

/// Bytes of a function's resource policy.
/// <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
pub const POLICY: usize = 20_480;

/// How long an environment may take until it asks for its first event, before the function's own time runs.
/// <https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html>
pub const INIT: Duration = Duration::from_secs(10);

/// How often an event is worked on again after the function failed.
/// <https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html>
pub const RETRIES: u32 = 2;

/// Seconds after which an event is given up.
/// <https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-configuring.html>
pub const EVENT_AGE: u32 = 21_600;

/// The pause before the first retry; the second takes twice as long.
/// <https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html>
pub const FIRST_RETRY: Duration = Duration::from_secs(60);

/// How long an environment without work is kept: ours, AWS does not say.
pub const IDLE: Duration = Duration::from_secs(5 * 60);

/// Messages of a batch where no window is set; more want one.
/// <https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html>
pub const BATCH_WITHOUT_WINDOW: u32 = 10;

/// Messages of a batch from a FIFO queue.
/// <https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html>
pub const FIFO_BATCH: u32 = 10;

/// Event source mappings in one page of ListEventSourceMappings.
/// <https://docs.aws.amazon.com/lambda/latest/api/API_ListEventSourceMappings.html>
pub const MAPPINGS_PAGE: usize = 100;

/// Batches of a queue that are worked on side by side: at first, more after each second of backlog, and at most.
/// <https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html>
pub const BATCHES: (usize, usize, usize) = (5, 5, 1_250);

/// Bytes of a batch's event that are kept free for what surrounds the messages: ours.
pub const BATCH_MARGIN: usize = 1_024;

/// How often a process that works is asked how much memory it holds: ours.
pub const MEMORY_LOOK: Duration = Duration::from_millis(25);

/// How long a starting environment counts against [`starts_at_once`]: ours.
pub const START: Duration = Duration::from_secs(1);

/// Environments of the process that start at once, because more of them only make each slower: ours.
pub fn starts_at_once() -> usize {
    2 * std::thread::available_parallelism().map_or(1, usize::from).max(2)
}

/// Bytes of one event and of one batch that CloudWatch Logs takes, and the events of a batch.
/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html>
pub const LOG_BATCH: (usize, usize) = (1_048_576, 10_000);

/// Bytes by which an event counts as longer than its text.
/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html>
pub const LOG_EVENT_OVERHEAD: usize = 26;
