//! DeleteTable: takes a table away with all that is in it.
//! <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DeleteTable.html>
//! Done: TableName
//! Stored: -
//! Refused: -
//! Deviates: the answer says DELETING, and the table is gone; AWS takes some seconds

use crate::domain::TableAddress;
use crate::shapes::description::{Status, describe};
use crate::state::directory::{self, Directory};
use mesh_models::dynamodb::{DeleteTableError, DeleteTableInput, DeleteTableOutput};
use mesh_router::Context;

pub(crate) async fn run(
    cx: &Context,
    input: DeleteTableInput,
) -> Result<DeleteTableOutput, DeleteTableError> {
    let DeleteTableInput { table_name } = input;
    let address = TableAddress::parse(cx, &table_name.unwrap_or_default())?;
    let directory = directory::key_of(address.key.account(), address.key.region());
    let (settings, size) = cx.write(&address.key, |table, tx| {
        let deleted = table.delete::<DeleteTableError>(address.name.as_str(), tx)?;
        tx.on(&directory, |directory: &mut Directory, _| directory.tables.remove(&address.name))?;
        Ok::<_, DeleteTableError>(deleted)
    })?;
    let description = describe(&address, &settings, &size, Status::Deleting);
    Ok(DeleteTableOutput { table_description: Some(description) })
}
