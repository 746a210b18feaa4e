//! CreateRoute: makes a route.
//! <https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-routes.html>
//! Done: ApiId RouteKey Target AuthorizationType
//! Stored: OperationName
//! Refused: ApiKeyRequired AuthorizationScopes AuthorizerId ModelSelectionExpression RequestModels RequestParameters RouteResponseSelectionExpression
//! Deviates: authorizers are refused, and what WebSocket APIs alone have

use crate::domain::failure::{HttpNotServed, InvalidHttp};
use crate::shapes::shown;
use crate::state::http::{self, Route};
use mesh_models::apigatewayv2::{CreateRouteError, CreateRouteInput, CreateRouteOutput};
use mesh_router::Context;

pub(crate) async fn run(
    cx: &Context,
    input: CreateRouteInput,
) -> Result<CreateRouteOutput, CreateRouteError> {
    let CreateRouteInput {
        api_id,
        api_key_required,
        authorization_scopes,
        authorization_type,
        authorizer_id,
        model_selection_expression,
        operation_name,
        request_models,
        request_parameters,
        route_key,
        route_response_selection_expression,
        target,
    } = input;
    let authorization = authorization_type.unwrap_or_else(|| "NONE".to_owned());
    let refused = [
        (matches!(authorization.as_str(), "JWT" | "CUSTOM") || authorizer_id.is_some(), "authorizers"),
        (authorization_scopes.is_some_and(|scopes| !scopes.is_empty()), "AuthorizationScopes"),
        (api_key_required == Some(true), "ApiKeyRequired"),
        (model_selection_expression.is_some() || request_models.is_some(), "RequestModels"),
        (request_parameters.is_some(), "RequestParameters"),
        (route_response_selection_expression.is_some(), "RouteResponseSelectionExpression"),
    ];
    if let Some((_, what)) = refused.into_iter().find(|(is_there, _)| *is_there) {
        return Err(HttpNotServed { what }.into());
    }
    if !matches!(authorization.as_str(), "NONE" | "AWS_IAM") {
        return Err(InvalidHttp::new("Invalid authorization type specified").into());
    }
    let key = http::key(cx, &api_id.unwrap_or_default());
    let route = Route {
        key: route_key.unwrap_or_default(),
        target,
        authorization,
        operation_name,
        is_managed: false,
    };
    cx.write(&key, |state, tx| {
        state.existing::<CreateRouteError>(&key)?;
        let id = state.add_route::<CreateRouteError>(route.clone(), tx)?;
        Ok(shown(&id, &route).into())
    })
}
