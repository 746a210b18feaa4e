//! DeleteRoute: takes a route away.
//! <https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-routes-routeid.html>
//! Done: ApiId RouteId
//! Stored: -
//! Refused: -
//! Deviates: -

use crate::state::http;
use mesh_models::apigatewayv2::{DeleteRouteError, DeleteRouteInput, DeleteRouteOutput};
use mesh_router::Context;
use smol_str::SmolStr;

pub(crate) async fn run(
    cx: &Context,
    input: DeleteRouteInput,
) -> Result<DeleteRouteOutput, DeleteRouteError> {
    let DeleteRouteInput { api_id, route_id } = input;
    let (key, id) = (http::key(cx, &api_id.unwrap_or_default()), route_id.unwrap_or_default());
    cx.write(&key, |state, tx| {
        state.existing::<DeleteRouteError>(&key)?;
        state.route::<DeleteRouteError>(&id)?;
        state.routes.remove(&SmolStr::new(&id));
        state.changed(tx);
        Ok(DeleteRouteOutput {})
    })
}
