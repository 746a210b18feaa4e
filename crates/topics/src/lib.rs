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
//! - A filter policy is read when its subscription changes, and never when something is published.
//! - The messages of a FIFO topic reach a subscription in the order of their group, retries included.
//! - Nothing leaves for a telephone, a mailbox or an app: it is kept, to be looked at.
//!
//! **Deviations.** An endpoint with `https://` is not reached, since mesh-local speaks no TLS to others: its deliveries fail
//! and say so. Subscriptions of Firehose are refused by name. Kept and returned without effect: policies, encryption keys,
//! feedback roles and rates, tracing, throttle policies, data protection policies. The pauses of retries between the
//! shortest and the longest are ours, because AWS draws their curves without numbers. A subscription that nobody confirms
//! stays pending. Numbers of a FIFO topic have no gaps.

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
        registry.partition::<state::devices::Devices>();
        registry.partition::<state::texting::Texting>();
        registry.partition::<state::sent::Sent>();
        registry.site(site::Certificate);
        registry.site(site::Inspection);
        registry.errands("sns", delivery::attempt);
        registry.operation::<sns::AddPermission>(ops::add_permission::run);
        registry.operation::<sns::CheckIfPhoneNumberIsOptedOut>(ops::check_if_phone_number_is_opted_out::run);
        registry.operation::<sns::ConfirmSubscription>(ops::confirm_subscription::run);
        registry.operation::<sns::CreatePlatformApplication>(ops::create_platform_application::run);
        registry.operation::<sns::CreatePlatformEndpoint>(ops::create_platform_endpoint::run);
        registry.operation::<sns::CreateSMSSandboxPhoneNumber>(ops::create_sms_sandbox_phone_number::run);
        registry.operation::<sns::CreateTopic>(ops::create_topic::run);
        registry.operation::<sns::DeleteEndpoint>(ops::delete_endpoint::run);
        registry.operation::<sns::DeletePlatformApplication>(ops::delete_platform_application::run);
        registry.operation::<sns::DeleteSMSSandboxPhoneNumber>(ops::delete_sms_sandbox_phone_number::run);
        registry.operation::<sns::DeleteTopic>(ops::delete_topic::run);
        registry.operation::<sns::GetDataProtectionPolicy>(ops::get_data_protection_policy::run);
        registry.operation::<sns::GetEndpointAttributes>(ops::get_endpoint_attributes::run);
        registry.operation::<sns::GetPlatformApplicationAttributes>(
            ops::get_platform_application_attributes::run,
        );
        registry.operation::<sns::GetSMSAttributes>(ops::get_sms_attributes::run);
        registry.operation::<sns::GetSMSSandboxAccountStatus>(ops::get_sms_sandbox_account_status::run);
        registry.operation::<sns::GetSubscriptionAttributes>(ops::get_subscription_attributes::run);
        registry.operation::<sns::GetTopicAttributes>(ops::get_topic_attributes::run);
        registry.operation::<sns::ListEndpointsByPlatformApplication>(
            ops::list_endpoints_by_platform_application::run,
        );
        registry.operation::<sns::ListOriginationNumbers>(ops::list_origination_numbers::run);
        registry.operation::<sns::ListPhoneNumbersOptedOut>(ops::list_phone_numbers_opted_out::run);
        registry.operation::<sns::ListPlatformApplications>(ops::list_platform_applications::run);
        registry.operation::<sns::ListSMSSandboxPhoneNumbers>(ops::list_sms_sandbox_phone_numbers::run);
        registry.operation::<sns::ListSubscriptions>(ops::list_subscriptions::run);
        registry.operation::<sns::ListSubscriptionsByTopic>(ops::list_subscriptions_by_topic::run);
        registry.operation::<sns::ListTagsForResource>(ops::list_tags_for_resource::run);
        registry.operation::<sns::ListTopics>(ops::list_topics::run);
        registry.operation::<sns::OptInPhoneNumber>(ops::opt_in_phone_number::run);
        registry.operation::<sns::Publish>(ops::publish::run);
        registry.operation::<sns::PublishBatch>(ops::publish_batch::run);
        registry.operation::<sns::PutDataProtectionPolicy>(ops::put_data_protection_policy::run);
        registry.operation::<sns::RemovePermission>(ops::remove_permission::run);
        registry.operation::<sns::SetEndpointAttributes>(ops::set_endpoint_attributes::run);
        registry.operation::<sns::SetPlatformApplicationAttributes>(
            ops::set_platform_application_attributes::run,
        );
        registry.operation::<sns::SetSMSAttributes>(ops::set_sms_attributes::run);
        registry.operation::<sns::SetSubscriptionAttributes>(ops::set_subscription_attributes::run);
        registry.operation::<sns::SetTopicAttributes>(ops::set_topic_attributes::run);
        registry.operation::<sns::Subscribe>(ops::subscribe::run);
        registry.operation::<sns::TagResource>(ops::tag_resource::run);
        registry.operation::<sns::Unsubscribe>(ops::unsubscribe::run);
        registry.operation::<sns::UntagResource>(ops::untag_resource::run);
        registry.operation::<sns::VerifySMSSandboxPhoneNumber>(ops::verify_sms_sandbox_phone_number::run);
    }
}
