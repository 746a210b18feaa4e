//! ListTables: lists the tables of the account in the Region, by name.
//! <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ListTables.html>
//! Done: ExclusiveStartTableName Limit
//! Stored: -
//! Refused: -
//! Deviates: -

use crate::domain::TableName;
use crate::limits::LIST_PAGE;
use crate::state::directory;
use mesh_models::dynamodb::{ListTablesError, ListTablesInput, ListTablesOutput};
use mesh_router::Context;

pub(crate) async fn run(cx: &Context, input: ListTablesInput) -> Result<ListTablesOutput, ListTablesError> {
    let ListTablesInput { exclusive_start_table_name, limit } = input;
    let limit = limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(LIST_PAGE);
    // The whole list is shared, not copied, and walked outside the lock.
    let tables = cx.read(&directory::key(cx), |directory, _| directory.tables.snapshot())?;
    let is_behind =
        |name: &&TableName| exclusive_start_table_name.as_deref().is_none_or(|start| name.as_str() > start);
    let mut names = tables.keys().filter(is_behind);
    let table_names: Vec<String> = names.by_ref().take(limit).map(ToString::to_string).collect();
    let last_evaluated_table_name = names.next().and(table_names.last().cloned());
    Ok(ListTablesOutput { table_names: Some(table_names), last_evaluated_table_name })
}
