//! ListEventSourceMappings: the mappings of the account in the Region, of one function or one event source if asked so.
//! <https://docs.aws.amazon.com/lambda/latest/api/API_ListEventSourceMappings.html>
//! Done: EventSourceArn FunctionName Marker MaxItems
//! Stored: -
//! Refused: -
//! Deviates: -

use crate::domain::failure::InvalidParameter;
use crate::domain::{FunctionAddress, Mapping, parse_uuid, uuid};
use crate::limits::MAPPINGS_PAGE;
use crate::shapes::DescribedMapping;
use crate::state::mappings;
use mesh_models::lambda::{
    EventSourceMappingConfiguration, ListEventSourceMappingsError, ListEventSourceMappingsInput,
    ListEventSourceMappingsOutput,
};
use mesh_router::Context;

pub(crate) async fn run(
    cx: &Context,
    input: ListEventSourceMappingsInput,
) -> Result<ListEventSourceMappingsOutput, ListEventSourceMappingsError> {
    let ListEventSourceMappingsInput { event_source_arn, function_name, marker, max_items } = input;
    let parse = |name: String| FunctionAddress::parse::<ListEventSourceMappingsError>(cx, &name, None);
    let function = function_name.map(parse).transpose()?.map(|function| function.qualified_arn());
    let after = marker.as_deref().map(read_marker).transpose()?;
    let limit = max_items.and_then(|limit| usize::try_from(limit).ok());
    let limit = limit.unwrap_or(MAPPINGS_PAGE).min(MAPPINGS_PAGE);
    let place = mappings::key_of(cx.account(), cx.region());
    let mappings = cx.read(&place, |mappings, _| mappings.mappings.snapshot())?;
    let is_wanted = |mapping: &Mapping| {
        event_source_arn.as_deref().is_none_or(|wanted| mapping.queue == wanted)
            && function.as_deref().is_none_or(|wanted| mapping.function == wanted)
    };
    let mut wanted =
        mappings.iter().filter(|(id, mapping)| after.is_none_or(|after| **id > after) && is_wanted(mapping));
    let page: Vec<_> = wanted.by_ref().take(limit).collect();
    let is_cut = wanted.next().is_some();
    let next_marker = page.last().filter(|_| is_cut).map(|(id, _)| uuid(**id));
    let describe = |(id, mapping): (&u128, &std::sync::Arc<Mapping>)| {
        EventSourceMappingConfiguration::from(DescribedMapping {
            account: place.account(),
            region: place.region(),
            id: *id,
            mapping,
        })
    };
    Ok(ListEventSourceMappingsOutput {
        next_marker,
        event_source_mappings: Some(page.into_iter().map(describe).collect()),
    })
}

fn read_marker(marker: &str) -> Result<u128, InvalidParameter> {
    parse_uuid(marker).ok_or_else(|| InvalidParameter {
        sentence: "Invalid Marker: it is none that ListEventSourceMappings gave.".to_owned(),
    })
}
