//! GetMethod: shows a method with its integration.
//! <https://docs.aws.amazon.com/apigateway/latest/api/API_GetMethod.html>
//! Done: restApiId resourceId httpMethod
//! Stored: -
//! Refused: -
//! Deviates: -

use crate::shapes::shown;
use crate::state::rest;
use mesh_models::apigateway::{GetMethodError, GetMethodInput, GetMethodOutput};
use mesh_router::Context;

pub(crate) async fn run(cx: &Context, input: GetMethodInput) -> Result<GetMethodOutput, GetMethodError> {
    let GetMethodInput { rest_api_id, resource_id, http_method } = input;
    let (resource, http_method) = (resource_id.unwrap_or_default(), http_method.unwrap_or_default());
    cx.read(&rest::key(cx, &rest_api_id.unwrap_or_default()), |state, _| {
        state.resource::<GetMethodError>(&resource)?;
        Ok(shown(&http_method, state.method::<GetMethodError>(&resource, &http_method)?).into())
    })?
}
