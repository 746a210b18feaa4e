//! GetStages: lists the stages of a REST API.
//! <https://docs.aws.amazon.com/apigateway/latest/api/API_GetStages.html>
//! Done: restApiId deploymentId
//! Stored: -
//! Refused: -
//! Deviates: -

use crate::shapes::shown;
use crate::state::rest;
use mesh_models::apigateway::{GetStagesError, GetStagesInput, GetStagesOutput};
use mesh_router::Context;

pub(crate) async fn run(cx: &Context, input: GetStagesInput) -> Result<GetStagesOutput, GetStagesError> {
    let GetStagesInput { rest_api_id, deployment_id } = input;
    let key = rest::key(cx, &rest_api_id.unwrap_or_default());
    let stages =
        cx.read(&key, |state, _| state.existing::<GetStagesError>(&key).map(|_| state.stages.snapshot()))??;
    let is_wanted = |stage: &rest::Stage| deployment_id.as_deref().is_none_or(|id| stage.deployment == id);
    let wanted = stages.iter().filter(|(_, stage)| is_wanted(stage));
    Ok(GetStagesOutput { item: Some(wanted.map(|(name, stage)| shown(name, &**stage).into()).collect()) })
}
