//! PutMethod: gives a resource a method.
//! <https://docs.aws.amazon.com/apigateway/latest/api/API_PutMethod.html>
//! Done: restApiId resourceId httpMethod authorizationType apiKeyRequired requestParameters
//! Stored: operationName requestModels authorizationScopes
//! Refused: authorizerId requestValidatorId
//! Deviates: there are no authorizers, request validators and API keys yet: the first two are answered as ids that are not there, a method that needs a key answers every request as AWS does one without

use crate::domain::failure::{Invalid, MethodExists};
use crate::domain::{check_method, check_parameters};
use crate::shapes::shown;
use crate::state::rest::{self, Method};
use mesh_models::apigateway::{PutMethodError, PutMethodInput, PutMethodOutput};
use mesh_router::Context;
use smol_str::SmolStr;

pub(crate) async fn run(cx: &Context, input: PutMethodInput) -> Result<PutMethodOutput, PutMethodError> {
    let PutMethodInput {
        rest_api_id,
        resource_id,
        http_method,
        authorization_type,
        authorizer_id,
        api_key_required,
        operation_name,
        request_parameters,
        request_models,
        request_validator_id,
        authorization_scopes,
    } = input;
    let (resource, http_method) = (resource_id.unwrap_or_default(), http_method.unwrap_or_default());
    let authorization = authorization_type.unwrap_or_default();
    cx.write(&rest::key(cx, &rest_api_id.unwrap_or_default()), |state, _| {
        state.resource::<PutMethodError>(&resource)?;
        check_method(&http_method)?;
        check_authorization(&authorization)?;
        if authorizer_id.is_some() && authorization != "NONE" && authorization != "AWS_IAM" {
            return Err(Invalid::new("Invalid authorizer ID specified").into());
        }
        if request_validator_id.is_some() {
            return Err(Invalid::new("Invalid Request Validator identifier specified").into());
        }
        check_parameters(request_parameters.as_ref().unwrap_or(&Default::default()))?;
        let key = (SmolStr::new(&resource), SmolStr::new(&http_method));
        if state.methods.get(&key).is_some() {
            return Err(MethodExists.into());
        }
        let method = Method {
            authorization: authorization.clone(),
            api_key_required: api_key_required.unwrap_or(false),
            operation_name: operation_name.clone(),
            request_parameters: request_parameters.clone(),
            request_models: request_models.clone(),
            authorization_scopes: authorization_scopes.clone(),
            ..Method::default()
        };
        let output = shown(&http_method, &method).into();
        state.methods.insert(key, method);
        Ok(output)
    })
}

fn check_authorization(authorization: &str) -> Result<(), Invalid> {
    match authorization {
        "NONE" | "AWS_IAM" => Ok(()),
        "CUSTOM" | "COGNITO_USER_POOLS" => Err(Invalid::new(
            "Invalid authorizer ID specified. Setting the authorization type to CUSTOM or COGNITO_USER_POOLS requires a \
             valid authorizer.",
        )),
        _ => Err(Invalid::new(
            "Invalid authorization type specified. Valid options are [NONE, AWS_IAM, CUSTOM, COGNITO_USER_POOLS]",
        )),
    }
}
