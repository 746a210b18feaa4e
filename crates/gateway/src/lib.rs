//! Amazon API Gateway (REST APIs and HTTP APIs) for mesh-local.
//!
//! **State.** One partition an API ([`state::rest`], [`state::http`]): what it is, its routes, its deployments and its
//! stages. A directory for each account and Region lists the APIs; a partition whose address is an API's id alone says
//! whose the API is, because its callers name nothing else ([`state::directory`]).
//!
//! **Reading order.** [`state`] (what is stored), [`domain`] (the rules, synchronous), [`ops`] (one file an operation),
//! `plane` (deployed APIs: from an HTTP request to what answers it), [`limits`] (AWS's numbers).
//!
//! **Invariants.**
//! - A deployment's picture is never changed. A stage that deploys by itself serves what there is.
//! - The route that is found does not depend on the order in which routes were made, and finding it costs what the
//!   path's segments cost.
//! - A function is called only if its policy lets the API, or if a role is given.
//!
//! **Deviations.** Roles are not assumed and signatures not verified; headers reach events in one case for all. What is not
//! served yet is refused by name: authorizers, mapping templates with directives, integrations of the types AWS and HTTP,
//! and what `docs/gateway.md` lists.

pub mod domain;
pub mod limits;
pub mod ops;
mod plane;
mod shapes;
pub mod state;

use mesh_models::{apigateway as rest, apigatewayv2 as http};
use mesh_router::{Registry, Service};

/// Amazon API Gateway.
#[derive(Debug, Default, Clone, Copy)]
pub struct Gateway;

impl Service for Gateway {
    fn register(self, registry: &mut Registry) {
        registry.partition::<state::directory::Directory>();
        registry.partition::<state::directory::Location>();
        registry.partition::<state::rest::RestState>();
        registry.partition::<state::http::HttpState>();
        registry.site(plane::Apis);
        registry.operation::<rest::CreateDeployment>(ops::apigateway::create_deployment::run);
        registry.operation::<rest::CreateResource>(ops::apigateway::create_resource::run);
        registry.operation::<rest::CreateRestApi>(ops::apigateway::create_rest_api::run);
        registry.operation::<rest::CreateStage>(ops::apigateway::create_stage::run);
        registry.operation::<rest::DeleteResource>(ops::apigateway::delete_resource::run);
        registry.operation::<rest::DeleteRestApi>(ops::apigateway::delete_rest_api::run);
        registry.operation::<rest::GetDeployment>(ops::apigateway::get_deployment::run);
        registry.operation::<rest::GetDeployments>(ops::apigateway::get_deployments::run);
        registry.operation::<rest::GetIntegration>(ops::apigateway::get_integration::run);
        registry.operation::<rest::GetMethod>(ops::apigateway::get_method::run);
        registry.operation::<rest::GetResource>(ops::apigateway::get_resource::run);
        registry.operation::<rest::GetResources>(ops::apigateway::get_resources::run);
        registry.operation::<rest::GetRestApi>(ops::apigateway::get_rest_api::run);
        registry.operation::<rest::GetRestApis>(ops::apigateway::get_rest_apis::run);
        registry.operation::<rest::GetStage>(ops::apigateway::get_stage::run);
        registry.operation::<rest::GetStages>(ops::apigateway::get_stages::run);
        registry.operation::<rest::PutIntegration>(ops::apigateway::put_integration::run);
        registry.operation::<rest::PutIntegrationResponse>(ops::apigateway::put_integration_response::run);
        registry.operation::<rest::PutMethod>(ops::apigateway::put_method::run);
        registry.operation::<rest::PutMethodResponse>(ops::apigateway::put_method_response::run);
        registry.operation::<http::CreateApi>(ops::apigatewayv2::create_api::run);
        registry.operation::<http::CreateDeployment>(ops::apigatewayv2::create_deployment::run);
        registry.operation::<http::CreateIntegration>(ops::apigatewayv2::create_integration::run);
        registry.operation::<http::CreateRoute>(ops::apigatewayv2::create_route::run);
        registry.operation::<http::CreateStage>(ops::apigatewayv2::create_stage::run);
        registry.operation::<http::DeleteApi>(ops::apigatewayv2::delete_api::run);
        registry.operation::<http::DeleteRoute>(ops::apigatewayv2::delete_route::run);
        registry.operation::<http::GetApi>(ops::apigatewayv2::get_api::run);
        registry.operation::<http::GetApis>(ops::apigatewayv2::get_apis::run);
        registry.operation::<http::GetIntegration>(ops::apigatewayv2::get_integration::run);
        registry.operation::<http::GetIntegrations>(ops::apigatewayv2::get_integrations::run);
        registry.operation::<http::GetRoute>(ops::apigatewayv2::get_route::run);
        registry.operation::<http::GetRoutes>(ops::apigatewayv2::get_routes::run);
        registry.operation::<http::GetStage>(ops::apigatewayv2::get_stage::run);
        registry.operation::<http::GetStages>(ops::apigatewayv2::get_stages::run);
    }
}
