//! REST APIs: one file an operation, whose head says what is done with each of its members.

pub mod create_deployment;
pub mod create_resource;
pub mod create_rest_api;
pub mod create_stage;
pub mod delete_resource;
pub mod delete_rest_api;
pub mod get_deployment;
pub mod get_deployments;
pub mod get_integration;
pub mod get_method;
pub mod get_resource;
pub mod get_resources;
pub mod get_rest_api;
pub mod get_rest_apis;
pub mod get_stage;
pub mod get_stages;
pub mod put_integration;
pub mod put_integration_response;
pub mod put_method;
pub mod put_method_response;

use crate::limits::{LARGEST_PAGE, PAGE};

/// How many items a page has.
fn limit(wanted: Option<i32>) -> usize {
    wanted
        .and_then(|wanted| usize::try_from(wanted).ok())
        .filter(|limit| *limit > 0)
        .map_or(PAGE, |limit| limit.min(LARGEST_PAGE))
}
