//! DeleteApi: takes an HTTP API away with all that it has.
//! <https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid.html>
//! Done: ApiId
//! Stored: -
//! Refused: -
//! Deviates: -

use crate::state::directory::{self, Directory};
use crate::state::http;
use mesh_models::apigatewayv2::{DeleteApiError, DeleteApiInput, DeleteApiOutput};
use mesh_router::Context;

pub(crate) async fn run(cx: &Context, input: DeleteApiInput) -> Result<DeleteApiOutput, DeleteApiError> {
    let DeleteApiInput { api_id } = input;
    let key = http::key(cx, &api_id.unwrap_or_default());
    cx.write(&key, |state, tx| {
        state.delete::<DeleteApiError>(&key)?;
        tx.on(&directory::key(cx), |directory: &mut Directory, _| directory.http.remove(key.name()))?;
        tx.on(&directory::location(key.name()), |location, _| location.place.clear())?;
        Ok::<_, DeleteApiError>(())
    })?;
    Ok(DeleteApiOutput {})
}
