//! Rows of REST APIs.

use super::{moment, shapes, shown};
use crate::state::rest::{
    self, Deployment, Integration, IntegrationResponse, Method, MethodResponse, RestApi, Stage,
};
use mesh_models::apigateway::{
    self as model, CreateDeploymentOutput, CreateRestApiOutput, CreateStageOutput, EndpointConfiguration,
    GetDeploymentOutput, GetIntegrationOutput, GetMethodOutput, GetRestApiOutput, GetStageOutput,
    PutIntegrationOutput, PutIntegrationResponseOutput, PutMethodOutput, PutMethodResponseOutput, TlsConfig,
};

shapes! {
    Shown<RestApi> as |shown| CreateRestApiOutput, GetRestApiOutput, model::RestApi => {
        id: Some(shown.id.to_owned()),
        name: Some(shown.row.name.clone()),
        description: shown.row.description.clone(),
        created_date: Some(moment(shown.row.created_at)),
        version: shown.row.version.clone(),
        warnings: None,
        binary_media_types: shown.row.binary_media_types.clone(),
        minimum_compression_size: shown.row.minimum_compression_size,
        api_key_source: Some(shown.row.api_key_source.clone()),
        endpoint_configuration: Some(EndpointConfiguration {
            types: Some(shown.row.endpoint_types.clone()),
            ip_address_type: Some(shown.row.ip_address_type.clone()),
            vpc_endpoint_ids: shown.row.vpc_endpoint_ids.clone(),
        }),
        policy: shown.row.policy.as_deref().map(escaped),
        tags: shown.row.tags.clone(),
        disable_execute_api_endpoint: Some(shown.row.disable_execute_api_endpoint),
        root_resource_id: Some(shown.row.root.to_string()),
        security_policy: shown.row.security_policy.clone(),
        endpoint_access_mode: shown.row.endpoint_access_mode.clone(),
        api_status: None,
        api_status_message: None,
    }

    Shown<Method> as |shown| PutMethodOutput, GetMethodOutput, model::Method => {
        http_method: Some(shown.id.to_owned()),
        authorization_type: Some(shown.row.authorization.clone()),
        authorizer_id: None,
        api_key_required: Some(shown.row.api_key_required),
        request_validator_id: None,
        operation_name: shown.row.operation_name.clone(),
        request_parameters: shown.row.request_parameters.clone(),
        request_models: shown.row.request_models.clone(),
        method_responses: (!shown.row.responses.is_empty())
            .then(|| shown.row.responses.iter().map(|(status, row)| (status.clone(), self::shown(status, row).into())).collect()),
        method_integration: shown.row.integration.as_ref().map(|row| self::shown("", row).into()),
        authorization_scopes: shown.row.authorization_scopes.clone(),
    }

    Shown<MethodResponse> as |shown| PutMethodResponseOutput, model::MethodResponse => {
        status_code: Some(shown.id.to_owned()),
        response_parameters: shown.row.parameters.clone(),
        response_models: shown.row.models.clone(),
    }

    Shown<Integration> as |shown| PutIntegrationOutput, GetIntegrationOutput, model::Integration => {
        type_: Some(shown.row.kind.as_str().to_owned()),
        http_method: shown.row.http_method.clone(),
        uri: shown.row.uri.clone(),
        connection_type: shown.row.connection_type.clone(),
        connection_id: None,
        credentials: shown.row.credentials.clone(),
        request_parameters: shown.row.request_parameters.clone(),
        request_templates: shown.row.request_templates.clone(),
        passthrough_behavior: Some(shown.row.passthrough.clone()),
        content_handling: shown.row.content_handling.clone(),
        timeout_in_millis: Some(shown.row.timeout_in_millis),
        cache_namespace: Some(shown.row.cache_namespace.clone()),
        cache_key_parameters: Some(shown.row.cache_key_parameters.clone()),
        integration_responses: (!shown.row.responses.is_empty())
            .then(|| shown.row.responses.iter().map(|(status, row)| (status.clone(), self::shown(status, row).into())).collect()),
        tls_config: shown.row.skips_verification.map(|skips| TlsConfig { insecure_skip_verification: Some(skips) }),
        response_transfer_mode: None,
        integration_target: None,
    }

    Shown<IntegrationResponse> as |shown| PutIntegrationResponseOutput, model::IntegrationResponse => {
        status_code: Some(shown.id.to_owned()),
        selection_pattern: shown.row.selection_pattern.clone(),
        response_parameters: shown.row.parameters.clone(),
        response_templates: shown.row.templates.clone(),
        content_handling: shown.row.content_handling.clone(),
    }

    Shown<Deployment> as |shown| CreateDeploymentOutput, GetDeploymentOutput, model::Deployment => {
        id: Some(shown.id.to_owned()),
        description: shown.row.description.clone(),
        created_date: Some(moment(shown.row.created_at)),
        api_summary: None,
    }

    Shown<Stage> as |shown| CreateStageOutput, GetStageOutput, model::Stage => {
        deployment_id: Some(shown.row.deployment.to_string()),
        client_certificate_id: None,
        stage_name: Some(shown.id.to_owned()),
        description: shown.row.description.clone(),
        cache_cluster_enabled: Some(shown.row.cache_cluster_enabled),
        cache_cluster_size: shown.row.cache_cluster_size.clone(),
        cache_cluster_status: Some("NOT_AVAILABLE".to_owned()),
        method_settings: Some(Default::default()),
        variables: shown.row.variables.clone(),
        documentation_version: shown.row.documentation_version.clone(),
        access_log_settings: None,
        canary_settings: None,
        tracing_enabled: Some(shown.row.tracing_enabled),
        web_acl_arn: None,
        tags: shown.row.tags.clone(),
        created_date: Some(moment(shown.row.created_at)),
        last_updated_date: Some(moment(shown.row.updated_at)),
    }
}

/// What a resource's methods are shown as.
pub(crate) enum Methods {
    /// By their names.
    Named,
    /// Whole.
    Embedded,
}

impl Methods {
    /// What the caller asked for.
    pub(crate) fn of(embed: Option<Vec<String>>) -> Self {
        let is_wanted = embed.unwrap_or_default().iter().any(|what| what == "methods");
        if is_wanted { Self::Embedded } else { Self::Named }
    }

    /// The methods of a resource; nothing where it has none.
    pub(crate) fn show(
        &self,
        state: &rest::RestState,
        resource: &str,
    ) -> Option<mesh_wire::Map<model::Method>> {
        let of = |(http_method, method): (&str, &Method)| {
            let shape = match self {
                Self::Named => model::Method::default(),
                Self::Embedded => shown(http_method, method).into(),
            };
            (http_method.to_owned(), shape)
        };
        Some(state.methods_of(resource).map(of).collect())
            .filter(|methods: &mesh_wire::Map<_>| !methods.is_empty())
    }
}

/// A policy as AWS returns it: with the escapes of a JSON string.
fn escaped(policy: &str) -> String {
    let quoted = serde_json::Value::from(policy).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}
