//! GetRestApis: lists the REST APIs of the account in the Region.
//! <https://docs.aws.amazon.com/apigateway/latest/api/API_GetRestApis.html>
//! Done: position limit
//! Stored: -
//! Refused: -
//! Deviates: -

use super::limit;
use crate::domain::page;
use crate::shapes::shown;
use crate::state::{directory, rest};
use mesh_models::apigateway::{GetRestApisError, GetRestApisInput, GetRestApisOutput};
use mesh_router::Context;

pub(crate) async fn run(
    cx: &Context,
    input: GetRestApisInput,
) -> Result<GetRestApisOutput, GetRestApisError> {
    let GetRestApisInput { position, limit: wanted } = input;
    let apis = cx.read(&directory::key(cx), |directory, _| directory.rest.snapshot())?;
    let page = page(&apis, position.as_deref(), limit(wanted));
    let mut items = Vec::with_capacity(page.rows.len());
    for (id, _) in page.rows {
        // One that was deleted since is left out.
        items.extend(
            cx.read(&rest::key(cx, &id), |state, _| state.api.get().map(|api| shown(&id, api).into()))?,
        );
    }
    Ok(GetRestApisOutput { position: page.next, items: Some(items) })
}
