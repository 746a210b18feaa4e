//! DeleteRestApi: takes a REST API away with all that it has.
//! <https://docs.aws.amazon.com/apigateway/latest/api/API_DeleteRestApi.html>
//! Done: restApiId
//! Stored: -
//! Refused: -
//! Deviates: -

use crate::state::directory::{self, Directory};
use crate::state::rest;
use mesh_models::apigateway::{DeleteRestApiError, DeleteRestApiInput, DeleteRestApiOutput};
use mesh_router::Context;

pub(crate) async fn run(
    cx: &Context,
    input: DeleteRestApiInput,
) -> Result<DeleteRestApiOutput, DeleteRestApiError> {
    let DeleteRestApiInput { rest_api_id } = input;
    let key = rest::key(cx, &rest_api_id.unwrap_or_default());
    cx.write(&key, |state, tx| {
        state.delete::<DeleteRestApiError>(&key)?;
        tx.on(&directory::key(cx), |directory: &mut Directory, _| directory.rest.remove(key.name()))?;
        tx.on(&directory::location(key.name()), |location, _| location.place.clear())?;
        Ok::<_, DeleteRestApiError>(())
    })?;
    Ok(DeleteRestApiOutput {})
}
