//! The scenarios of this crate, and what a scenario cannot show.

mod many;

use mesh_observability::Observability;
use mesh_router::{Registry, Service};

fn register(registry: &mut Registry) {
    Observability.register(registry);
}

mesh_testkit::scenarios!("tests/scenarios", "logs", register);
