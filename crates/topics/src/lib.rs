//! Amazon SNS for mesh-local.
//!
//! **State.** One partition a topic ([`state::topic`]): its settings, its subscriptions and, in its outbox, what they are
//! owed. A directory for each account and Region ([`state::directory`]) lists topics and subscriptions.
//!
//! **Reading order.** [`state`] (what is stored), [`domain`] (the rules, synchronous), `delivery` (how a message reaches
//! a subscription), [`ops`] (one file an operation), [`limits`] (AWS's numbers).
//!
//! **Invariants.**
//! - Publishing is one transaction on the topic: the answer says that all deliveries are owed, none was made.
//! - What a message becomes on its way to a subscription is decided when it is sent there.

mod delivery;
pub mod domain;
pub mod limits;
pub mod ops;
mod outgoing;
pub mod state;

use mesh_models::sns;
use mesh_router::{Registry, Service};

/// Amazon SNS.
#[derive(Debug, Default, Clone, Copy)]
pub struct Topics;

impl Service for Topics {
    fn register(self, registry: &mut Registry) {
        registry.partition::<state::directory::Directory>();
        registry.partition::<state::topic::TopicState>();
        registry.errands("sns", delivery::attempt);
        registry.operation::<sns::CreateTopic>(ops::create_topic::run);
        registry.operation::<sns::DeleteTopic>(ops::delete_topic::run);
        registry.operation::<sns::GetTopicAttributes>(ops::get_topic_attributes::run);
        registry.operation::<sns::ListTopics>(ops::list_topics::run);
        registry.operation::<sns::Publish>(ops::publish::run);
        registry.operation::<sns::SetTopicAttributes>(ops::set_topic_attributes::run);
        registry.operation::<sns::Subscribe>(ops::subscribe::run);
        registry.operation::<sns::Unsubscribe>(ops::unsubscribe::run);
    }
}
