//! The rules: synchronous, without I/O, told the time and the dice.

mod attempt;
pub mod batch;
mod counts;
mod draft;
pub mod failure;
mod fifo;
mod message_attributes;
pub mod moves;
mod name;
mod permissions;
mod queue;
mod receipt;
mod receive;
mod redrive;
mod settings;
pub mod tags;
pub mod throughput;

pub use counts::Counts;
pub use draft::{Draft, check_id};
pub use fifo::{DeduplicationScope, Fifo, ThroughputLimit};
pub use message_attributes::{Attribute, AttributeValue, Attributes, digest as attributes_digest};
pub use name::{QueueAddress, QueueName};
pub use permissions::Permission;
pub use queue::Sent;
pub(crate) use queue::message_id;
pub use receipt::Receipt;
pub use receive::{Order, Placed, Receive, Received, check_receive_count, check_seconds};
pub use redrive::{RedriveAllowPolicy, RedrivePolicy};
pub use settings::{QueueAttributes, QueueSettings, Tags};
