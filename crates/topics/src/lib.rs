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
mod signing;
mod site;
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
        registry.site(site::Certificate);
        registry.errands("sns", delivery::attempt);
        registry.operation::<sns::AddPermission>(ops::add_permission::run);
        registry.operation::<sns::ConfirmSubscription>(ops::confirm_subscription::run);
        registry.operation::<sns::CreateTopic>(ops::create_topic::run);
        registry.operation::<sns::DeleteTopic>(ops::delete_topic::run);
        registry.operation::<sns::GetDataProtectionPolicy>(ops::get_data_protection_policy::run);
        registry.operation::<sns::GetSubscriptionAttributes>(ops::get_subscription_attributes::run);
        registry.operation::<sns::GetTopicAttributes>(ops::get_topic_attributes::run);
        registry.operation::<sns::ListSubscriptions>(ops::list_subscriptions::run);
        registry.operation::<sns::ListSubscriptionsByTopic>(ops::list_subscriptions_by_topic::run);
        registry.operation::<sns::ListTagsForResource>(ops::list_tags_for_resource::run);
        registry.operation::<sns::ListTopics>(ops::list_topics::run);
        registry.operation::<sns::Publish>(ops::publish::run);
        registry.operation::<sns::PublishBatch>(ops::publish_batch::run);
        registry.operation::<sns::PutDataProtectionPolicy>(ops::put_data_protection_policy::run);
        registry.operation::<sns::RemovePermission>(ops::remove_permission::run);
        registry.operation::<sns::SetSubscriptionAttributes>(ops::set_subscription_attributes::run);
        registry.operation::<sns::SetTopicAttributes>(ops::set_topic_attributes::run);
        registry.operation::<sns::Subscribe>(ops::subscribe::run);
        registry.operation::<sns::TagResource>(ops::tag_resource::run);
        registry.operation::<sns::Unsubscribe>(ops::unsubscribe::run);
        registry.operation::<sns::UntagResource>(ops::untag_resource::run);
    }
}
