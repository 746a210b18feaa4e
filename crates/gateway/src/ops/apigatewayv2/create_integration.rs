//! CreateIntegration: makes what answers routes.
//! <https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-integrations.html>
//! Done: ApiId IntegrationType IntegrationUri IntegrationMethod PayloadFormatVersion TimeoutInMillis CredentialsArn ConnectionType
//! Stored: Description TlsConfig
//! Refused: ConnectionId ContentHandlingStrategy IntegrationSubtype PassthroughBehavior RequestParameters RequestTemplates ResponseParameters TemplateSelectionExpression
//! Deviates: parameter mappings, VPC links and the integrations that call another service are refused, and what WebSocket APIs alone have; a role given as credentials is not assumed, it stands for the permission to call

use crate::domain::failure::{HttpNotServed, InvalidHttp};
use crate::domain::{LambdaUri, draw_id};
use crate::limits::HTTP_TIMEOUT;
use crate::shapes::shown;
use crate::state::http::{self, Format, Integration, IntegrationKind};
use mesh_models::apigatewayv2::{CreateIntegrationError, CreateIntegrationInput, CreateIntegrationOutput};
use mesh_router::Context;

pub(crate) async fn run(
    cx: &Context,
    input: CreateIntegrationInput,
) -> Result<CreateIntegrationOutput, CreateIntegrationError> {
    let CreateIntegrationInput {
        api_id,
        connection_id,
        connection_type,
        content_handling_strategy,
        credentials_arn,
        description,
        integration_method,
        integration_subtype,
        integration_type,
        integration_uri,
        passthrough_behavior,
        payload_format_version,
        request_parameters,
        request_templates,
        response_parameters,
        template_selection_expression,
        timeout_in_millis,
        tls_config,
    } = input;
    let is_mapped = request_parameters.is_some_and(|map| !map.is_empty())
        || response_parameters.is_some_and(|map| !map.is_empty());
    let refused = [
        (is_mapped, "RequestParameters and ResponseParameters"),
        (connection_id.is_some() || connection_type.as_deref() == Some("VPC_LINK"), "VPC links"),
        (integration_subtype.is_some(), "IntegrationSubtype"),
        (content_handling_strategy.is_some(), "ContentHandlingStrategy"),
        (passthrough_behavior.is_some(), "PassthroughBehavior"),
        (request_templates.is_some() || template_selection_expression.is_some(), "RequestTemplates"),
    ];
    if let Some((_, what)) = refused.into_iter().find(|(is_there, _)| *is_there) {
        return Err(HttpNotServed { what }.into());
    }
    let uri = integration_uri.unwrap_or_default();
    let kind = kind(integration_type.as_deref().unwrap_or_default(), &uri)?;
    let integration = Integration {
        method: method(kind, integration_method)?,
        format: format(kind, payload_format_version.as_deref())?,
        timeout_in_millis: timeout(timeout_in_millis)?,
        kind,
        uri,
        credentials: credentials_arn,
        description,
        server_name_to_verify: tls_config.and_then(|tls| tls.server_name_to_verify),
        is_managed: false,
    };
    let key = http::key(cx, &api_id.unwrap_or_default());
    cx.write(&key, |state, tx| {
        state.existing::<CreateIntegrationError>(&key)?;
        let id = draw_id(tx, 7);
        state.integrations.insert(id.clone(), integration.clone());
        state.changed(tx);
        Ok(shown(&id, &integration).into())
    })
}

fn kind(name: &str, uri: &str) -> Result<IntegrationKind, InvalidHttp> {
    match name {
        // A stage's variables may stand in the place of any part of the function's name.
        "AWS_PROXY" if LambdaUri::parse(uri).is_some() || uri.contains("${stageVariables.") => {
            Ok(IntegrationKind::AwsProxy)
        }
        "AWS_PROXY" => Err(InvalidHttp::new("Invalid function ARN specified in the integration URI")),
        "HTTP_PROXY" if uri.starts_with("http://") || uri.starts_with("https://") => {
            Ok(IntegrationKind::HttpProxy)
        }
        "HTTP_PROXY" => Err(InvalidHttp::new("Invalid HTTP endpoint specified for URI")),
        _ => Err(InvalidHttp::new(
            "Currently, an API with a protocol type of HTTP may only be associated with proxy integrations (AWS_PROXY, HTTP_PROXY)",
        )),
    }
}

fn method(kind: IntegrationKind, method: Option<String>) -> Result<String, InvalidHttp> {
    match (kind, method) {
        (IntegrationKind::AwsProxy, None) => Ok("POST".to_owned()),
        (IntegrationKind::HttpProxy, None) => {
            Err(InvalidHttp::new("HttpMethod must be specified for HTTP_PROXY integrations"))
        }
        (_, Some(method)) => Ok(method),
    }
}

fn format(kind: IntegrationKind, format: Option<&str>) -> Result<Format, InvalidHttp> {
    match (kind, format) {
        (_, None | Some("1.0")) => Ok(Format::V1),
        (IntegrationKind::AwsProxy, Some("2.0")) => Ok(Format::V2),
        _ => Err(InvalidHttp::new(
            "PayloadFormatVersion is a required parameter and must be 1.0 or 2.0 for AWS_PROXY, 1.0 for HTTP_PROXY",
        )),
    }
}

fn timeout(millis: Option<i32>) -> Result<i32, InvalidHttp> {
    let millis = millis.unwrap_or(*HTTP_TIMEOUT.end());
    if HTTP_TIMEOUT.contains(&millis) {
        return Ok(millis);
    }
    Err(InvalidHttp::new("Timeout should be between 50 ms and 30000 ms"))
}
