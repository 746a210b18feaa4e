//! DeleteResource: takes a resource away with all below it.
//! <https://docs.aws.amazon.com/apigateway/latest/api/API_DeleteResource.html>
//! Done: restApiId resourceId
//! Stored: -
//! Refused: -
//! Deviates: -

use crate::state::rest;
use mesh_models::apigateway::{DeleteResourceError, DeleteResourceInput, DeleteResourceOutput};
use mesh_router::Context;

pub(crate) async fn run(
    cx: &Context,
    input: DeleteResourceInput,
) -> Result<DeleteResourceOutput, DeleteResourceError> {
    let DeleteResourceInput { rest_api_id, resource_id } = input;
    let id = resource_id.unwrap_or_default();
    cx.write(&rest::key(cx, &rest_api_id.unwrap_or_default()), |state, _| {
        state.delete_resource::<DeleteResourceError>(&id)?;
        Ok(DeleteResourceOutput {})
    })
}
