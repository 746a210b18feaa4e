//! The rules: synchronous, without I/O, told the time and the dice.

pub mod failure;
mod http_api;
mod id;
mod method;
mod page;
mod rest_api;
mod rest_deployment;
mod rest_integration;
mod route_key;
mod route_tree;

pub use http_api::{
    Current, NewHttpApi, QuickCreate, check_stage_name as check_http_stage_name, compile as compile_http,
};
pub use id::draw_id;
pub use method::{check_method, check_parameters};
pub use page::{Page, page};
pub use rest_api::NewResource;
pub use rest_deployment::{StageDraft, check_stage_name, compile as compile_rest};
pub use rest_integration::{LambdaUri, check_templates, check_uri, has_directives};
pub use route_key::RouteKey;
pub use route_tree::{Found, Routes, Slashes};
