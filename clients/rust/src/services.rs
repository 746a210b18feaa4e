//! The services, by name: the one place that names every one of them.

use mesh_router::{Registry, Service};

/// All services, and all APIs that are known, so that an operation that is not served is refused by its name.
pub fn registry() -> Registry {
    let mut registry = Registry::default();
    mesh_access::Access.register(&mut registry);
    mesh_gateway::Gateway.register(&mut registry);
    mesh_kv_store::KvStore.register(&mut registry);
    mesh_lambda_runtime::LambdaRuntime.register(&mut registry);
    mesh_observability::Observability.register(&mut registry);
    mesh_queues::Queues.register(&mut registry);
    mesh_topics::Topics.register(&mut registry);
    for service in mesh_models::SERVICES {
        registry.api(service);
    }
    registry
}
