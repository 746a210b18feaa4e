//! The rules: synchronous, without I/O, told the time and the dice.

mod draft;
pub mod failure;
mod message_attributes;
mod name;
mod queue;
mod receipt;
mod settings;

pub use draft::Draft;
pub use message_attributes::{Attribute, AttributeValue, Attributes, digest as attributes_digest};
pub use name::{QueueAddress, QueueName};
pub use queue::{Order, Receive, Received, Sent, check_receive_count};
pub use receipt::Receipt;
pub use settings::{QueueAttributes, QueueSettings};
