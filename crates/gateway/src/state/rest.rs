//! A REST API: its resources with their methods, its deployments and its stages.

use mesh_router::Context;
use mesh_store::{Key, Row, Single, Table, partition};
use mesh_types::Timestamp;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use std::collections::BTreeMap;
use std::sync::Arc;

partition! {
    /// A REST API.
    pub struct RestState = 603 "REST API" {
        /// What it is. An API without does not exist.
        1 api: Single<RestApi>,
        /// Its resources by id, the root too.
        2 resources: Table<SmolStr, Resource, ResourceIndexes>,
        /// Its methods, by the resource's id and the HTTP method.
        3 methods: Table<(SmolStr, SmolStr), Method>,
        /// Its deployments by id.
        4 deployments: Table<SmolStr, Deployment>,
        /// What its deployments hold. A snapshot is never changed.
        5 snapshots: Table<SmolStr, Snapshot>,
        /// Its stages by name.
        6 stages: Table<SmolStr, Stage>,
    }
}

mesh_store::indexes! {
    /// Resources by what operations ask.
    pub struct ResourceIndexes of Table<SmolStr, Resource> {
        /// The children of a resource.
        by_parent: (SmolStr, SmolStr) = |id, resource| Some((resource.parent.clone()?, id.clone())),
    }
}

/// Strings by strings.
pub type Texts = BTreeMap<String, String>;

/// What a REST API is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RestApi {
    /// `name`
    pub name: String,
    /// `description`
    pub description: Option<String>,
    /// `version`
    pub version: Option<String>,
    /// `binaryMediaTypes`
    pub binary_media_types: Option<Vec<String>>,
    /// `minimumCompressionSize`
    pub minimum_compression_size: Option<i32>,
    /// `apiKeySource`
    pub api_key_source: String,
    /// `endpointConfiguration.types`
    pub endpoint_types: Vec<String>,
    /// `endpointConfiguration.ipAddressType`
    pub ip_address_type: String,
    /// `endpointConfiguration.vpcEndpointIds`
    pub vpc_endpoint_ids: Option<Vec<String>>,
    /// `policy`
    pub policy: Option<String>,
    /// `tags`
    pub tags: Option<Texts>,
    /// `disableExecuteApiEndpoint`
    pub disable_execute_api_endpoint: bool,
    /// `securityPolicy`
    pub security_policy: Option<String>,
    /// `endpointAccessMode`
    pub endpoint_access_mode: Option<String>,
    /// The id of the resource `/`.
    pub root: SmolStr,
    /// When it was made.
    pub created_at: Timestamp,
}

impl Row for RestApi {}

/// A resource: a segment of a path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resource {
    /// The resource above; the root has none.
    pub parent: Option<SmolStr>,
    /// The segment; the root has none.
    pub part: Option<String>,
    /// The whole path.
    pub path: String,
}

impl Row for Resource {}

/// A method of a resource.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Method {
    /// `authorizationType`
    pub authorization: String,
    /// `apiKeyRequired`
    pub api_key_required: bool,
    /// `operationName`
    pub operation_name: Option<String>,
    /// `requestParameters`
    pub request_parameters: Option<BTreeMap<String, bool>>,
    /// `requestModels`
    pub request_models: Option<Texts>,
    /// `authorizationScopes`
    pub authorization_scopes: Option<Vec<String>>,
    /// By status code.
    pub responses: BTreeMap<String, MethodResponse>,
    /// What answers it.
    pub integration: Option<Integration>,
}

impl Row for Method {}

/// What a method may answer under a status code.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MethodResponse {
    /// `responseParameters`
    pub parameters: Option<BTreeMap<String, bool>>,
    /// `responseModels`
    pub models: Option<Texts>,
}

/// What answers a method.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Integration {
    /// `type`
    pub kind: IntegrationKind,
    /// `httpMethod`
    pub http_method: Option<String>,
    /// `uri`
    pub uri: Option<String>,
    /// `connectionType`
    pub connection_type: Option<String>,
    /// `credentials`
    pub credentials: Option<String>,
    /// `requestParameters`
    pub request_parameters: Option<Texts>,
    /// `requestTemplates`
    pub request_templates: Option<Texts>,
    /// `passthroughBehavior`
    pub passthrough: String,
    /// `contentHandling`
    pub content_handling: Option<String>,
    /// `timeoutInMillis`
    pub timeout_in_millis: i32,
    /// `cacheNamespace`
    pub cache_namespace: String,
    /// `cacheKeyParameters`
    pub cache_key_parameters: Vec<String>,
    /// `tlsConfig.insecureSkipVerification`
    pub skips_verification: Option<bool>,
    /// By status code.
    pub responses: BTreeMap<String, IntegrationResponse>,
}

/// The kinds of integrations.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum IntegrationKind {
    /// `AWS_PROXY`: a Lambda function.
    AwsProxy,
    /// `HTTP_PROXY`: an HTTP server.
    HttpProxy,
    /// `MOCK`: API Gateway itself.
    #[default]
    Mock,
}

impl IntegrationKind {
    /// AWS's name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AwsProxy => "AWS_PROXY",
            Self::HttpProxy => "HTTP_PROXY",
            Self::Mock => "MOCK",
        }
    }
}

/// What becomes of an integration's answer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct IntegrationResponse {
    /// `selectionPattern`
    pub selection_pattern: Option<String>,
    /// `responseParameters`
    pub parameters: Option<Texts>,
    /// `responseTemplates`
    pub templates: Option<Texts>,
    /// `contentHandling`
    pub content_handling: Option<String>,
}

/// A deployment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deployment {
    /// `description`
    pub description: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
}

impl Row for Deployment {}

/// What a deployment holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    /// The methods.
    pub methods: Vec<Deployed>,
    /// `binaryMediaTypes`
    pub binary_media_types: Vec<String>,
}

impl Row for Snapshot {}

/// A method in a deployment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Deployed {
    /// The path of its resource.
    pub path: String,
    /// The id of its resource.
    pub resource: SmolStr,
    /// `GET`, ..., `ANY`
    pub http_method: SmolStr,
    /// The method.
    pub method: Arc<Method>,
}

/// A stage.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Stage {
    /// The deployment that it serves.
    pub deployment: SmolStr,
    /// `description`
    pub description: Option<String>,
    /// `cacheClusterEnabled`
    pub cache_cluster_enabled: bool,
    /// `cacheClusterSize`
    pub cache_cluster_size: Option<String>,
    /// `variables`
    pub variables: Option<Texts>,
    /// `documentationVersion`
    pub documentation_version: Option<String>,
    /// `tracingEnabled`
    pub tracing_enabled: bool,
    /// `tags`
    pub tags: Option<Texts>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was changed.
    pub updated_at: Timestamp,
}

impl Row for Stage {}

/// A REST API of the account and Region that the context names.
pub fn key(cx: &Context, id: &str) -> Key<RestState> {
    cx.key(id)
}
