//! What a topic is set to.

use super::delivery_policy;
use super::failure::InvalidParameter;
use crate::limits::{ARCHIVE_DAYS, MAX_DISPLAY_NAME_LENGTH};
use mesh_types::{AccountId, Arn};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use smol_str::SmolStr;
use std::collections::BTreeMap;

/// The attributes of a topic that were set, as texts that are sound.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TopicAttributes(BTreeMap<SmolStr, SmolStr>);

/// What the default policy allows the owner.
const OWNERS_ACTIONS: [&str; 8] = [
    "SNS:GetTopicAttributes",
    "SNS:SetTopicAttributes",
    "SNS:AddPermission",
    "SNS:RemovePermission",
    "SNS:DeleteTopic",
    "SNS:Subscribe",
    "SNS:ListSubscriptionsByTopic",
    "SNS:Publish",
];

/// Attributes that have an effect and can be set at any time.
const SET: [&str; 6] = [
    "ArchivePolicy",
    "ContentBasedDeduplication",
    "DeliveryPolicy",
    "FifoThroughputScope",
    "Policy",
    "SignatureVersion",
];

/// Those of them that FIFO topics alone have.
const OF_FIFO: [&str; 3] = ["ArchivePolicy", "ContentBasedDeduplication", "FifoThroughputScope"];

/// Attributes that are kept and returned, without effect.
const STORED: [&str; 18] = [
    "ApplicationFailureFeedbackRoleArn",
    "ApplicationSuccessFeedbackRoleArn",
    "ApplicationSuccessFeedbackSampleRate",
    "DisplayName",
    "FirehoseFailureFeedbackRoleArn",
    "FirehoseSuccessFeedbackRoleArn",
    "FirehoseSuccessFeedbackSampleRate",
    "HTTPFailureFeedbackRoleArn",
    "HTTPSuccessFeedbackRoleArn",
    "HTTPSuccessFeedbackSampleRate",
    "KmsMasterKeyId",
    "LambdaFailureFeedbackRoleArn",
    "LambdaSuccessFeedbackRoleArn",
    "LambdaSuccessFeedbackSampleRate",
    "SQSFailureFeedbackRoleArn",
    "SQSSuccessFeedbackRoleArn",
    "SQSSuccessFeedbackSampleRate",
    "TracingConfig",
];

impl TopicAttributes {
    /// The text of an attribute that was set.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(SmolStr::as_str)
    }

    /// Whether it is a FIFO topic.
    pub fn is_fifo(&self) -> bool {
        self.get("FifoTopic") == Some("true")
    }

    /// Whether the content stands for the deduplication id where that is not given.
    pub fn deduplicates_by_content(&self) -> bool {
        self.get("ContentBasedDeduplication") == Some("true")
    }

    /// Whether equal deduplication ids mean the same message in one group alone.
    pub fn deduplicates_in_groups(&self) -> bool {
        self.get("FifoThroughputScope") == Some("MessageGroup")
    }

    /// For how many days messages are kept, where they are.
    pub fn archive_days(&self) -> Option<u16> {
        self.get("ArchivePolicy").and_then(|policy| archive_days(policy).ok().flatten())
    }

    /// Which digest messages are signed over: `2` is SHA256, else SHA1.
    pub fn signature_version(&self) -> &str {
        self.get("SignatureVersion").unwrap_or("1")
    }

    /// Sets an attribute of a topic that is being created.
    ///
    /// # Errors
    /// As [`TopicAttributes::set`], in the words of CreateTopic.
    pub fn set_at_first(&mut self, name: &str, value: &str) -> Result<(), InvalidParameter> {
        if name == "FifoTopic" {
            if !matches!(value, "true" | "false") {
                return Err(InvalidParameter::because("Attributes", "FifoTopic: Invalid value"));
            }
            self.put(name, value);
            return Ok(());
        }
        self.set(name, value).map_err(|refused| match refused.sentence.as_str() {
            "Invalid parameter: AttributeName" => {
                InvalidParameter::because("Attributes", format_args!("Unknown attribute: {name}"))
            }
            sentence => {
                let reason = sentence.trim_start_matches("Invalid parameter: ");
                InvalidParameter::because("Attributes", reason)
            }
        })
    }

    /// Sets an attribute; an empty text takes it away.
    ///
    /// # Errors
    /// There is no such attribute, or none that can be set; a value that it cannot have.
    pub fn set(&mut self, name: &str, value: &str) -> Result<(), InvalidParameter> {
        if !SET.contains(&name) && !STORED.contains(&name) {
            return Err(InvalidParameter::of("AttributeName"));
        }
        if OF_FIFO.contains(&name) && !self.is_fifo() {
            return Err(InvalidParameter::of(format_args!("{name} is only valid for FIFO topics")));
        }
        if !value.is_empty() {
            check(name, value).map_err(|reason| InvalidParameter::of(format_args!("{name}: {reason}")))?;
        }
        self.put(name, value);
        Ok(())
    }

    fn put(&mut self, name: &str, value: &str) {
        if value.is_empty() {
            self.0.remove(name);
        } else {
            self.0.insert(SmolStr::new(name), SmolStr::new(value));
        }
    }

    /// The policy: the one that was set, or AWS's default for a topic.
    pub fn policy(&self, topic: &Arn) -> String {
        self.get("Policy").map_or_else(|| default_policy(topic).to_string(), str::to_owned)
    }

    /// All attributes that are answered beside counts and ARN, by name.
    pub fn shown(&self, topic: &Arn, owner: AccountId) -> BTreeMap<String, String> {
        let mut shown: BTreeMap<String, String> =
            self.0.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
        shown.insert("Policy".to_owned(), self.policy(topic));
        shown.insert("Owner".to_owned(), owner.to_string());
        shown.insert(
            "EffectiveDeliveryPolicy".to_owned(),
            delivery_policy::effective_of_topic(self.get("DeliveryPolicy")).to_string(),
        );
        shown.entry("DisplayName".to_owned()).or_default();
        if self.is_fifo() {
            shown.entry("ContentBasedDeduplication".to_owned()).or_insert_with(|| "false".to_owned());
            shown.entry("FifoThroughputScope".to_owned()).or_insert_with(|| "Topic".to_owned());
        } else {
            shown.remove("FifoTopic");
        }
        shown
    }

    /// Whether a topic with these attributes answers a request to create one with `wanted`.
    pub fn answers(&self, wanted: &Self) -> bool {
        let is_answered = |(name, value): (&SmolStr, &SmolStr)| {
            let default = match name.as_str() {
                "FifoTopic" | "ContentBasedDeduplication" => Some("false"),
                "SignatureVersion" => Some("1"),
                _ => None,
            };
            self.get(name).or(default) == Some(value)
        };
        self.is_fifo() == wanted.is_fifo() && wanted.0.iter().all(is_answered)
    }
}

/// For how many days an archive keeps messages; the empty policy ends it.
fn archive_days(policy: &str) -> Result<Option<u16>, String> {
    let policy: serde_json::Map<String, Value> =
        serde_json::from_str(policy).map_err(|error| format!("failed to parse JSON. {error}"))?;
    if policy.is_empty() {
        return Ok(None);
    }
    let days = match policy.get("MessageRetentionPeriod") {
        Some(Value::String(days)) => days.parse().ok(),
        Some(Value::Number(days)) => days.as_u64().and_then(|days| u16::try_from(days).ok()),
        _ => None,
    };
    let days = days.filter(|days| ARCHIVE_DAYS.contains(days));
    days.map(Some).ok_or_else(|| "MessageRetentionPeriod must be between 1 and 365 days".to_owned())
}

/// Whether an attribute can have a value.
fn check(name: &str, value: &str) -> Result<(), String> {
    let one_of = |values: [&str; 2]| match values.contains(&value) {
        true => Ok(()),
        false => Err(format!("Invalid value [{value}]. Must be {} or {}.", values[0], values[1])),
    };
    match name {
        "ArchivePolicy" => archive_days(value).map(drop),
        "ContentBasedDeduplication" => one_of(["true", "false"]),
        "DeliveryPolicy" => delivery_policy::check_of_topic(value),
        "DisplayName" if value.chars().count() > MAX_DISPLAY_NAME_LENGTH => {
            Err("must be at most 100 characters long".to_owned())
        }
        "FifoThroughputScope" => one_of(["Topic", "MessageGroup"]),
        "Policy" if serde_json::from_str::<serde_json::Map<String, Value>>(value).is_err() => {
            Err("Policy Error: null".to_owned())
        }
        "SignatureVersion" => one_of(["1", "2"]),
        "TracingConfig" => one_of(["PassThrough", "Active"]),
        name if name.ends_with("FeedbackSampleRate") && value.parse().map_or(true, |rate: u8| rate > 100) => {
            Err("must be an integer between 0 and 100".to_owned())
        }
        _ => Ok(()),
    }
}

/// The policy of a topic for which none was set.
pub(super) fn default_policy(topic: &Arn) -> Value {
    json!({
        "Version": "2008-10-17",
        "Id": "__default_policy_ID",
        "Statement": [{
            "Sid": "__default_statement_ID",
            "Effect": "Allow",
            "Principal": { "AWS": "*" },
            "Action": OWNERS_ACTIONS,
            "Resource": topic.to_string(),
            "Condition": { "StringEquals": { "AWS:SourceOwner": topic.account } },
        }],
    })
}
