//! GetStages: lists the stages of an HTTP API.
//! <https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-stages.html>
//! Done: ApiId MaxResults NextToken
//! Stored: -
//! Refused: -
//! Deviates: -

use super::limit;
use crate::domain::page;
use crate::shapes::shown;
use crate::state::http;
use mesh_models::apigatewayv2::{GetStagesError, GetStagesInput, GetStagesOutput};
use mesh_router::Context;

pub(crate) async fn run(cx: &Context, input: GetStagesInput) -> Result<GetStagesOutput, GetStagesError> {
    let GetStagesInput { api_id, max_results, next_token } = input;
    let (key, limit) = (http::key(cx, &api_id.unwrap_or_default()), limit(max_results)?);
    let rows =
        cx.read(&key, |state, _| state.existing::<GetStagesError>(&key).map(|_| state.stages.snapshot()))??;
    let page = page(&rows, next_token.as_deref(), limit);
    let items = page.rows.iter().map(|(id, row)| shown(id, &**row).into()).collect();
    Ok(GetStagesOutput { items: Some(items), next_token: page.next })
}
