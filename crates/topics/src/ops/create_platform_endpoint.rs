//! CreatePlatformEndpoint: registers a device with a platform application, or finds it.
//! <https://docs.aws.amazon.com/sns/latest/api/API_CreatePlatformEndpoint.html>
//! Done: PlatformApplicationArn Token CustomUserData Attributes
//! Stored: -
//! Refused: -
//! Deviates: -

use crate::domain::failure::InvalidParameter;
use crate::domain::platform::{ApplicationAddress, check_endpoint};
use mesh_models::sns::{
    CreatePlatformEndpointError, CreatePlatformEndpointInput, CreatePlatformEndpointOutput,
};
use mesh_router::Context;

pub(crate) async fn run(
    cx: &Context,
    input: CreatePlatformEndpointInput,
) -> Result<CreatePlatformEndpointOutput, CreatePlatformEndpointError> {
    let CreatePlatformEndpointInput { platform_application_arn, token, custom_user_data, attributes } = input;
    let application = ApplicationAddress::of_arn(cx, &platform_application_arn.unwrap_or_default())?;
    let token = token.unwrap_or_default();
    if token.is_empty() {
        return Err(InvalidParameter::because("Token", "cannot be empty").into());
    }
    let mut attributes = attributes.unwrap_or_default();
    if let Some(data) = custom_user_data {
        attributes.insert("CustomUserData".to_owned(), data);
    }
    attributes.insert("Token".to_owned(), token);
    let attributes = check_endpoint(attributes)?;
    let id = cx.write(&application.key, |state, tx| {
        state.register::<CreatePlatformEndpointError>(&application, &attributes, tx)
    })?;
    Ok(CreatePlatformEndpointOutput { endpoint_arn: Some(application.endpoint_arn(id)) })
}
