//! SetEndpointAttributes: sets attributes of an endpoint of a platform application.
//! <https://docs.aws.amazon.com/sns/latest/api/API_SetEndpointAttributes.html>
//! Done: EndpointArn Attributes
//! Stored: -
//! Refused: -
//! Deviates: -

use crate::domain::platform::{DeviceAddress, check_endpoint};
use mesh_models::sns::{SetEndpointAttributesError, SetEndpointAttributesInput, SetEndpointAttributesOutput};
use mesh_router::Context;

pub(crate) async fn run(
    cx: &Context,
    input: SetEndpointAttributesInput,
) -> Result<SetEndpointAttributesOutput, SetEndpointAttributesError> {
    let SetEndpointAttributesInput { endpoint_arn, attributes } = input;
    let address = DeviceAddress::of_arn(cx, "EndpointArn", &endpoint_arn.unwrap_or_default())?;
    let set = check_endpoint(attributes.unwrap_or_default())?;
    cx.write(&address.application.key, |state, _| {
        let mut device = state.device(&address)?.clone();
        device.attributes.extend(set.clone());
        state.endpoints.insert(address.row(), device);
        Ok::<_, SetEndpointAttributesError>(())
    })?;
    Ok(SetEndpointAttributesOutput {})
}
