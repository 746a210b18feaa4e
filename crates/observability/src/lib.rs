//! Amazon CloudWatch Logs for mesh-local.
//!
//! **State.** One partition a log group ([`state::log_group`]): its settings, its streams, and its events in the order
//! of (stream, time, arrival), with an index in the order of (time, arrival). A directory for each account and Region
//! ([`state::directory`]) lists the groups. Two groups share no lock.
//!
//! **Reading order.** [`state`] (what is stored), [`domain`] (the rules, synchronous; [`domain::filter`] is the language
//! of filter patterns), [`ops`] (one file an operation), [`limits`] (AWS's numbers).
//!
//! **Invariants.**
//! - Events of the same millisecond keep the order in which they came.
//! - A token names a place between two events, so it stays good while events come, and is the same at the end.
//! - Reading the end of a stream, or the events of a span of time, costs the same in a group of ten and of ten million
//!   events; only a filter pattern looks at events that are not answered.
//! - What is too old or too new is told by the universe's time, as is the time of ingestion.
//!
//! **Deviations.** Nothing is eventual: an event can be read when PutLogEvents has answered. A deleted stream or group is
//! gone at once. Terms of a filter pattern match anywhere in a message. What is not served is refused by name:
//! patterns of space-delimited fields, and the operations that `ops` does not list.

pub mod domain;
pub mod limits;
pub mod ops;
pub mod state;

use mesh_models::logs;
use mesh_router::{Registry, Service};

/// Amazon CloudWatch Logs.
#[derive(Debug, Default, Clone, Copy)]
pub struct Observability;

impl Service for Observability {
    fn register(self, registry: &mut Registry) {
        registry.partition::<state::directory::Directory>();
        registry.partition::<state::log_group::LogGroup>();
        registry.operation::<logs::CreateLogGroup>(ops::logs::create_log_group::run);
        registry.operation::<logs::CreateLogStream>(ops::logs::create_log_stream::run);
        registry.operation::<logs::DeleteLogGroup>(ops::logs::delete_log_group::run);
        registry.operation::<logs::DeleteLogStream>(ops::logs::delete_log_stream::run);
        registry.operation::<logs::DescribeLogGroups>(ops::logs::describe_log_groups::run);
        registry.operation::<logs::DescribeLogStreams>(ops::logs::describe_log_streams::run);
        registry.operation::<logs::FilterLogEvents>(ops::logs::filter_log_events::run);
        registry.operation::<logs::GetLogEvents>(ops::logs::get_log_events::run);
        registry.operation::<logs::PutLogEvents>(ops::logs::put_log_events::run);
    }
}
