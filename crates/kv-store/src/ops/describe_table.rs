//! DescribeTable: tells what a table is set to and what it holds.
//! <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeTable.html>
//! Done: TableName
//! Stored: -
//! Refused: -
//! Deviates: counts and sizes are those of the moment; AWS's are up to six hours old

use crate::domain::TableAddress;
use crate::domain::failure::TableNotFound;
use crate::shapes::description::{Status, describe};
use mesh_models::dynamodb::{DescribeTableError, DescribeTableInput, DescribeTableOutput};
use mesh_router::Context;

pub(crate) async fn run(
    cx: &Context,
    input: DescribeTableInput,
) -> Result<DescribeTableOutput, DescribeTableError> {
    let DescribeTableInput { table_name } = input;
    let address = TableAddress::parse(cx, &table_name.unwrap_or_default())?;
    let (settings, size) = cx.read(&address.key, |table, _| (table.settings.get_shared(), table.size()))?;
    let settings = settings.ok_or_else(|| TableNotFound { name: address.name.to_string() })?;
    Ok(DescribeTableOutput { table: Some(describe(&address, &settings, &size, Status::Active)) })
}
