//! DeleteEventSourceMapping: a function gets the messages of a queue no longer.
//! <https://docs.aws.amazon.com/lambda/latest/api/API_DeleteEventSourceMapping.html>
//! Done: UUID
//! Stored: -
//! Refused: -
//! Deviates: -

use crate::domain::failure::NoSuchMapping;
use crate::domain::parse_uuid;
use crate::shapes::DescribedMapping;
use crate::state::mappings;
use mesh_models::lambda::{
    DeleteEventSourceMappingError, DeleteEventSourceMappingInput, DeleteEventSourceMappingOutput,
};
use mesh_router::Context;

pub(crate) async fn run(
    cx: &Context,
    input: DeleteEventSourceMappingInput,
) -> Result<DeleteEventSourceMappingOutput, DeleteEventSourceMappingError> {
    let DeleteEventSourceMappingInput { uuid } = input;
    let id = parse_uuid(&uuid.unwrap_or_default()).ok_or(NoSuchMapping)?;
    let place = mappings::key_of(cx.account(), cx.region());
    let mapping = cx.write(&place, |mappings, tx| {
        mappings.delete(id, tx).ok_or_else(|| DeleteEventSourceMappingError::from(NoSuchMapping))
    })?;
    Ok(DescribedMapping { account: place.account(), region: place.region(), id, mapping: &mapping }.into())
}
