//! The operations, by API.

pub mod apigateway;
pub mod apigatewayv2;
