//! CreateDeployment: takes a picture of the methods, and leads a stage to it where one is named.
//! <https://docs.aws.amazon.com/apigateway/latest/api/API_CreateDeployment.html>
//! Done: restApiId stageName stageDescription description variables
//! Stored: cacheClusterEnabled cacheClusterSize tracingEnabled
//! Refused: canarySettings
//! Deviates: caches and traces are kept without effect

use crate::domain::failure::NotServed;
use crate::domain::{StageDraft, check_stage_name};
use crate::shapes::shown;
use crate::state::rest;
use mesh_models::apigateway::{CreateDeploymentError, CreateDeploymentInput, CreateDeploymentOutput};
use mesh_router::Context;

pub(crate) async fn run(
    cx: &Context,
    input: CreateDeploymentInput,
) -> Result<CreateDeploymentOutput, CreateDeploymentError> {
    let CreateDeploymentInput {
        rest_api_id,
        stage_name,
        stage_description,
        description,
        cache_cluster_enabled,
        cache_cluster_size,
        variables,
        canary_settings,
        tracing_enabled,
    } = input;
    if canary_settings.is_some() {
        return Err(NotServed { what: "canary deployments" }.into());
    }
    let stage_name = stage_name.filter(|name| !name.is_empty());
    stage_name.as_deref().map_or(Ok(()), check_stage_name)?;
    let draft = StageDraft {
        description: stage_description,
        cache_cluster_enabled,
        cache_cluster_size,
        variables,
        tracing_enabled,
        ..StageDraft::default()
    };
    let key = rest::key(cx, &rest_api_id.unwrap_or_default());
    cx.write(&key, |state, tx| {
        state.existing::<CreateDeploymentError>(&key)?;
        let id = state.deploy::<CreateDeploymentError>(description.clone(), tx)?;
        if let Some(name) = &stage_name {
            state.serve_from(name, &id, draft.clone(), tx);
        }
        Ok(shown(&id, state.deployment::<CreateDeploymentError>(&id)?).into())
    })
}
