//! GetEndpointAttributes: tells what an endpoint of a platform application is set to.
//! <https://docs.aws.amazon.com/sns/latest/api/API_GetEndpointAttributes.html>
//! Done: EndpointArn
//! Stored: -
//! Refused: -
//! Deviates: -

use crate::domain::platform::{DeviceAddress, shown_of_device};
use mesh_models::sns::{GetEndpointAttributesError, GetEndpointAttributesInput, GetEndpointAttributesOutput};
use mesh_router::Context;

pub(crate) async fn run(
    cx: &Context,
    input: GetEndpointAttributesInput,
) -> Result<GetEndpointAttributesOutput, GetEndpointAttributesError> {
    let GetEndpointAttributesInput { endpoint_arn } = input;
    let address = DeviceAddress::of_arn(cx, "EndpointArn", &endpoint_arn.unwrap_or_default())?;
    let attributes =
        cx.read(&address.application.key, |state, _| state.device(&address).map(shown_of_device))??;
    Ok(GetEndpointAttributesOutput { attributes: Some(attributes) })
}
