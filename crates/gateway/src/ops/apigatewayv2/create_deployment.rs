//! CreateDeployment: takes a picture of the routes, and leads a stage to it where one is named.
//! <https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-deployments.html>
//! Done: ApiId StageName Description
//! Stored: -
//! Refused: -
//! Deviates: -

use crate::domain::failure::InvalidHttp;
use crate::state::http::{self, Stage};
use mesh_models::apigatewayv2::{CreateDeploymentError, CreateDeploymentInput, CreateDeploymentOutput};
use mesh_router::Context;
use mesh_wire::DateTime;
use smol_str::SmolStr;

pub(crate) async fn run(
    cx: &Context,
    input: CreateDeploymentInput,
) -> Result<CreateDeploymentOutput, CreateDeploymentError> {
    let CreateDeploymentInput { api_id, description, stage_name } = input;
    let key = http::key(cx, &api_id.unwrap_or_default());
    cx.write(&key, |state, tx| {
        state.existing::<CreateDeploymentError>(&key)?;
        let stage = match stage_name.as_deref() {
            Some(name) => Some((SmolStr::new(name), state.stage::<CreateDeploymentError>(name)?.clone())),
            None => None,
        };
        if stage.as_ref().is_some_and(|(_, stage)| stage.deploys_itself) {
            let sentence = "Deployment ID cannot be set on a stage with AutoDeploy enabled";
            return Err(InvalidHttp::new(sentence).into());
        }
        let id = state.deploy::<CreateDeploymentError>(description.clone(), tx)?;
        if let Some((name, stage)) = stage {
            state.stages.insert(name, Stage { deployment: Some(id.clone()), updated_at: tx.now(), ..stage });
        }
        Ok(CreateDeploymentOutput {
            auto_deployed: Some(false),
            created_date: Some(DateTime::from_secs(tx.now().as_secs())),
            deployment_id: Some(id.to_string()),
            deployment_status: Some("DEPLOYED".to_owned()),
            deployment_status_message: None,
            description: description.clone(),
        })
    })
}
