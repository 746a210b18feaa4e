//! GetApis: lists the HTTP APIs of the account in the Region.
//! <https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis.html>
//! Done: MaxResults NextToken
//! Stored: -
//! Refused: -
//! Deviates: -

use super::limit;
use crate::domain::page;
use crate::shapes::ShownAt;
use crate::state::{directory, http};
use mesh_models::apigatewayv2::{GetApisError, GetApisInput, GetApisOutput};
use mesh_router::Context;

pub(crate) async fn run(cx: &Context, input: GetApisInput) -> Result<GetApisOutput, GetApisError> {
    let GetApisInput { max_results, next_token } = input;
    let limit = limit(max_results)?;
    let apis = cx.read(&directory::key(cx), |directory, _| directory.http.snapshot())?;
    let page = page(&apis, next_token.as_deref(), limit);
    let mut items = Vec::with_capacity(page.rows.len());
    for (id, _) in page.rows {
        // One that was deleted since is left out.
        let show = |row: &http::HttpApi| ShownAt { id: &id, row, endpoint: cx.endpoint() }.into();
        items.extend(cx.read(&http::key(cx, &id), |state, _| state.api.get().map(&show))?);
    }
    Ok(GetApisOutput { items: Some(items), next_token: page.next })
}
