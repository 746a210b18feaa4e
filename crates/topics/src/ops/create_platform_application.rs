//! CreatePlatformApplication: registers an app with a platform that pushes messages to devices.
//! <https://docs.aws.amazon.com/sns/latest/api/API_CreatePlatformApplication.html>
//! Done: Name Platform
//! Stored: Attributes
//! Refused: -
//! Deviates: credentials are kept and never used

use crate::domain::platform::{ApplicationAddress, check_application};
use crate::state::devices::Application;
use mesh_models::sns::{
    CreatePlatformApplicationError, CreatePlatformApplicationInput, CreatePlatformApplicationOutput,
};
use mesh_router::Context;

pub(crate) async fn run(
    cx: &Context,
    input: CreatePlatformApplicationInput,
) -> Result<CreatePlatformApplicationOutput, CreatePlatformApplicationError> {
    let CreatePlatformApplicationInput { name, platform, attributes } = input;
    let (name, platform) = (name.unwrap_or_default(), platform.unwrap_or_default());
    let application = ApplicationAddress::new(cx, &name, &platform)?;
    let attributes = check_application(attributes.unwrap_or_default())?;
    cx.write(&application.key, |state, tx| {
        // One that is there takes the new attributes.
        let created_at = state.applications.get(&application.name).map_or(tx.now(), |found| found.created_at);
        let row = Application { created_at, attributes: attributes.clone() };
        state.applications.insert(application.name.clone(), row);
        Ok::<_, CreatePlatformApplicationError>(())
    })?;
    let arn = application.arn().to_string();
    Ok(CreatePlatformApplicationOutput { platform_application_arn: Some(arn) })
}
