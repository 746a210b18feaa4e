//! CreateStage: makes a stage that serves a deployment.
//! <https://docs.aws.amazon.com/apigateway/latest/api/API_CreateStage.html>
//! Done: restApiId stageName deploymentId description variables
//! Stored: cacheClusterEnabled cacheClusterSize documentationVersion tracingEnabled tags
//! Refused: canarySettings
//! Deviates: caches, documentation versions and traces are kept without effect

use crate::domain::failure::NotServed;
use crate::domain::{StageDraft, check_stage_name};
use crate::shapes::shown;
use crate::state::rest;
use mesh_models::apigateway::{CreateStageError, CreateStageInput, CreateStageOutput};
use mesh_router::Context;

pub(crate) async fn run(
    cx: &Context,
    input: CreateStageInput,
) -> Result<CreateStageOutput, CreateStageError> {
    let CreateStageInput {
        rest_api_id,
        stage_name,
        deployment_id,
        description,
        cache_cluster_enabled,
        cache_cluster_size,
        variables,
        documentation_version,
        canary_settings,
        tracing_enabled,
        tags,
    } = input;
    if canary_settings.is_some() {
        return Err(NotServed { what: "canary deployments" }.into());
    }
    let (name, deployment) = (stage_name.unwrap_or_default(), deployment_id.unwrap_or_default());
    check_stage_name(&name)?;
    let draft = StageDraft {
        description,
        cache_cluster_enabled,
        cache_cluster_size,
        variables,
        documentation_version,
        tracing_enabled,
        tags: tags.filter(|tags| !tags.is_empty()),
    };
    let key = rest::key(cx, &rest_api_id.unwrap_or_default());
    cx.write(&key, |state, tx| {
        state.existing::<CreateStageError>(&key)?;
        state.create_stage::<CreateStageError>(&name, &deployment, draft.clone(), tx)?;
        Ok(shown(&name, state.stage::<CreateStageError>(&name)?).into())
    })
}
