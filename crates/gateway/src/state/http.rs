//! An HTTP API: its routes, its integrations, its deployments and its stages.

use mesh_router::Context;
use mesh_store::{Key, Row, Single, Table, partition};
use mesh_types::Timestamp;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use std::sync::Arc;

pub use super::rest::Texts;

partition! {
    /// An HTTP API.
    pub struct HttpState = 604 "HTTP API" {
        /// What it is. An API without does not exist.
        1 api: Single<HttpApi>,
        /// Its routes by id.
        2 routes: Table<SmolStr, Route>,
        /// Its integrations by id.
        3 integrations: Table<SmolStr, Integration>,
        /// Its deployments by id. Of those made by a stage that deploys by itself only the latest is kept.
        4 deployments: Table<SmolStr, Deployment>,
        /// What the deployments hold that were made by hand.
        5 snapshots: Table<SmolStr, Snapshot>,
        /// Its stages by name.
        6 stages: Table<SmolStr, Stage>,
    }
}

/// What an HTTP API is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HttpApi {
    /// `name`
    pub name: String,
    /// `description`
    pub description: Option<String>,
    /// `version`
    pub version: Option<String>,
    /// `corsConfiguration`
    pub cors: Option<Cors>,
    /// `disableExecuteApiEndpoint`
    pub disable_execute_api_endpoint: bool,
    /// `ipAddressType`
    pub ip_address_type: String,
    /// `tags`
    pub tags: Texts,
    /// When it was made.
    pub created_at: Timestamp,
    /// Grows with each change of routes and integrations: stages that deploy by themselves serve the latest.
    pub revision: u64,
}

impl Row for HttpApi {}

/// What is answered to pages of other origins.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cors {
    /// `allowCredentials`
    pub allow_credentials: Option<bool>,
    /// `allowHeaders`
    pub allow_headers: Option<Vec<String>>,
    /// `allowMethods`
    pub allow_methods: Option<Vec<String>>,
    /// `allowOrigins`
    pub allow_origins: Option<Vec<String>>,
    /// `exposeHeaders`
    pub expose_headers: Option<Vec<String>>,
    /// `maxAge`, in seconds
    pub max_age: Option<i32>,
}

/// A route.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Route {
    /// `routeKey`
    pub key: String,
    /// `target`
    pub target: Option<String>,
    /// `authorizationType`
    pub authorization: String,
    /// `operationName`
    pub operation_name: Option<String>,
    /// Whether quick create made it.
    pub is_managed: bool,
}

impl Row for Route {}

/// What answers routes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Integration {
    /// `integrationType`
    pub kind: IntegrationKind,
    /// `integrationUri`
    pub uri: String,
    /// `integrationMethod`
    pub method: String,
    /// `payloadFormatVersion`
    pub format: Format,
    /// `credentialsArn`
    pub credentials: Option<String>,
    /// `description`
    pub description: Option<String>,
    /// `timeoutInMillis`
    pub timeout_in_millis: i32,
    /// `tlsConfig.serverNameToVerify`
    pub server_name_to_verify: Option<String>,
    /// Whether quick create made it.
    pub is_managed: bool,
}

impl Row for Integration {}

/// The kinds of integrations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum IntegrationKind {
    /// `AWS_PROXY`: a Lambda function.
    AwsProxy,
    /// `HTTP_PROXY`: an HTTP server.
    HttpProxy,
}

impl IntegrationKind {
    /// AWS's name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AwsProxy => "AWS_PROXY",
            Self::HttpProxy => "HTTP_PROXY",
        }
    }
}

/// The forms of events and answers of functions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Format {
    /// `1.0`
    V1,
    /// `2.0`
    V2,
}

impl Format {
    /// AWS's name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::V1 => "1.0",
            Self::V2 => "2.0",
        }
    }
}

/// A deployment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deployment {
    /// `description`
    pub description: Option<String>,
    /// Whether a stage made it by itself.
    pub is_automatic: bool,
    /// When it was made.
    pub created_at: Timestamp,
}

impl Row for Deployment {}

/// What a deployment holds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// Routes with the integrations that answer them.
    pub routes: Vec<Deployed>,
}

impl Row for Snapshot {}

/// A route in a deployment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deployed {
    /// The route.
    pub route: Arc<Route>,
    /// What answers it: nothing, where it has no target.
    pub integration: Option<Arc<Integration>>,
}

/// A stage.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Stage {
    /// The deployment that it serves.
    pub deployment: Option<SmolStr>,
    /// `autoDeploy`
    pub deploys_itself: bool,
    /// `description`
    pub description: Option<String>,
    /// `stageVariables`
    pub variables: Texts,
    /// `accessLogSettings`: the destination and the format.
    pub access_log: Option<(Option<String>, Option<String>)>,
    /// `clientCertificateId`
    pub client_certificate_id: Option<String>,
    /// `defaultRouteSettings`
    pub default_route_settings: RouteSettings,
    /// `routeSettings`
    pub route_settings: std::collections::BTreeMap<String, RouteSettings>,
    /// `tags`
    pub tags: Texts,
    /// Whether quick create made it.
    pub is_managed: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was changed.
    pub updated_at: Timestamp,
}

impl Row for Stage {}

/// How a stage treats a route.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct RouteSettings {
    /// `dataTraceEnabled`
    pub data_trace_enabled: Option<bool>,
    /// `detailedMetricsEnabled`
    pub detailed_metrics_enabled: Option<bool>,
    /// `loggingLevel`
    pub logging_level: Option<String>,
    /// `throttlingBurstLimit`
    pub throttling_burst_limit: Option<i32>,
    /// `throttlingRateLimit`
    pub throttling_rate_limit: Option<f64>,
}

/// An HTTP API of the account and Region that the context names.
pub fn key(cx: &Context, id: &str) -> Key<HttpState> {
    cx.key(id)
}
