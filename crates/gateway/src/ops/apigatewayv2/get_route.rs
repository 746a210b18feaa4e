//! GetRoute: shows a route.
//! <https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-routes-routeid.html>
//! Done: ApiId RouteId
//! Stored: -
//! Refused: -
//! Deviates: -

use crate::shapes::shown;
use crate::state::http;
use mesh_models::apigatewayv2::{GetRouteError, GetRouteInput, GetRouteOutput};
use mesh_router::Context;

pub(crate) async fn run(cx: &Context, input: GetRouteInput) -> Result<GetRouteOutput, GetRouteError> {
    let GetRouteInput { api_id, route_id } = input;
    let (key, id) = (http::key(cx, &api_id.unwrap_or_default()), route_id.unwrap_or_default());
    cx.read(&key, |state, _| {
        state.existing::<GetRouteError>(&key)?;
        Ok(shown(&id, state.route::<GetRouteError>(&id)?).into())
    })?
}
