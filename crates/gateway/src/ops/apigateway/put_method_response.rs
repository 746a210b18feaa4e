//! PutMethodResponse: says what a method may answer under a status code.
//! <https://docs.aws.amazon.com/apigateway/latest/api/API_PutMethodResponse.html>
//! Done: restApiId resourceId httpMethod statusCode responseParameters
//! Stored: responseModels
//! Refused: -
//! Deviates: -

use crate::domain::failure::{Invalid, ResponseExists};
use crate::shapes::shown;
use crate::state::rest::{self, MethodResponse};
use mesh_models::apigateway::{PutMethodResponseError, PutMethodResponseInput, PutMethodResponseOutput};
use mesh_router::Context;

pub(crate) async fn run(
    cx: &Context,
    input: PutMethodResponseInput,
) -> Result<PutMethodResponseOutput, PutMethodResponseError> {
    let PutMethodResponseInput {
        rest_api_id,
        resource_id,
        http_method,
        status_code,
        response_parameters,
        response_models,
    } = input;
    let (resource, http_method) = (resource_id.unwrap_or_default(), http_method.unwrap_or_default());
    let status = status_code.unwrap_or_default();
    if let Some(name) =
        response_parameters.iter().flatten().find(|(name, _)| !name.starts_with("method.response.header."))
    {
        let sentence = format!(
            "Invalid mapping expression specified: Validation Result: warnings : [], errors : [Invalid mapping expression \
             parameter specified: {}]",
            name.0
        );
        return Err(Invalid::new(sentence).into());
    }
    let response = MethodResponse { parameters: response_parameters, models: response_models };
    cx.write(&rest::key(cx, &rest_api_id.unwrap_or_default()), |state, _| {
        state.resource::<PutMethodResponseError>(&resource)?;
        state.change_method(&resource, &http_method, |method| match method.responses.contains_key(&status) {
            true => Err(ResponseExists.into()),
            false => {
                method.responses.insert(status.clone(), response.clone());
                Ok(shown(&status, &response).into())
            }
        })
    })
}
