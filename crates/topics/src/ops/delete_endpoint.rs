//! DeleteEndpoint: takes an endpoint of a platform application away.
//! <https://docs.aws.amazon.com/sns/latest/api/API_DeleteEndpoint.html>
//! Done: EndpointArn
//! Stored: -
//! Refused: -
//! Deviates: -

use crate::domain::platform::DeviceAddress;
use mesh_models::sns::{DeleteEndpointError, DeleteEndpointInput, DeleteEndpointOutput};
use mesh_router::Context;

pub(crate) async fn run(
    cx: &Context,
    input: DeleteEndpointInput,
) -> Result<DeleteEndpointOutput, DeleteEndpointError> {
    let DeleteEndpointInput { endpoint_arn } = input;
    let address = DeviceAddress::of_arn(cx, "EndpointArn", &endpoint_arn.unwrap_or_default())?;
    cx.write(&address.application.key, |state, _| {
        state.endpoints.remove(&address.row());
        Ok::<_, DeleteEndpointError>(())
    })?;
    Ok(DeleteEndpointOutput {})
}
