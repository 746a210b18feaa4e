//! What a subscription is set to.

use super::delivery_policy;
use super::failure::InvalidParameter;
use super::{Filter, Protocol, ReplayPolicy};
use mesh_patterns::{Dialect, FilterPolicy, PolicyError};
use mesh_types::Arn;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use smol_str::SmolStr;
use std::collections::BTreeMap;

/// The attributes of a subscription that were set.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubscriptionAttributes {
    /// Whether a message is sent as it is, without an envelope.
    pub is_raw: bool,
    /// Which messages are sent: the text of a policy that is sound.
    pub filter_policy: Option<SmolStr>,
    /// Whether the policy is about the message and not about its attributes.
    pub filters_body: bool,
    /// The queue that takes what cannot be delivered.
    pub dead_letter_queue: Option<SmolStr>,
    /// How deliveries are retried.
    pub delivery_policy: Option<SmolStr>,
    /// From when on messages are sent again.
    pub replay_policy: Option<SmolStr>,
    /// Kept and returned, without effect.
    pub role: Option<SmolStr>,
}

impl SubscriptionAttributes {
    /// Sets an attribute of a subscription that is being made.
    ///
    /// # Errors
    /// As [`SubscriptionAttributes::set`], in the words of Subscribe.
    pub fn set_at_first(
        &mut self,
        name: &str,
        value: &str,
        protocol: Protocol,
    ) -> Result<(), InvalidParameter> {
        self.set(name, value, protocol).map_err(|refused| match refused.sentence.as_str() {
            "Invalid parameter: AttributeName" => {
                InvalidParameter::because("Attributes", format_args!("Unknown attribute: {name}"))
            }
            sentence => {
                InvalidParameter::because("Attributes", sentence.trim_start_matches("Invalid parameter: "))
            }
        })
    }

    /// Checks the filter policy, once its text and its scope are set.
    ///
    /// # Errors
    /// What is wrong with it, behind the name of the parameter that had it.
    pub fn check_filter(&self, parameter: &str) -> Result<(), InvalidParameter> {
        let wrong = |error: PolicyError| InvalidParameter {
            sentence: format!("Invalid parameter: {parameter}{}", error.as_invalid_parameter()),
        };
        Filter::of(self).map(drop).map_err(wrong)
    }

    /// Sets an attribute. A filter policy is checked by [`SubscriptionAttributes::check_filter`].
    ///
    /// # Errors
    /// There is no such attribute; a value that it cannot have.
    pub fn set(&mut self, name: &str, value: &str, protocol: Protocol) -> Result<(), InvalidParameter> {
        let given = (!value.is_empty()).then(|| SmolStr::new(value));
        let wrong = |reason: String| InvalidParameter::of(format_args!("{name}: {reason}"));
        match name {
            "RawMessageDelivery" => {
                self.is_raw = match value.to_ascii_lowercase().as_str() {
                    "true" => true,
                    "false" => false,
                    _ => return Err(wrong(format!("Invalid value [{value}]. Must be true or false."))),
                };
                if self.is_raw && !protocol.can_be_raw() {
                    let reason =
                        format!("Delivery protocol [{protocol}] does not support raw message delivery.");
                    return Err(wrong(reason));
                }
            }
            "FilterPolicy" => self.filter_policy = given.filter(|policy| *policy != "{}"),
            "FilterPolicyScope" => {
                self.filters_body = match value {
                    "MessageBody" => true,
                    "MessageAttributes" => false,
                    _ => {
                        let reason = "Invalid value [{}]. Please use either MessageBody or MessageAttributes";
                        return Err(wrong(reason.replace("{}", value)));
                    }
                };
            }
            "RedrivePolicy" => {
                self.dead_letter_queue = match &given {
                    Some(policy) => Some(dead_letter_queue(policy).map_err(wrong)?),
                    None => None,
                };
            }
            "DeliveryPolicy" => {
                if let Some(policy) = &given {
                    delivery_policy::check_of_subscription(policy).map_err(wrong)?;
                }
                self.delivery_policy = given;
            }
            "ReplayPolicy" => {
                if let Some(policy) = &given {
                    ReplayPolicy::parse(policy).map_err(wrong)?;
                }
                self.replay_policy = given;
            }
            "SubscriptionRoleArn" => self.role = given,
            _ => return Err(InvalidParameter::of("AttributeName")),
        }
        Ok(())
    }

    /// What of an archive is sent again.
    pub fn replay(&self) -> Option<ReplayPolicy> {
        self.replay_policy.as_deref().and_then(|policy| ReplayPolicy::parse(policy).ok())
    }

    /// The attributes as they are answered.
    pub fn shown(&self) -> BTreeMap<String, String> {
        let Self {
            is_raw,
            filter_policy,
            filters_body,
            dead_letter_queue,
            delivery_policy,
            replay_policy,
            role,
        } = self;
        let redrive = dead_letter_queue
            .as_ref()
            .map(|arn| serde_json::json!({ "deadLetterTargetArn": arn }).to_string());
        let scope = if *filters_body { "MessageBody" } else { "MessageAttributes" };
        let text = |text: &Option<SmolStr>| text.as_ref().map(ToString::to_string);
        [
            ("RawMessageDelivery", Some(is_raw.to_string())),
            ("FilterPolicy", text(filter_policy)),
            // Without a policy there is none (recordings/sns.json::test_subscribe_attributes).
            ("FilterPolicyScope", filter_policy.as_ref().map(|_| scope.to_owned())),
            ("RedrivePolicy", redrive),
            ("DeliveryPolicy", text(delivery_policy)),
            ("ReplayPolicy", text(replay_policy)),
            ("SubscriptionRoleArn", text(role)),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?)))
        .collect()
    }
}

/// Reads an object.
fn read(text: &str) -> Result<Value, String> {
    let read = serde_json::from_str::<serde_json::Map<String, Value>>(text);
    // AWS reads all policies with one reader, whose sentences a filter policy's are.
    let sentence = |error: serde_json::Error| match FilterPolicy::parse(text, Dialect::SnsBody) {
        Err(error @ PolicyError::Syntax(_)) => format!("failed to parse JSON. {error}"),
        _ => format!("failed to parse JSON. {error}"),
    };
    read.map(Value::Object).map_err(sentence)
}

fn dead_letter_queue(policy: &str) -> Result<SmolStr, String> {
    let policy = read(policy)?;
    let arn = policy.get("deadLetterTargetArn").and_then(Value::as_str).unwrap_or_default();
    let is_queue = Arn::parse(arn).is_ok_and(|arn| arn.service == "sqs");
    if is_queue { Ok(SmolStr::new(arn)) } else { Err("deadLetterTargetArn is an invalid arn".to_owned()) }
}
