//! Query: finds the items of a partition key, in the order of their sort keys, in a table or an index.
//! <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Query.html>
//! Done: TableName IndexName Select Limit ConsistentRead ScanIndexForward ExclusiveStartKey ReturnConsumedCapacity
//!   ProjectionExpression FilterExpression KeyConditionExpression ExpressionAttributeNames ExpressionAttributeValues
//! Stored: -
//! Refused: AttributesToGet KeyConditions QueryFilter ConditionalOperator
//! Deviates: every read is consistent, of global indexes too, unless a fault rule says otherwise; what was asked for decides
//!   the price

use crate::domain::failure::Invalid;
use crate::domain::{Page, Query, Select, TableAddress};
use crate::shapes::Expressions;
use crate::shapes::capacity::consumed;
use crate::shapes::expressions::refuse;
use mesh_attributes::{Given, Shown};
use mesh_models::dynamodb::{QueryError, QueryInput, QueryOutput};
use mesh_router::Context;

pub(crate) async fn run(cx: &Context, input: QueryInput) -> Result<QueryOutput, QueryError> {
    let QueryInput {
        table_name,
        index_name,
        select,
        attributes_to_get,
        limit,
        consistent_read,
        key_conditions,
        query_filter,
        conditional_operator,
        scan_index_forward,
        exclusive_start_key,
        return_consumed_capacity,
        projection_expression,
        filter_expression,
        key_condition_expression,
        expression_attribute_names,
        expression_attribute_values,
    } = input;
    let table_name = table_name.unwrap_or_default();
    let address = TableAddress::parse(cx, &table_name)?;
    let expressions = Expressions {
        key_condition: key_condition_expression,
        filter: filter_expression,
        projection: projection_expression,
        names: expression_attribute_names,
        values: expression_attribute_values,
        ..Expressions::default()
    };
    let legacy = [
        ("AttributesToGet", attributes_to_get.is_some()),
        ("QueryFilter", query_filter.is_some()),
        ("ConditionalOperator", conditional_operator.is_some()),
        ("KeyConditions", key_conditions.is_some()),
    ];
    expressions.check_members(&legacy)?;
    refuse(&legacy)?;
    let select = check_select(select.as_deref(), expressions.projection.is_some(), index_name.is_some())
        .map_err(Invalid::in_envelope)?;
    let start = exclusive_start_key.map(Given::accept).transpose().map_err(Invalid::from)?;
    if expressions.key_condition.is_none() {
        let sentence =
            "Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.";
        return Err(Invalid::new(sentence).into());
    }
    let read = expressions.read()?;
    let query = Query {
        index: index_name,
        conditions: read.key_conditions.unwrap_or_default(),
        filter: read.filter,
        projection: read.projection,
        select,
        limit: limit.and_then(|limit| usize::try_from(limit).ok()),
        is_forward: scan_index_forward.unwrap_or(true),
        is_consistent: consistent_read.unwrap_or(false),
        start,
    };
    let is_consistent = query.is_consistent;
    let walk = address.read(cx, is_consistent, |table| query.plan::<QueryError>(table))??;
    let Page { items, count, scanned, last, consumed: units } = walk.page();
    Ok(QueryOutput {
        items: items.map(|items| items.into_iter().map(Shown::from).collect()),
        count: Some(counted(count)),
        scanned_count: Some(counted(scanned)),
        last_evaluated_key: last.map(Given::from),
        consumed_capacity: consumed(return_consumed_capacity.as_deref(), &table_name, &units),
    })
}

fn counted(count: usize) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

/// `Select`, with what goes together with it.
fn check_select(select: Option<&str>, is_projected: bool, is_index: bool) -> Result<Option<Select>, Invalid> {
    let (select, what) = match select {
        None => return Ok(None),
        Some("SPECIFIC_ATTRIBUTES") if is_projected => return Ok(Some(Select::Specific)),
        Some("SPECIFIC_ATTRIBUTES") => {
            return Err(Invalid::new(
                "Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES",
            ));
        }
        Some("ALL_ATTRIBUTES") => (Select::AllAttributes, "ALL_ATTRIBUTES"),
        Some("ALL_PROJECTED_ATTRIBUTES") => (Select::AllProjected, "ALL_PROJECTED_ATTRIBUTES"),
        Some(_) => (Select::Count, "only the Count"),
    };
    if is_projected {
        let sentence = format!("Cannot specify the ProjectionExpression when choosing to get {what}");
        return Err(Invalid::new(sentence));
    }
    if select == Select::AllProjected && !is_index {
        return Err(Invalid::new(
            "ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName",
        ));
    }
    Ok(Some(select))
}
