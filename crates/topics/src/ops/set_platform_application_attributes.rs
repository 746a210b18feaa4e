//! SetPlatformApplicationAttributes: sets attributes of a platform application.
//! <https://docs.aws.amazon.com/sns/latest/api/API_SetPlatformApplicationAttributes.html>
//! Done: PlatformApplicationArn
//! Stored: Attributes
//! Refused: -
//! Deviates: -

use crate::domain::platform::{ApplicationAddress, check_application};
use mesh_models::sns::{
    SetPlatformApplicationAttributesError, SetPlatformApplicationAttributesInput,
    SetPlatformApplicationAttributesOutput,
};
use mesh_router::Context;

pub(crate) async fn run(
    cx: &Context,
    input: SetPlatformApplicationAttributesInput,
) -> Result<SetPlatformApplicationAttributesOutput, SetPlatformApplicationAttributesError> {
    let SetPlatformApplicationAttributesInput { platform_application_arn, attributes } = input;
    let address = ApplicationAddress::of_arn(cx, &platform_application_arn.unwrap_or_default())?;
    let sent = attributes.unwrap_or_default();
    cx.write(&address.key, |state, _| {
        // That there is none is said before what is wrong with an attribute (recordings/sns.json).
        let mut application = state.application(&address.name)?.clone();
        application.attributes.extend(check_application(sent.clone())?);
        state.applications.insert(address.name.clone(), application);
        Ok::<_, SetPlatformApplicationAttributesError>(())
    })?;
    Ok(SetPlatformApplicationAttributesOutput {})
}
