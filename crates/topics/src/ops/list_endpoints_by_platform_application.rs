//! ListEndpointsByPlatformApplication: lists the endpoints of a platform application.
//! <https://docs.aws.amazon.com/sns/latest/api/API_ListEndpointsByPlatformApplication.html>
//! Done: PlatformApplicationArn NextToken
//! Stored: -
//! Refused: -
//! Deviates: -

use crate::domain::page;
use crate::domain::platform::{ApplicationAddress, shown_of_device};
use mesh_models::sns::{
    Endpoint, ListEndpointsByPlatformApplicationError, ListEndpointsByPlatformApplicationInput,
    ListEndpointsByPlatformApplicationOutput,
};
use mesh_router::Context;
use std::ops::Bound;

pub(crate) async fn run(
    cx: &Context,
    input: ListEndpointsByPlatformApplicationInput,
) -> Result<ListEndpointsByPlatformApplicationOutput, ListEndpointsByPlatformApplicationError> {
    let ListEndpointsByPlatformApplicationInput { platform_application_arn, next_token } = input;
    let address = ApplicationAddress::of_arn(cx, &platform_application_arn.unwrap_or_default())?;
    let after = page::start(next_token.as_deref())?.and_then(|id| id.parse::<u128>().ok());
    let all = cx.read(&address.key, |state, _| {
        state.application(&address.name)?;
        Ok::<_, ListEndpointsByPlatformApplicationError>(state.endpoints.snapshot())
    })??;
    let key = |id| (address.name.clone(), id);
    let first = after.map_or(Bound::Included(key(0)), |id| Bound::Excluded(key(id)));
    let rows = all.range((first, Bound::Included(key(u128::MAX))));
    let (rows, next_token) = page::usual(rows, |((_, id), _)| id.to_string());
    let endpoints = rows.into_iter().map(|((_, id), device)| Endpoint {
        endpoint_arn: Some(address.endpoint_arn(*id)),
        attributes: Some(shown_of_device(device)),
    });
    Ok(ListEndpointsByPlatformApplicationOutput { endpoints: Some(endpoints.collect()), next_token })
}
