//! HTTP APIs: one file an operation, whose head says what is done with each of its members.

pub mod create_api;
pub mod create_deployment;
pub mod create_integration;
pub mod create_route;
pub mod create_stage;
pub mod delete_api;
pub mod delete_route;
pub mod get_api;
pub mod get_apis;
pub mod get_integration;
pub mod get_integrations;
pub mod get_route;
pub mod get_routes;
pub mod get_stage;
pub mod get_stages;

use crate::domain::failure::InvalidHttp;
use crate::limits::LARGEST_PAGE;

/// How many items a page has. HTTP APIs list everything where nothing is said.
fn limit(wanted: Option<String>) -> Result<usize, InvalidHttp> {
    let Some(wanted) = wanted else { return Ok(LARGEST_PAGE) };
    let limit = wanted.parse().ok().filter(|limit| (1..=LARGEST_PAGE).contains(limit));
    limit.ok_or_else(|| InvalidHttp::new("MaxResults must be a number between 1 and 500"))
}
