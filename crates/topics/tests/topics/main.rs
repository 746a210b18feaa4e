//! The scenarios of this crate, with the queues that subscribe.

mod ended;
mod faults;
mod functions;
mod record;

use mesh_queues::Queues;
use mesh_router::{Registry, Service};
use mesh_topics::Topics;

fn register(registry: &mut Registry) {
    Queues.register(registry);
    Topics.register(registry);
}

mesh_testkit::scenarios!("tests/scenarios", "sns", register);
