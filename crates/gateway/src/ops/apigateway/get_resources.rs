//! GetResources: lists the resources of a REST API.
//! <https://docs.aws.amazon.com/apigateway/latest/api/API_GetResources.html>
//! Done: restApiId position limit embed
//! Stored: -
//! Refused: -
//! Deviates: -

use super::limit;
use crate::domain::page;
use crate::shapes::Methods;
use crate::state::rest;
use mesh_models::apigateway::{GetResourcesError, GetResourcesInput, GetResourcesOutput, Resource};
use mesh_router::Context;

pub(crate) async fn run(
    cx: &Context,
    input: GetResourcesInput,
) -> Result<GetResourcesOutput, GetResourcesError> {
    let GetResourcesInput { rest_api_id, position, limit: wanted, embed } = input;
    let (key, methods) = (rest::key(cx, &rest_api_id.unwrap_or_default()), Methods::of(embed));
    cx.read(&key, |state, _| {
        state.existing::<GetResourcesError>(&key)?;
        let page = page(&state.resources.snapshot(), position.as_deref(), limit(wanted));
        let show = |(id, resource): (smol_str::SmolStr, std::sync::Arc<rest::Resource>)| Resource {
            parent_id: resource.parent.as_ref().map(ToString::to_string),
            path_part: resource.part.clone(),
            path: Some(resource.path.clone()),
            resource_methods: methods.show(state, &id),
            id: Some(id.to_string()),
        };
        Ok(GetResourcesOutput { position: page.next, items: Some(page.rows.into_iter().map(show).collect()) })
    })?
}
