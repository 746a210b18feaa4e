//! The internal router of mesh-local: how a request reaches the operation that answers it, and how services reach one
//! another.
//!
//! A [`Service`] registers a handler for each operation it has. The edge hands the [`Router`] a [`Request`]; the router
//! decodes it, shows it to the [`Interceptor`]s, checks the model's constraints, runs the handler, and encodes the
//! answer. A service calls another only as AWS's services do, as an API operation, by [`Context::call`] or
//! [`Router::call_by_name`]: the same interceptors see it. No service crate is named here.
//!
//! What a service owes another later is a row in an outbox; the [`scheduler`](crate::scheduler) of the universe sends
//! it, tries again, and writes how it ended into the [`Record`]. The same scheduler calls a partition's driver when a
//! deadline comes.
//!
//! The [`Context`] of a request is an argument everywhere. Nothing is thread-local but the shard of the record.

mod context;
mod errand;
pub mod faults;
mod handler;
mod hangup;
mod in_flight;
mod interceptor;
mod keys;
pub mod log;
mod long_poll;
pub mod outside;
mod record;
mod request;
mod router;
pub mod scheduler;
mod service;
mod site;

pub use context::{Caller, Context, ContextParts, Decided};
pub use errand::{Attempted, Errand};
pub use handler::Handler;
pub use hangup::{Hangup, Watched};
pub use in_flight::Running;
pub use interceptor::Interceptor;
pub use keys::{Keys, NoSecret};
pub use long_poll::Tried;
pub use record::{
    CallEntry, Deed, DeliveryEntry, Entry, FaultEntry, Observer, Outcome, OutsideEntry, Record, Subjects,
};
pub use request::Request;
pub use router::{Answer, Options, ReadShape, Router, Shapes};
pub use service::{Quotas, Registry, Service};
pub use site::{Peer, Site};
