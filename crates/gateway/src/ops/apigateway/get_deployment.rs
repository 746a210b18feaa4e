//! GetDeployment: shows a deployment.
//! <https://docs.aws.amazon.com/apigateway/latest/api/API_GetDeployment.html>
//! Done: restApiId deploymentId embed
//! Stored: -
//! Refused: -
//! Deviates: -

use crate::shapes::shown;
use crate::state::rest::{self, Snapshot};
use mesh_models::apigateway::{GetDeploymentError, GetDeploymentInput, GetDeploymentOutput, MethodSnapshot};
use mesh_router::Context;
use mesh_wire::Map;
use smol_str::SmolStr;

pub(crate) async fn run(
    cx: &Context,
    input: GetDeploymentInput,
) -> Result<GetDeploymentOutput, GetDeploymentError> {
    let GetDeploymentInput { rest_api_id, deployment_id, embed } = input;
    let (id, embed) = (deployment_id.unwrap_or_default(), embed.unwrap_or_default());
    let key = rest::key(cx, &rest_api_id.unwrap_or_default());
    cx.read(&key, |state, _| {
        state.existing::<GetDeploymentError>(&key)?;
        let mut output: GetDeploymentOutput = shown(&id, state.deployment::<GetDeploymentError>(&id)?).into();
        if embed.iter().any(|what| what == "apisummary") {
            output.api_summary = state.snapshots.get(&SmolStr::new(&id)).map(summary);
        }
        Ok(output)
    })?
}

/// How each method is guarded, by path and HTTP method.
fn summary(snapshot: &Snapshot) -> Map<Map<MethodSnapshot>> {
    let mut summary = Map::<Map<MethodSnapshot>>::new();
    for deployed in &snapshot.methods {
        let shape = MethodSnapshot {
            authorization_type: Some(deployed.method.authorization.clone()),
            api_key_required: Some(deployed.method.api_key_required),
        };
        summary.entry(deployed.path.clone()).or_default().insert(deployed.http_method.to_string(), shape);
    }
    summary
}
