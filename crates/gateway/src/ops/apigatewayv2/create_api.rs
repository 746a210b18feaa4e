//! CreateApi: makes an HTTP API, with route, integration and stage where a target is named.
//! <https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis.html>
//! Done: Name ProtocolType CorsConfiguration Target RouteKey CredentialsArn DisableExecuteApiEndpoint
//! Stored: Description Version Tags IpAddressType
//! Refused: ApiKeySelectionExpression RouteSelectionExpression DisableSchemaValidation
//! Deviates: WebSocket APIs are refused, and with them what they alone have; the endpoint is the path form, which every client can resolve

use crate::domain::failure::{HttpNotServed, InvalidHttp};
use crate::domain::{NewHttpApi, QuickCreate, draw_id};
use crate::ops::apigateway::create_rest_api::place;
use crate::shapes::{ShownAt, cors_from};
use crate::state::directory::{self, ApiKind, Directory, Entry};
use crate::state::http::{self, Cors, HttpApi, HttpState};
use mesh_models::apigatewayv2::{CreateApiError, CreateApiInput, CreateApiOutput};
use mesh_router::Context;

pub(crate) async fn run(cx: &Context, input: CreateApiInput) -> Result<CreateApiOutput, CreateApiError> {
    let CreateApiInput {
        api_key_selection_expression,
        cors_configuration,
        credentials_arn,
        description,
        disable_schema_validation,
        disable_execute_api_endpoint,
        ip_address_type,
        name,
        protocol_type,
        route_key,
        route_selection_expression,
        tags,
        target,
        version,
    } = input;
    match protocol_type.as_deref() {
        Some("HTTP") => {}
        Some("WEBSOCKET") => return Err(HttpNotServed { what: "WebSocket APIs" }.into()),
        _ => {
            return Err(
                InvalidHttp::new("Invalid protocol specified. Must be one of [HTTP, WEBSOCKET]").into()
            );
        }
    }
    if route_selection_expression.is_some_and(|expression| expression != ROUTE_SELECTION) {
        let sentence =
            format!("Invalid route selection expression. For HTTP APIs it must be {ROUTE_SELECTION}");
        return Err(InvalidHttp::new(sentence).into());
    }
    if api_key_selection_expression.is_some() || disable_schema_validation.is_some() {
        return Err(HttpNotServed { what: "ApiKeySelectionExpression and DisableSchemaValidation" }.into());
    }
    let cors = cors_configuration.map(cors_from);
    cors.as_ref().map_or(Ok(()), check_cors)?;
    if target.is_none() && (route_key.is_some() || credentials_arn.is_some()) {
        return Err(
            InvalidHttp::new("A target is required when a route key or credentials are specified").into()
        );
    }
    let quick = target.map(|target| QuickCreate { target, route_key, credentials: credentials_arn });
    let (id, api) = cx.write(&directory::key(cx), |directory: &mut Directory, tx| {
        let id = draw_id(tx, 10);
        let api = HttpApi {
            name: name.clone().unwrap_or_default(),
            description: description.clone(),
            version: version.clone(),
            cors: cors.clone(),
            disable_execute_api_endpoint: disable_execute_api_endpoint.unwrap_or(false),
            ip_address_type: ip_address_type.clone().unwrap_or_else(|| "ipv4".to_owned()),
            tags: tags.clone().unwrap_or_default(),
            created_at: tx.now(),
            revision: 0,
        };
        directory.http.insert(id.clone(), Entry { created_at: tx.now() });
        place(cx, &id, ApiKind::Http, tx)?;
        let new = NewHttpApi { api: api.clone(), quick: quick.clone() };
        tx.on(&http::key(cx, &id), |state: &mut HttpState, tx| new.make::<CreateApiError>(state, tx))??;
        Ok::<_, CreateApiError>((id, api))
    })?;
    Ok(ShownAt { id: &id, row: &api, endpoint: cx.endpoint() }.into())
}

const ROUTE_SELECTION: &str = "$request.method $request.path";

fn check_cors(cors: &Cors) -> Result<(), InvalidHttp> {
    let is_any = cors.allow_origins.iter().flatten().any(|origin| origin == "*");
    if is_any && cors.allow_credentials == Some(true) {
        return Err(InvalidHttp::new(
            "allowCredentials cannot be true when allowOrigins contains a wildcard",
        ));
    }
    Ok(())
}
