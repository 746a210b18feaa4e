//! GetResource: shows a resource.
//! <https://docs.aws.amazon.com/apigateway/latest/api/API_GetResource.html>
//! Done: restApiId resourceId embed
//! Stored: -
//! Refused: -
//! Deviates: -

use crate::shapes::Methods;
use crate::state::rest;
use mesh_models::apigateway::{GetResourceError, GetResourceInput, GetResourceOutput};
use mesh_router::Context;

pub(crate) async fn run(
    cx: &Context,
    input: GetResourceInput,
) -> Result<GetResourceOutput, GetResourceError> {
    let GetResourceInput { rest_api_id, resource_id, embed } = input;
    let (id, methods) = (resource_id.unwrap_or_default(), Methods::of(embed));
    cx.read(&rest::key(cx, &rest_api_id.unwrap_or_default()), |state, _| {
        let resource = state.resource::<GetResourceError>(&id)?;
        Ok(GetResourceOutput {
            parent_id: resource.parent.as_ref().map(ToString::to_string),
            path_part: resource.part.clone(),
            path: Some(resource.path.clone()),
            resource_methods: methods.show(state, &id),
            id: Some(id.clone()),
        })
    })?
}
