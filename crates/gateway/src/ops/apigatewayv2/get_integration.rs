//! GetIntegration: shows what answers routes.
//! <https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-integrations-integrationid.html>
//! Done: ApiId IntegrationId
//! Stored: -
//! Refused: -
//! Deviates: -

use crate::shapes::shown;
use crate::state::http;
use mesh_models::apigatewayv2::{GetIntegrationError, GetIntegrationInput, GetIntegrationOutput};
use mesh_router::Context;

pub(crate) async fn run(
    cx: &Context,
    input: GetIntegrationInput,
) -> Result<GetIntegrationOutput, GetIntegrationError> {
    let GetIntegrationInput { api_id, integration_id } = input;
    let (key, id) = (http::key(cx, &api_id.unwrap_or_default()), integration_id.unwrap_or_default());
    cx.read(&key, |state, _| {
        state.existing::<GetIntegrationError>(&key)?;
        Ok(shown(&id, state.integration::<GetIntegrationError>(&id)?).into())
    })?
}
