//! UpdateItem: changes an item, or makes one.
//! <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateItem.html>
//! Done: TableName Key ReturnValues ReturnConsumedCapacity ReturnItemCollectionMetrics UpdateExpression
//!   ConditionExpression ExpressionAttributeNames ExpressionAttributeValues ReturnValuesOnConditionCheckFailure
//! Stored: -
//! Refused: AttributeUpdates Expected ConditionalOperator
//! Deviates: the size of an item collection is always estimated as up to 1 GB

use crate::domain::expression::UpdateExpression;
use crate::domain::failure::Invalid;
use crate::domain::{Guard, Item, TableAddress, Written};
use crate::shapes::Expressions;
use crate::shapes::capacity::{collection, consumed};
use crate::shapes::expressions::{Read, refuse};
use mesh_attributes::{Given, Shown};
use mesh_models::dynamodb::{UpdateItemError, UpdateItemInput, UpdateItemOutput};
use mesh_router::Context;

pub(crate) async fn run(cx: &Context, input: UpdateItemInput) -> Result<UpdateItemOutput, UpdateItemError> {
    let UpdateItemInput {
        table_name,
        key,
        attribute_updates,
        expected,
        conditional_operator,
        return_values,
        return_consumed_capacity,
        return_item_collection_metrics,
        update_expression,
        condition_expression,
        expression_attribute_names,
        expression_attribute_values,
        return_values_on_condition_check_failure,
    } = input;
    let table_name = table_name.unwrap_or_default();
    let address = TableAddress::parse(cx, &table_name)?;
    let expressions = Expressions {
        update: update_expression,
        condition: condition_expression,
        names: expression_attribute_names,
        values: expression_attribute_values,
        ..Expressions::default()
    };
    let legacy = [("AttributeUpdates", attribute_updates.is_some()), ("Expected", expected.is_some())];
    expressions.check_members(&legacy).map_err(Invalid::in_envelope)?;
    refuse(&legacy)?;
    refuse(&[("ConditionalOperator", conditional_operator.is_some())])?;
    let (key, read) = check(key.unwrap_or_default(), expressions).map_err(Invalid::in_envelope)?;
    let Read { update, condition, .. } = read;
    let shows_item = return_values_on_condition_check_failure.as_deref() == Some("ALL_OLD");
    let guard = Guard { condition, shows_item };
    let written =
        cx.write(&address.key, |table, _| table.update::<UpdateItemError>(&key, update.as_ref(), &guard))?;
    Ok(UpdateItemOutput {
        attributes: returned(return_values.as_deref(), update.as_ref(), &written),
        consumed_capacity: consumed(return_consumed_capacity.as_deref(), &table_name, &written.consumed),
        item_collection_metrics: collection(return_item_collection_metrics.as_deref(), written.collection),
    })
}

/// What is checked without the table, in AWS's order.
fn check(key: Given<Item>, expressions: Expressions) -> Result<(Item, Read), Invalid> {
    Ok((key.accept()?, expressions.read()?))
}

/// What `ReturnValues` shows. Where there is nothing to show, the member is left out.
fn returned(asked: Option<&str>, update: Option<&UpdateExpression>, written: &Written) -> Option<Shown> {
    let changed =
        |item: &Item| update.map(|update| update.changed(item)).filter(|changed| !changed.is_empty());
    let (old, new) = (&written.old, &written.new);
    match asked {
        Some("ALL_OLD") => old.clone().map(Shown::from),
        Some("ALL_NEW") => new.clone().map(Shown::from),
        Some("UPDATED_OLD") => old.as_deref().and_then(changed).map(Shown::from),
        Some("UPDATED_NEW") => new.as_deref().and_then(changed).map(Shown::from),
        _ => None,
    }
}
