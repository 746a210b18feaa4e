//! ListPlatformApplications: lists the platform applications of the account in the Region.
//! <https://docs.aws.amazon.com/sns/latest/api/API_ListPlatformApplications.html>
//! Done: NextToken
//! Stored: -
//! Refused: -
//! Deviates: -

use crate::domain::page;
use crate::domain::platform::{ApplicationAddress, shown};
use crate::state::devices;
use mesh_models::sns::{
    ListPlatformApplicationsError, ListPlatformApplicationsInput, ListPlatformApplicationsOutput,
    PlatformApplication,
};
use mesh_router::Context;

pub(crate) async fn run(
    cx: &Context,
    input: ListPlatformApplicationsInput,
) -> Result<ListPlatformApplicationsOutput, ListPlatformApplicationsError> {
    let ListPlatformApplicationsInput { next_token } = input;
    let after = page::start(next_token.as_deref())?;
    let key = devices::key(cx);
    let all = cx.read(&key, |state, _| state.applications.snapshot())?;
    let rows = all.iter().filter(|(name, _)| after.as_deref().is_none_or(|after| name.as_str() > after));
    let (rows, next_token) = page::usual(rows, |(name, _)| name.to_string());
    let applications = rows.into_iter().map(|(name, application)| {
        let address = ApplicationAddress { key: key.clone(), name: name.clone() };
        PlatformApplication {
            platform_application_arn: Some(address.arn().to_string()),
            attributes: Some(shown(application)),
        }
    });
    Ok(ListPlatformApplicationsOutput { platform_applications: Some(applications.collect()), next_token })
}
