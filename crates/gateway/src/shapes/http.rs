//! Rows of HTTP APIs.

use super::{moment, shapes};
use crate::state::http::{Cors, HttpApi, Integration, Route, RouteSettings, Stage};
use mesh_models::apigatewayv2::{
    self as model, AccessLogSettings, Api, CreateApiOutput, CreateIntegrationOutput, CreateRouteOutput,
    CreateStageOutput, GetApiOutput, GetIntegrationOutput, GetRouteOutput, GetStageOutput, RouteShape,
    TlsConfig,
};

shapes! {
    ShownAt<HttpApi> as |shown| CreateApiOutput, GetApiOutput, Api => {
        api_endpoint: Some(format!("{}/_aws/execute-api/{}", shown.endpoint, shown.id)),
        api_gateway_managed: None,
        api_id: Some(shown.id.to_owned()),
        api_key_selection_expression: Some("$request.header.x-api-key".to_owned()),
        cors_configuration: shown.row.cors.as_ref().map(cors),
        created_date: Some(moment(shown.row.created_at)),
        description: shown.row.description.clone(),
        disable_schema_validation: None,
        disable_execute_api_endpoint: Some(shown.row.disable_execute_api_endpoint),
        import_info: None,
        ip_address_type: Some(shown.row.ip_address_type.clone()),
        name: Some(shown.row.name.clone()),
        protocol_type: Some("HTTP".to_owned()),
        route_selection_expression: Some("$request.method $request.path".to_owned()),
        tags: Some(shown.row.tags.clone()),
        version: shown.row.version.clone(),
        warnings: None,
    }

    Shown<Route> as |shown| CreateRouteOutput, GetRouteOutput, RouteShape => {
        api_gateway_managed: shown.row.is_managed.then_some(true),
        api_key_required: Some(false),
        authorization_scopes: None,
        authorization_type: Some(shown.row.authorization.clone()),
        authorizer_id: None,
        model_selection_expression: None,
        operation_name: shown.row.operation_name.clone(),
        request_models: None,
        request_parameters: None,
        route_id: Some(shown.id.to_owned()),
        route_key: Some(shown.row.key.clone()),
        route_response_selection_expression: None,
        target: shown.row.target.clone(),
    }

    Shown<Integration> as |shown| CreateIntegrationOutput, GetIntegrationOutput, model::Integration => {
        api_gateway_managed: shown.row.is_managed.then_some(true),
        connection_id: None,
        connection_type: Some("INTERNET".to_owned()),
        content_handling_strategy: None,
        credentials_arn: shown.row.credentials.clone(),
        description: shown.row.description.clone(),
        integration_id: Some(shown.id.to_owned()),
        integration_method: Some(shown.row.method.clone()),
        integration_response_selection_expression: None,
        integration_subtype: None,
        integration_type: Some(shown.row.kind.as_str().to_owned()),
        integration_uri: Some(shown.row.uri.clone()),
        passthrough_behavior: None,
        payload_format_version: Some(shown.row.format.as_str().to_owned()),
        request_parameters: None,
        request_templates: None,
        response_parameters: None,
        template_selection_expression: None,
        timeout_in_millis: Some(shown.row.timeout_in_millis),
        tls_config: shown.row.server_name_to_verify.clone().map(|name| TlsConfig { server_name_to_verify: Some(name) }),
    }

    Shown<Stage> as |shown| CreateStageOutput, GetStageOutput, model::Stage => {
        access_log_settings: shown.row.access_log.clone()
            .map(|(destination_arn, format)| AccessLogSettings { destination_arn, format }),
        api_gateway_managed: shown.row.is_managed.then_some(true),
        auto_deploy: shown.row.deploys_itself.then_some(true),
        client_certificate_id: shown.row.client_certificate_id.clone(),
        created_date: Some(moment(shown.row.created_at)),
        default_route_settings: Some(settings(&shown.row.default_route_settings)),
        deployment_id: shown.row.deployment.as_ref().map(ToString::to_string),
        description: shown.row.description.clone(),
        last_deployment_status_message: shown.row.deployment.as_ref().filter(|_| shown.row.deploys_itself)
            .map(|id| format!("Successfully deployed stage with deployment ID '{id}'")),
        last_updated_date: Some(moment(shown.row.updated_at)),
        route_settings: Some(shown.row.route_settings.iter().map(|(key, row)| (key.clone(), settings(row))).collect()),
        stage_name: Some(shown.id.to_owned()),
        stage_variables: Some(shown.row.variables.clone()),
        tags: Some(shown.row.tags.clone()),
    }
}

fn cors(cors: &Cors) -> model::Cors {
    let Cors { allow_credentials, allow_headers, allow_methods, allow_origins, expose_headers, max_age } =
        cors.clone();
    model::Cors { allow_credentials, allow_headers, allow_methods, allow_origins, expose_headers, max_age }
}

/// What is answered to pages of other origins, as it is stored.
pub(crate) fn cors_from(cors: model::Cors) -> Cors {
    let model::Cors {
        allow_credentials,
        allow_headers,
        allow_methods,
        allow_origins,
        expose_headers,
        max_age,
    } = cors;
    Cors { allow_credentials, allow_headers, allow_methods, allow_origins, expose_headers, max_age }
}

fn settings(settings: &RouteSettings) -> model::RouteSettings {
    let RouteSettings {
        data_trace_enabled,
        detailed_metrics_enabled,
        logging_level,
        throttling_burst_limit,
        throttling_rate_limit,
    } = settings.clone();
    model::RouteSettings {
        data_trace_enabled,
        detailed_metrics_enabled,
        logging_level,
        throttling_burst_limit,
        throttling_rate_limit,
    }
}

/// How a stage treats a route, as it is stored.
pub(crate) fn settings_from(settings: model::RouteSettings) -> RouteSettings {
    let model::RouteSettings {
        data_trace_enabled,
        detailed_metrics_enabled,
        logging_level,
        throttling_burst_limit,
        throttling_rate_limit,
    } = settings;
    RouteSettings {
        data_trace_enabled,
        detailed_metrics_enabled,
        logging_level,
        throttling_burst_limit,
        throttling_rate_limit,
    }
}
