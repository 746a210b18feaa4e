//! PutIntegration: says what answers a method.
//! <https://docs.aws.amazon.com/apigateway/latest/api/API_PutIntegration.html>
//! Done: restApiId resourceId httpMethod type integrationHttpMethod uri credentials requestTemplates passthroughBehavior timeoutInMillis connectionType
//! Stored: cacheNamespace cacheKeyParameters contentHandling requestParameters tlsConfig
//! Refused: connectionId responseTransferMode integrationTarget
//! Deviates: integrations of the types AWS and HTTP, mapping templates with directives or variables, VPC links and streamed answers are refused; request parameters are kept without effect, `contentHandling` too; a role given as credentials is not assumed, it stands for the permission to call

use crate::domain::failure::{Invalid, NotServed};
use crate::domain::{check_templates, check_uri};
use crate::limits::REST_TIMEOUT;
use crate::shapes::shown;
use crate::state::rest::{self, Integration, IntegrationKind};
use mesh_models::apigateway::{PutIntegrationError, PutIntegrationInput, PutIntegrationOutput};
use mesh_router::Context;

pub(crate) async fn run(
    cx: &Context,
    input: PutIntegrationInput,
) -> Result<PutIntegrationOutput, PutIntegrationError> {
    let PutIntegrationInput {
        rest_api_id,
        resource_id,
        http_method,
        type_,
        integration_http_method,
        uri,
        connection_type,
        connection_id,
        credentials,
        request_parameters,
        request_templates,
        passthrough_behavior,
        cache_namespace,
        cache_key_parameters,
        content_handling,
        timeout_in_millis,
        tls_config,
        response_transfer_mode,
        integration_target,
    } = input;
    let (resource, http_method) = (resource_id.unwrap_or_default(), http_method.unwrap_or_default());
    let key = rest::key(cx, &rest_api_id.unwrap_or_default());
    cx.read(&key, |state, _| {
        state.resource::<PutIntegrationError>(&resource)?;
        state.method::<PutIntegrationError>(&resource, &http_method).map(|_| ())
    })??;
    let kind = kind(&type_.unwrap_or_default())?;
    if connection_id.is_some() || connection_type.as_deref() == Some("VPC_LINK") {
        return Err(NotServed { what: "VPC links" }.into());
    }
    if response_transfer_mode.as_deref().is_some_and(|mode| mode != "BUFFERED")
        || integration_target.is_some()
    {
        return Err(NotServed { what: "responseTransferMode STREAM and integrationTarget" }.into());
    }
    if kind != IntegrationKind::Mock && integration_http_method.is_none() {
        return Err(Invalid::new("Enumeration value for HttpMethod must be non-empty").into());
    }
    check_uri(kind, uri.as_deref())?;
    check_templates::<PutIntegrationError>(request_templates.as_ref().unwrap_or(&Default::default()))?;
    let passthrough = passthrough_behavior.unwrap_or_else(|| "WHEN_NO_MATCH".to_owned());
    if !matches!(passthrough.as_str(), "WHEN_NO_MATCH" | "WHEN_NO_TEMPLATES" | "NEVER") {
        return Err(Invalid::new("Invalid passthrough behavior specified").into());
    }
    let timeout_in_millis = timeout_in_millis.unwrap_or(*REST_TIMEOUT.end());
    if !REST_TIMEOUT.contains(&timeout_in_millis) {
        return Err(Invalid::new("Timeout should be between 50 ms and 29000 ms").into());
    }
    let integration = Integration {
        kind,
        http_method: integration_http_method,
        uri,
        connection_type,
        credentials,
        request_parameters,
        request_templates,
        passthrough,
        content_handling,
        timeout_in_millis,
        cache_namespace: cache_namespace.unwrap_or_else(|| resource.clone()),
        cache_key_parameters: cache_key_parameters.unwrap_or_default(),
        skips_verification: tls_config.and_then(|tls| tls.insecure_skip_verification),
        responses: Default::default(),
    };
    cx.write(&key, |state, _| {
        state.change_method::<_, PutIntegrationError>(&resource, &http_method, |method| {
            method.integration = Some(integration.clone());
            Ok(shown("", &integration).into())
        })
    })
}

fn kind(name: &str) -> Result<IntegrationKind, NotServed> {
    match name {
        "AWS_PROXY" => Ok(IntegrationKind::AwsProxy),
        "HTTP_PROXY" => Ok(IntegrationKind::HttpProxy),
        "MOCK" => Ok(IntegrationKind::Mock),
        _ => Err(NotServed { what: "integrations of the types AWS and HTTP" }),
    }
}
