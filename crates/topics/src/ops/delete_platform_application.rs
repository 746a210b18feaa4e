//! DeletePlatformApplication: takes a platform application away with its endpoints.
//! <https://docs.aws.amazon.com/sns/latest/api/API_DeletePlatformApplication.html>
//! Done: PlatformApplicationArn
//! Stored: -
//! Refused: -
//! Deviates: -

use crate::domain::platform::ApplicationAddress;
use mesh_models::sns::{
    DeletePlatformApplicationError, DeletePlatformApplicationInput, DeletePlatformApplicationOutput,
};
use mesh_router::Context;

pub(crate) async fn run(
    cx: &Context,
    input: DeletePlatformApplicationInput,
) -> Result<DeletePlatformApplicationOutput, DeletePlatformApplicationError> {
    let DeletePlatformApplicationInput { platform_application_arn } = input;
    let application = ApplicationAddress::of_arn(cx, &platform_application_arn.unwrap_or_default())?;
    cx.write(&application.key, |state, _| {
        state.remove(&application.name);
        Ok::<_, DeletePlatformApplicationError>(())
    })?;
    Ok(DeletePlatformApplicationOutput {})
}
