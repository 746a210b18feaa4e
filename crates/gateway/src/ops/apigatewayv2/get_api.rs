//! GetApi: shows an HTTP API.
//! <https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid.html>
//! Done: ApiId
//! Stored: -
//! Refused: -
//! Deviates: -

use crate::shapes::ShownAt;
use crate::state::http;
use mesh_models::apigatewayv2::{GetApiError, GetApiInput, GetApiOutput};
use mesh_router::Context;

pub(crate) async fn run(cx: &Context, input: GetApiInput) -> Result<GetApiOutput, GetApiError> {
    let GetApiInput { api_id } = input;
    let id = api_id.unwrap_or_default();
    let key = http::key(cx, &id);
    cx.read(&key, |state, _| {
        state.existing(&key).map(|row| ShownAt { id: &id, row, endpoint: cx.endpoint() }.into())
    })?
}
