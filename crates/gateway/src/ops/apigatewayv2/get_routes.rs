//! GetRoutes: lists the routes of an HTTP API.
//! <https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-routes.html>
//! Done: ApiId MaxResults NextToken
//! Stored: -
//! Refused: -
//! Deviates: -

use super::limit;
use crate::domain::page;
use crate::shapes::shown;
use crate::state::http;
use mesh_models::apigatewayv2::{GetRoutesError, GetRoutesInput, GetRoutesOutput};
use mesh_router::Context;

pub(crate) async fn run(cx: &Context, input: GetRoutesInput) -> Result<GetRoutesOutput, GetRoutesError> {
    let GetRoutesInput { api_id, max_results, next_token } = input;
    let (key, limit) = (http::key(cx, &api_id.unwrap_or_default()), limit(max_results)?);
    let rows =
        cx.read(&key, |state, _| state.existing::<GetRoutesError>(&key).map(|_| state.routes.snapshot()))??;
    let page = page(&rows, next_token.as_deref(), limit);
    let items = page.rows.iter().map(|(id, row)| shown(id, &**row).into()).collect();
    Ok(GetRoutesOutput { items: Some(items), next_token: page.next })
}
