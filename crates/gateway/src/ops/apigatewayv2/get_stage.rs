//! GetStage: shows a stage.
//! <https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-stages-stagename.html>
//! Done: ApiId StageName
//! Stored: -
//! Refused: -
//! Deviates: -

use crate::shapes::shown;
use crate::state::http;
use mesh_models::apigatewayv2::{GetStageError, GetStageInput, GetStageOutput};
use mesh_router::Context;

pub(crate) async fn run(cx: &Context, input: GetStageInput) -> Result<GetStageOutput, GetStageError> {
    let GetStageInput { api_id, stage_name } = input;
    let (key, name) = (http::key(cx, &api_id.unwrap_or_default()), stage_name.unwrap_or_default());
    cx.read(&key, |state, _| {
        state.existing::<GetStageError>(&key)?;
        Ok(shown(&name, state.stage::<GetStageError>(&name)?).into())
    })?
}
