//! GetStage: shows a stage.
//! <https://docs.aws.amazon.com/apigateway/latest/api/API_GetStage.html>
//! Done: restApiId stageName
//! Stored: -
//! Refused: -
//! Deviates: -

use crate::shapes::shown;
use crate::state::rest;
use mesh_models::apigateway::{GetStageError, GetStageInput, GetStageOutput};
use mesh_router::Context;

pub(crate) async fn run(cx: &Context, input: GetStageInput) -> Result<GetStageOutput, GetStageError> {
    let GetStageInput { rest_api_id, stage_name } = input;
    let name = stage_name.unwrap_or_default();
    let key = rest::key(cx, &rest_api_id.unwrap_or_default());
    cx.read(&key, |state, _| {
        state.existing::<GetStageError>(&key)?;
        Ok(shown(&name, state.stage::<GetStageError>(&name)?).into())
    })?
}
