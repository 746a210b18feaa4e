//! What a topic is set to.

use super::failure::InvalidParameter;
use crate::limits::MAX_DISPLAY_NAME_LENGTH;
use mesh_types::{AccountId, Arn};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use smol_str::SmolStr;
use std::collections::BTreeMap;

/// The attributes of a topic that were set, as texts that are sound.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TopicAttributes(BTreeMap<SmolStr, SmolStr>);

/// What delivery is retried by over HTTP where nothing else is said.
const DEFAULT_HTTP: &str = r#"{"defaultHealthyRetryPolicy":{"minDelayTarget":20,"maxDelayTarget":20,"numRetries":3,"numMaxDelayRetries":0,"numNoDelayRetries":0,"numMinDelayRetries":0,"backoffFunction":"linear"},"disableSubscriptionOverrides":false,"defaultRequestPolicy":{"headerContentType":"text/plain; charset=UTF-8"}}"#;

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
        let wrong = |reason: &str| Err(InvalidParameter::of(format_args!("{name}: {reason}")));
        match name {
            _ if value.is_empty() && name != "ContentBasedDeduplication" => {}
            "DisplayName" if value.chars().count() > MAX_DISPLAY_NAME_LENGTH => {
                return wrong("must be at most 100 characters long");
            }
            "SignatureVersion" if !matches!(value, "1" | "2") => {
                return wrong(&format!("Invalid value [{value}]. Must be 1 or 2."));
            }
            "TracingConfig" if !matches!(value, "PassThrough" | "Active") => {
                return wrong(&format!("Invalid value [{value}]. Must be PassThrough or Active."));
            }
            "ContentBasedDeduplication" if !matches!(value, "true" | "false") => {
                return wrong(&format!("Invalid value [{value}]. Must be true or false."));
            }
            "ContentBasedDeduplication" | "FifoThroughputScope" if !self.is_fifo() => {
                return Err(InvalidParameter::of(format_args!("{name} is only valid for FIFO topics")));
            }
            "FifoThroughputScope" if !matches!(value, "Topic" | "MessageGroup") => {
                return wrong(&format!("Invalid value [{value}]. Must be Topic or MessageGroup."));
            }
            "Policy" | "DeliveryPolicy"
                if serde_json::from_str::<serde_json::Map<String, Value>>(value).is_err() =>
            {
                let reason = if name == "Policy" { "Policy Error: null" } else { "failed to parse JSON." };
                return wrong(reason);
            }
            name if name.ends_with("FeedbackSampleRate")
                && value.parse().ok().is_none_or(|rate: u8| rate > 100) =>
            {
                return wrong("must be an integer between 0 and 100");
            }
            _ => {}
        }
        let is_set = [
            "ContentBasedDeduplication",
            "DeliveryPolicy",
            "FifoThroughputScope",
            "Policy",
            "SignatureVersion",
        ];
        if !is_set.contains(&name) && !STORED.contains(&name) {
            return Err(InvalidParameter::of("AttributeName"));
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

    /// How deliveries over HTTP are retried: what was set over what AWS does by default.
    pub fn effective_delivery_policy(&self) -> String {
        let mut policy: Value = serde_json::from_str(DEFAULT_HTTP).unwrap_or_default();
        let set = self.get("DeliveryPolicy").and_then(|text| serde_json::from_str::<Value>(text).ok());
        if let Some(Value::Object(set)) = set.map(|mut set| set["http"].take()) {
            for (name, value) in set {
                match (policy.get_mut(&name), value) {
                    (Some(Value::Object(into)), Value::Object(from)) => into.extend(from),
                    (_, value) => policy[name] = value,
                }
            }
        }
        json!({ "http": policy }).to_string()
    }

    /// All attributes that are answered beside counts and ARN, by name.
    pub fn shown(&self, topic: &Arn, owner: AccountId) -> BTreeMap<String, String> {
        let mut shown: BTreeMap<String, String> =
            self.0.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
        shown.insert("Policy".to_owned(), self.policy(topic));
        shown.insert("Owner".to_owned(), owner.to_string());
        shown.insert("EffectiveDeliveryPolicy".to_owned(), self.effective_delivery_policy());
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
