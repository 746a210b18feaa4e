//! GetEventSourceMapping: how a function gets the messages of a queue.
//! <https://docs.aws.amazon.com/lambda/latest/api/API_GetEventSourceMapping.html>
//! Done: UUID
//! Stored: -
//! Refused: -
//! Deviates: -

use crate::domain::failure::NoSuchMapping;
use crate::domain::parse_uuid;
use crate::shapes::DescribedMapping;
use crate::state::mappings;
use mesh_models::lambda::{
    GetEventSourceMappingError, GetEventSourceMappingInput, GetEventSourceMappingOutput,
};
use mesh_router::Context;

pub(crate) async fn run(
    cx: &Context,
    input: GetEventSourceMappingInput,
) -> Result<GetEventSourceMappingOutput, GetEventSourceMappingError> {
    let GetEventSourceMappingInput { uuid } = input;
    let id = parse_uuid(&uuid.unwrap_or_default()).ok_or(NoSuchMapping)?;
    let place = mappings::key_of(cx.account(), cx.region());
    let mapping = cx.read(&place, |mappings, _| mappings.mappings.get_shared(&id))?.ok_or(NoSuchMapping)?;
    Ok(DescribedMapping { account: place.account(), region: place.region(), id, mapping: &mapping }.into())
}
