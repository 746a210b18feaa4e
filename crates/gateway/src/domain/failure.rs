//! One struct for each way to fail, whose `Display` is AWS's sentence.

use mesh_models::{apigateway as rest, apigatewayv2 as http};
use mesh_types::AccountId;
use mesh_wire::failure;

failure! {
    /// There is no such REST API.
    NoRestApi {
        /// The account that was asked.
        account: AccountId,
        /// The id.
        id: String,
    } as rest::NotFoundException,
    "Invalid API identifier specified {account}:{id}"
}
failure! {
    /// There is no such resource.
    NoResource as rest::NotFoundException,
    "Invalid Resource identifier specified"
}
failure! {
    /// The resource has no such method.
    NoMethod as rest::NotFoundException,
    "Invalid Method identifier specified"
}
failure! {
    /// The method has no integration.
    NoIntegration as rest::NotFoundException,
    "Invalid Integration identifier specified"
}
failure! {
    /// There is no such deployment.
    NoDeployment as rest::NotFoundException,
    "Invalid Deployment identifier specified"
}
failure! {
    /// There is no such stage.
    NoStage as rest::NotFoundException,
    "Invalid stage identifier specified"
}
failure! {
    /// A sibling has this path part.
    SiblingExists {
        /// The path part.
        part: String,
    } as rest::ConflictException,
    "Another resource with the same parent already has this name: {part}"
}
failure! {
    /// The resource has this method.
    MethodExists as rest::ConflictException,
    "Method already exists for this resource"
}
failure! {
    /// The method has a response for this status code.
    ResponseExists as rest::ConflictException,
    "Response already exists for this resource"
}
failure! {
    /// The API has a stage of this name.
    StageExists as rest::ConflictException,
    "Stage already exists"
}
failure! {
    /// An API can have no more resources.
    TooManyResources as rest::LimitExceededException,
    "Maximum number of resources for this API has been reached. Please contact AWS if you need additional resources."
}
failure! {
    /// Something is wrong, in words of its own.
    Invalid {
        /// AWS's sentence.
        sentence: String,
    } as rest::BadRequestException,
    "{sentence}"
}
failure! {
    /// mesh-local does not serve this yet.
    NotServed {
        /// What.
        what: &'static str,
    } as rest::BadRequestException,
    "mesh-local does not serve {what} yet."
}
failure! {
    /// There is no such HTTP API.
    NoHttpApi {
        /// The account that was asked.
        account: AccountId,
        /// The id.
        id: String,
    } as http::NotFoundException,
    "Invalid API identifier specified {account}:{id}"
}
failure! {
    /// An HTTP API has no such part.
    NoPart {
        /// `Route`, `Integration`, `Deployment`.
        what: &'static str,
        /// The id.
        id: String,
    } as http::NotFoundException,
    "Unable to find {what} with id {id}"
}
failure! {
    /// An HTTP API has no such stage.
    NoHttpStage as http::NotFoundException,
    "Invalid stage identifier specified"
}
failure! {
    /// Stage settings name a route that the API does not have.
    NoRouteOfSettings {
        /// The route's key.
        key: String,
    } as http::NotFoundException,
    "Unable to find Route by key {key} within the provided RouteSettings"
}
failure! {
    /// The API has a route of this key.
    RouteExists {
        /// The key.
        key: String,
    } as http::ConflictException,
    "Route with key {key} already exists for this API"
}
failure! {
    /// Two routes call a variable at the same place differently.
    VariablesConflict {
        /// The key of the new route.
        key: String,
        /// That of the other.
        other: String,
    } as http::ConflictException,
    "The provided route key \"{key}\" has a conflicting variable on the same hierarchical level as \"{other}\""
}
failure! {
    /// The HTTP API has a stage of this name.
    HttpStageExists as http::ConflictException,
    "Stage already exists"
}
failure! {
    /// Something is wrong with an HTTP API, in words of its own.
    InvalidHttp {
        /// AWS's sentence.
        sentence: String,
    } as http::BadRequestException,
    "{sentence}"
}
failure! {
    /// mesh-local does not serve this yet of HTTP APIs.
    HttpNotServed {
        /// What.
        what: &'static str,
    } as http::BadRequestException,
    "mesh-local does not serve {what} yet."
}

impl Invalid {
    /// A failure of this sentence.
    pub fn new(sentence: impl Into<String>) -> Self {
        Self { sentence: sentence.into() }
    }
}

impl InvalidHttp {
    /// A failure of this sentence.
    pub fn new(sentence: impl Into<String>) -> Self {
        Self { sentence: sentence.into() }
    }
}
