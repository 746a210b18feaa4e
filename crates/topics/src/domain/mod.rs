//! The rules: synchronous, without I/O, told the time and the dice.

mod address;
pub mod batch;
mod content;
pub mod data_protection;
pub mod delivery_policy;
mod draft;
mod endpoint;
pub mod failure;
mod fifo;
mod message_attributes;
pub mod page;
mod permissions;
pub mod platform;
mod publish;
mod replay;
mod retry;
mod subscription;
mod subscription_attributes;
pub mod tags;
pub mod texting;
mod topic;
mod topic_attributes;

pub use address::{SubscriptionAddress, TopicAddress, TopicName};
pub use content::Content;
pub use delivery_policy::DeliveryPolicy;
pub use draft::Draft;
pub use endpoint::{Endpoint, Protocol};
pub use message_attributes::{Attribute, AttributeValue, Attributes};
pub use permissions::Permission;
pub(crate) use publish::Place;
pub use publish::Published;
pub use replay::ReplayPolicy;
pub use retry::{Growth, Retries};
pub use subscription::{Subscribed, Subscriber};
pub use subscription_attributes::SubscriptionAttributes;
pub use topic_attributes::TopicAttributes;
