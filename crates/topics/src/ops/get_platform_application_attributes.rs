//! GetPlatformApplicationAttributes: tells what a platform application is set to.
//! <https://docs.aws.amazon.com/sns/latest/api/API_GetPlatformApplicationAttributes.html>
//! Done: PlatformApplicationArn
//! Stored: -
//! Refused: -
//! Deviates: -

use crate::domain::platform::{ApplicationAddress, shown};
use mesh_models::sns::{
    GetPlatformApplicationAttributesError, GetPlatformApplicationAttributesInput,
    GetPlatformApplicationAttributesOutput,
};
use mesh_router::Context;

pub(crate) async fn run(
    cx: &Context,
    input: GetPlatformApplicationAttributesInput,
) -> Result<GetPlatformApplicationAttributesOutput, GetPlatformApplicationAttributesError> {
    let GetPlatformApplicationAttributesInput { platform_application_arn } = input;
    let application = ApplicationAddress::of_arn(cx, &platform_application_arn.unwrap_or_default())?;
    let attributes =
        cx.read(&application.key, |state, _| state.application(&application.name).map(shown))??;
    Ok(GetPlatformApplicationAttributesOutput { attributes: Some(attributes) })
}
