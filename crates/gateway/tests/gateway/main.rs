//! API Gateway as SDKs and as the callers of deployed APIs see it.

mod bed;
mod http_apis;
mod rest_apis;

mod control_of_rest_apis {
    mesh_testkit::scenarios!("tests/scenarios/rest", "apigateway", crate::bed::register);
}

mod control_of_http_apis {
    mesh_testkit::scenarios!("tests/scenarios/http", "apigatewayv2", crate::bed::register);
}
