//! GetDeployments: lists the deployments of a REST API.
//! <https://docs.aws.amazon.com/apigateway/latest/api/API_GetDeployments.html>
//! Done: restApiId position limit
//! Stored: -
//! Refused: -
//! Deviates: -

use super::limit;
use crate::domain::page;
use crate::shapes::shown;
use crate::state::rest;
use mesh_models::apigateway::{GetDeploymentsError, GetDeploymentsInput, GetDeploymentsOutput};
use mesh_router::Context;

pub(crate) async fn run(
    cx: &Context,
    input: GetDeploymentsInput,
) -> Result<GetDeploymentsOutput, GetDeploymentsError> {
    let GetDeploymentsInput { rest_api_id, position, limit: wanted } = input;
    let key = rest::key(cx, &rest_api_id.unwrap_or_default());
    let deployments = cx.read(&key, |state, _| {
        state.existing::<GetDeploymentsError>(&key).map(|_| state.deployments.snapshot())
    })??;
    let page = page(&deployments, position.as_deref(), limit(wanted));
    let items = page.rows.iter().map(|(id, row)| shown(id, &**row).into()).collect();
    Ok(GetDeploymentsOutput { position: page.next, items: Some(items) })
}
