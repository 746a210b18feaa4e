//! The control operations, as scenarios.

use mesh_lambda_runtime::LambdaRuntime;
use mesh_queues::Queues;
use mesh_router::{Registry, Service};

fn register(registry: &mut Registry) {
    LambdaRuntime.register(registry);
    Queues.register(registry);
}

mesh_testkit::scenarios!("tests/scenarios", "lambda", register);
