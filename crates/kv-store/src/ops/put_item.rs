//! PutItem: puts an item into a table, in place of one with the same key.
//! <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_PutItem.html>
//! Done: TableName Item ReturnValues ReturnConsumedCapacity ReturnItemCollectionMetrics ConditionExpression
//!   ExpressionAttributeNames ExpressionAttributeValues ReturnValuesOnConditionCheckFailure
//! Stored: -
//! Refused: Expected ConditionalOperator
//! Deviates: the size of an item collection is always estimated as up to 1 GB

use crate::domain::expression::Condition;
use crate::domain::failure::Invalid;
use crate::domain::{Guard, Item, TableAddress};
use crate::shapes::Expressions;
use crate::shapes::capacity::{collection, consumed};
use crate::shapes::expressions::refuse;
use mesh_attributes::{Given, Shown};
use mesh_models::dynamodb::{PutItemError, PutItemInput, PutItemOutput};
use mesh_router::Context;
use std::sync::Arc;

pub(crate) async fn run(cx: &Context, input: PutItemInput) -> Result<PutItemOutput, PutItemError> {
    let PutItemInput {
        table_name,
        item,
        expected,
        return_values,
        return_consumed_capacity,
        return_item_collection_metrics,
        conditional_operator,
        condition_expression,
        expression_attribute_names,
        expression_attribute_values,
        return_values_on_condition_check_failure,
    } = input;
    let table_name = table_name.unwrap_or_default();
    let address = TableAddress::parse(cx, &table_name)?;
    let expressions = Expressions {
        condition: condition_expression,
        names: expression_attribute_names,
        values: expression_attribute_values,
        ..Expressions::default()
    };
    let legacy = [("Expected", expected.is_some())];
    expressions.check_members(&legacy).map_err(Invalid::in_envelope)?;
    refuse(&legacy)?;
    refuse(&[("ConditionalOperator", conditional_operator.is_some())])?;
    let wants_old = return_values.as_deref() == Some("ALL_OLD");
    let (item, condition) = check(item.unwrap_or_default(), return_values.as_deref(), expressions)
        .map_err(Invalid::in_envelope)?;
    let shows_item = return_values_on_condition_check_failure.as_deref() == Some("ALL_OLD");
    let (item, guard) = (Arc::new(item), Guard { condition, shows_item });
    let written = cx.write(&address.key, |table, _| table.put::<PutItemError>(&item, &guard))?;
    Ok(PutItemOutput {
        attributes: written.old.filter(|_| wants_old).map(Shown::from),
        consumed_capacity: consumed(return_consumed_capacity.as_deref(), &table_name, &written.consumed),
        item_collection_metrics: collection(return_item_collection_metrics.as_deref(), written.collection),
    })
}

/// What is checked without the table, in AWS's order.
fn check(
    item: Given<Item>,
    return_values: Option<&str>,
    expressions: Expressions,
) -> Result<(Item, Option<Condition>), Invalid> {
    let item = item.accept()?;
    if !matches!(return_values, None | Some("ALL_OLD" | "NONE")) {
        return Err(Invalid::new("ReturnValues can only be ALL_OLD or NONE"));
    }
    item.check_put_size()?;
    Ok((item, expressions.read()?.condition))
}
