//! GetIntegration: shows what answers a method.
//! <https://docs.aws.amazon.com/apigateway/latest/api/API_GetIntegration.html>
//! Done: restApiId resourceId httpMethod
//! Stored: -
//! Refused: -
//! Deviates: -

use crate::shapes::shown;
use crate::state::rest;
use mesh_models::apigateway::{GetIntegrationError, GetIntegrationInput, GetIntegrationOutput};
use mesh_router::Context;

pub(crate) async fn run(
    cx: &Context,
    input: GetIntegrationInput,
) -> Result<GetIntegrationOutput, GetIntegrationError> {
    let GetIntegrationInput { rest_api_id, resource_id, http_method } = input;
    let (resource, http_method) = (resource_id.unwrap_or_default(), http_method.unwrap_or_default());
    cx.read(&rest::key(cx, &rest_api_id.unwrap_or_default()), |state, _| {
        state.resource::<GetIntegrationError>(&resource)?;
        let method = state.method::<GetIntegrationError>(&resource, &http_method)?;
        Ok(shown("", method.integrated::<GetIntegrationError>()?).into())
    })?
}
