//! PutIntegrationResponse: says what becomes of an integration's answer.
//! <https://docs.aws.amazon.com/apigateway/latest/api/API_PutIntegrationResponse.html>
//! Done: restApiId resourceId httpMethod statusCode selectionPattern responseParameters responseTemplates
//! Stored: contentHandling
//! Refused: -
//! Deviates: response parameters are static values; mapping templates with directives or variables are refused

use crate::domain::check_templates;
use crate::domain::failure::{Invalid, NotServed};
use crate::shapes::shown;
use crate::state::rest::{self, IntegrationResponse, Method};
use mesh_models::apigateway::{
    PutIntegrationResponseError, PutIntegrationResponseInput, PutIntegrationResponseOutput,
};
use mesh_router::Context;

pub(crate) async fn run(
    cx: &Context,
    input: PutIntegrationResponseInput,
) -> Result<PutIntegrationResponseOutput, PutIntegrationResponseError> {
    let PutIntegrationResponseInput {
        rest_api_id,
        resource_id,
        http_method,
        status_code,
        selection_pattern,
        response_parameters,
        response_templates,
        content_handling,
    } = input;
    let (resource, http_method) = (resource_id.unwrap_or_default(), http_method.unwrap_or_default());
    let status = status_code.unwrap_or_default();
    let response = IntegrationResponse {
        selection_pattern,
        parameters: response_parameters,
        templates: response_templates,
        content_handling,
    };
    cx.write(&rest::key(cx, &rest_api_id.unwrap_or_default()), |state, _| {
        state.resource::<PutIntegrationResponseError>(&resource)?;
        state.change_method::<_, PutIntegrationResponseError>(&resource, &http_method, |method| {
            method.integrated::<PutIntegrationResponseError>()?;
            check::<PutIntegrationResponseError>(&response, &status, method)?;
            if let Some(integration) = &mut method.integration {
                integration.responses.insert(status.clone(), response.clone());
            }
            Ok(shown(&status, &response).into())
        })
    })
}

fn check<E: From<Invalid> + From<NotServed>>(
    response: &IntegrationResponse,
    status: &str,
    method: &Method,
) -> Result<(), E> {
    check_templates::<E>(response.templates.as_ref().unwrap_or(&Default::default()))?;
    if response.selection_pattern.as_deref().is_some_and(|pattern| regex_lite::Regex::new(pattern).is_err()) {
        return Err(Invalid::new("Invalid selection pattern specified").into());
    }
    let declared = method.responses.get(status).and_then(|response| response.parameters.as_ref());
    for (name, value) in response.parameters.iter().flatten() {
        if !declared.is_some_and(|declared| declared.contains_key(name)) {
            let sentence = format!(
                "Invalid mapping expression specified: Validation Result: warnings : [], errors : [Invalid mapping expression \
                 parameter specified: {name}]"
            );
            return Err(Invalid::new(sentence).into());
        }
        if !(value.len() >= 2 && value.starts_with('\'') && value.ends_with('\'')) {
            return Err(NotServed { what: "response parameters other than static values" }.into());
        }
    }
    Ok(())
}
