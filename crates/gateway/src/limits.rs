//! The numbers of Amazon API Gateway, each with the page it comes from.

use std::ops::RangeInclusive;
use std::time::Duration;

/// Milliseconds an integration of a REST API may take; the maximum is the default.
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html>
pub const REST_TIMEOUT: RangeInclusive<i32> = 50..=29_000;

/// Milliseconds an integration of an HTTP API may take; the maximum is the default.
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html>
pub const HTTP_TIMEOUT: RangeInclusive<i32> = 50..=30_000;

/// Items in a page of a list where the caller names no number, and at most.
/// <https://docs.aws.amazon.com/apigateway/latest/api/API_GetResources.html>
pub const PAGE: usize = 25;

/// The most items in a page of a list.
/// <https://docs.aws.amazon.com/apigateway/latest/api/API_GetResources.html>
pub const LARGEST_PAGE: usize = 500;

/// Routes of an HTTP API.
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html>
pub const ROUTES: usize = 300;

/// Resources of a REST API.
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html>
pub const RESOURCES: usize = 300;

/// Characters of a stage's name.
/// <https://docs.aws.amazon.com/apigateway/latest/api/API_CreateStage.html>
pub const STAGE_NAME_LENGTH: RangeInclusive<usize> = 1..=128;

/// How long a function's answer is waited for where the integration says nothing.
pub const DEFAULT_REST_TIMEOUT: Duration = Duration::from_millis(29_000);
