//! GetItem: reads one item.
//! <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_GetItem.html>
//! Done: TableName Key ConsistentRead ReturnConsumedCapacity ProjectionExpression ExpressionAttributeNames
//! Stored: -
//! Refused: AttributesToGet
//! Deviates: every read is consistent, unless a fault rule says otherwise; what was asked for decides the price

use crate::domain::capacity::{Consumed, read_units};
use crate::domain::expression::Projection;
use crate::domain::failure::{Invalid, KeyFailure};
use crate::domain::{Item, TableAddress};
use crate::shapes::Expressions;
use crate::shapes::capacity::consumed;
use crate::shapes::expressions::refuse;
use crate::state::table::TableState;
use mesh_attributes::Shown;
use mesh_models::dynamodb::{GetItemError, GetItemInput, GetItemOutput};
use mesh_router::Context;

pub(crate) async fn run(cx: &Context, input: GetItemInput) -> Result<GetItemOutput, GetItemError> {
    let GetItemInput {
        table_name,
        key,
        attributes_to_get,
        consistent_read,
        return_consumed_capacity,
        projection_expression,
        expression_attribute_names,
    } = input;
    let table_name = table_name.unwrap_or_default();
    let address = TableAddress::parse(cx, &table_name)?;
    let expressions = Expressions {
        projection: projection_expression,
        names: expression_attribute_names,
        ..Expressions::default()
    };
    let legacy = [("AttributesToGet", attributes_to_get.is_some())];
    expressions.check_members(&legacy)?;
    refuse(&legacy)?;
    let key = key.unwrap_or_default().accept().map_err(Invalid::from)?;
    let projection = expressions.read()?.projection;
    let is_consistent = consistent_read.unwrap_or(false);
    let item = address.read(cx, is_consistent, |table| {
        let item = table.get::<GetItemError>(&key)?;
        projection.as_ref().map_or(Ok(()), |projection| check_projection(table, projection))?;
        Ok::<_, GetItemError>(item)
    })??;
    let size = item.as_deref().map_or(0, Item::size);
    let units = Consumed::of_table(read_units(size, is_consistent));
    let item = item.map(|item| match &projection {
        Some(projection) => projection.of(&item).into(),
        None => Shown::from(item),
    });
    let consumed_capacity = consumed(return_consumed_capacity.as_deref(), &table_name, &units);
    Ok(GetItemOutput { item, consumed_capacity })
}

/// Refuses a projection that looks inside a key.
fn check_projection(table: &TableState, projection: &Projection) -> Result<(), KeyFailure> {
    let Some(settings) = table.settings.get() else { return Ok(()) };
    let paths: Vec<_> = projection.paths().iter().collect();
    settings.keys.check_paths(&paths)?;
    settings.indexes.iter().try_for_each(|index| index.keys.check_index_paths(&paths))
}
