//! GetRestApi: shows a REST API.
//! <https://docs.aws.amazon.com/apigateway/latest/api/API_GetRestApi.html>
//! Done: restApiId
//! Stored: -
//! Refused: -
//! Deviates: -

use crate::shapes::shown;
use crate::state::rest;
use mesh_models::apigateway::{GetRestApiError, GetRestApiInput, GetRestApiOutput};
use mesh_router::Context;

pub(crate) async fn run(cx: &Context, input: GetRestApiInput) -> Result<GetRestApiOutput, GetRestApiError> {
    let GetRestApiInput { rest_api_id } = input;
    let id = rest_api_id.unwrap_or_default();
    let key = rest::key(cx, &id);
    cx.read(&key, |state, _| state.existing(&key).map(|api| shown(&id, api).into()))?
}
