//! The numbers of Amazon DynamoDB, each with the page it comes from. Those of items, keys and expressions stand with
//! what they bound, in [`domain`](crate::domain).

use std::ops::RangeInclusive;

/// Characters in a table's name.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html>
pub const TABLE_NAME_LENGTH: RangeInclusive<usize> = 3..=255;

/// Local secondary indexes of a table.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html>
pub const MAX_LOCAL_INDEXES: usize = 5;

/// Global secondary indexes of a table.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html>
pub const MAX_GLOBAL_INDEXES: usize = 20;

/// The most read or write capacity units that can be asked for.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ProvisionedThroughput.html>
pub const MAX_CAPACITY_UNITS: i64 = 1_000_000_000_000;

/// Tables in one page of ListTables.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ListTables.html>
pub const LIST_PAGE: usize = 100;

/// Bytes of items that one query looks at: it ends with the item that reaches them.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Query.Pagination.html>
pub const PAGE_SIZE: usize = 1024 * 1024;

/// Bytes that one read unit pays for; half a unit, if the read need not be consistent.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html>
pub const READ_UNIT: usize = 4 * 1024;

/// Bytes that one write unit pays for.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html>
pub const WRITE_UNIT: usize = 1024;

/// Reads a second that an on-demand table is ready for from the start.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/warm-throughput.html>
pub const WARM_READS: u64 = 12_000;

/// Writes a second that an on-demand table is ready for from the start.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/warm-throughput.html>
pub const WARM_WRITES: u64 = 4_000;
