//! CreateStage: makes a stage, which serves a deployment or deploys by itself.
//! <https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-stages.html>
//! Done: ApiId StageName AutoDeploy DeploymentId StageVariables RouteSettings
//! Stored: Description AccessLogSettings ClientCertificateId DefaultRouteSettings Tags
//! Refused: -
//! Deviates: access logs, client certificates, throttling and metrics are kept without effect

use crate::domain::check_http_stage_name;
use crate::domain::failure::InvalidHttp;
use crate::shapes::{settings_from, shown};
use crate::state::http::{self, RouteSettings, Stage};
use mesh_models::apigatewayv2::{CreateStageError, CreateStageInput, CreateStageOutput};
use mesh_router::Context;

pub(crate) async fn run(
    cx: &Context,
    input: CreateStageInput,
) -> Result<CreateStageOutput, CreateStageError> {
    let CreateStageInput {
        access_log_settings,
        api_id,
        auto_deploy,
        client_certificate_id,
        default_route_settings,
        deployment_id,
        description,
        route_settings,
        stage_name,
        stage_variables,
        tags,
    } = input;
    let name = stage_name.unwrap_or_default();
    check_http_stage_name(&name)?;
    let deploys_itself = auto_deploy.unwrap_or(false);
    if deploys_itself && deployment_id.is_some() {
        return Err(InvalidHttp::new("Deployment ID cannot be set on a stage with AutoDeploy enabled").into());
    }
    let mut default_route_settings = default_route_settings.map(settings_from).unwrap_or_default();
    let metrics = default_route_settings.detailed_metrics_enabled.get_or_insert(false).to_owned();
    let default_route_settings =
        RouteSettings { detailed_metrics_enabled: Some(metrics), ..default_route_settings };
    let routes =
        route_settings.unwrap_or_default().into_iter().map(|(key, settings)| (key, settings_from(settings)));
    let route_settings = routes.collect::<std::collections::BTreeMap<_, _>>();
    let access_log = access_log_settings.map(|settings| (settings.destination_arn, settings.format));
    let key = http::key(cx, &api_id.unwrap_or_default());
    cx.write(&key, |state, tx| {
        state.existing::<CreateStageError>(&key)?;
        let stage = Stage {
            deployment: deployment_id.as_deref().map(Into::into),
            deploys_itself,
            description: description.clone(),
            variables: stage_variables.clone().unwrap_or_default(),
            access_log: access_log.clone(),
            client_certificate_id: client_certificate_id.clone(),
            default_route_settings: default_route_settings.clone(),
            route_settings: route_settings.clone(),
            tags: tags.clone().unwrap_or_default(),
            is_managed: false,
            created_at: tx.now(),
            updated_at: tx.now(),
        };
        state.create_stage::<CreateStageError>(&name, stage, tx)?;
        Ok(shown(&name, state.stage::<CreateStageError>(&name)?).into())
    })
}
