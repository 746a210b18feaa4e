//! One file an operation: its head says what is done with each of its members.

pub mod add_permission;
pub mod check_if_phone_number_is_opted_out;
pub mod confirm_subscription;
pub mod create_platform_application;
pub mod create_platform_endpoint;
pub mod create_sms_sandbox_phone_number;
pub mod create_topic;
pub mod delete_endpoint;
pub mod delete_platform_application;
pub mod delete_sms_sandbox_phone_number;
pub mod delete_topic;
pub mod get_data_protection_policy;
pub mod get_endpoint_attributes;
pub mod get_platform_application_attributes;
pub mod get_sms_attributes;
pub mod get_sms_sandbox_account_status;
pub mod get_subscription_attributes;
pub mod get_topic_attributes;
pub mod list_endpoints_by_platform_application;
pub mod list_origination_numbers;
pub mod list_phone_numbers_opted_out;
pub mod list_platform_applications;
pub mod list_sms_sandbox_phone_numbers;
pub mod list_subscriptions;
pub mod list_subscriptions_by_topic;
pub mod list_tags_for_resource;
pub mod list_topics;
pub mod opt_in_phone_number;
pub mod publish;
pub mod publish_batch;
pub mod put_data_protection_policy;
pub mod remove_permission;
pub mod set_endpoint_attributes;
pub mod set_platform_application_attributes;
pub mod set_sms_attributes;
pub mod set_subscription_attributes;
pub mod set_topic_attributes;
pub mod subscribe;
pub mod tag_resource;
pub mod unsubscribe;
pub mod untag_resource;
pub mod verify_sms_sandbox_phone_number;

use crate::state::subscription::Subscription;
use mesh_models::sns;
use mesh_router::Context;
use smol_str::SmolStr;

/// What stands before the name of a universe in an address.
const PREFIX: &str = "/_mesh/u/";

/// A subscription as lists show it.
fn listed(subscription: &Subscription, topic: &str) -> sns::Subscription {
    // One that its endpoint has not confirmed has no ARN yet.
    let arn = subscription.confirmed.map_or("PendingConfirmation", |_| subscription.arn.as_str());
    sns::Subscription {
        subscription_arn: Some(arn.to_owned()),
        owner: Some(subscription.owner.to_string()),
        protocol: Some(subscription.protocol.to_string()),
        endpoint: Some(subscription.endpoint.to_string()),
        topic_arn: Some(topic.to_owned()),
    }
}

/// The address under which the caller reaches this program, without a universe's prefix.
fn door(cx: &Context) -> SmolStr {
    let endpoint = cx.endpoint();
    endpoint.find(PREFIX).map_or_else(|| endpoint.clone(), |at| SmolStr::new(&endpoint[..at]))
}
