//! CreateResource: makes a resource below another.
//! <https://docs.aws.amazon.com/apigateway/latest/api/API_CreateResource.html>
//! Done: restApiId parentId pathPart
//! Stored: -
//! Refused: -
//! Deviates: -

use crate::domain::NewResource;
use crate::state::rest;
use mesh_models::apigateway::{CreateResourceError, CreateResourceInput, CreateResourceOutput};
use mesh_router::Context;

pub(crate) async fn run(
    cx: &Context,
    input: CreateResourceInput,
) -> Result<CreateResourceOutput, CreateResourceError> {
    let CreateResourceInput { rest_api_id, parent_id, path_part } = input;
    let (parent, part) = (parent_id.unwrap_or_default(), path_part.unwrap_or_default());
    let key = rest::key(cx, &rest_api_id.unwrap_or_default());
    cx.write(&key, |state, tx| {
        state.existing::<CreateResourceError>(&key)?;
        let id = NewResource { parent: &parent, part: &part }.make::<CreateResourceError>(state, tx)?;
        Ok(CreateResourceOutput {
            path: state.resources.get(&id).map(|resource| resource.path.clone()),
            id: Some(id.to_string()),
            parent_id: Some(parent.clone()),
            path_part: Some(part.clone()),
            resource_methods: None,
        })
    })
}
