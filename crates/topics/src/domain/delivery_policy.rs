//! How deliveries over HTTP are retried: what a topic says over AWS's default, and what a subscription says over that.
//! <https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html#creating-delivery-policy>

use super::{Growth, Retries};
use serde_json::{Map, Value, json};
use std::time::Duration;

/// The content type where no policy says otherwise.
const TEXT: &str = "text/plain; charset=UTF-8";

/// Bounds of a pause, in seconds, and of the number of retries.
const LONGEST_PAUSE: u64 = 3_600;
const MOST_RETRIES: u64 = 100;

/// What holds for one subscription.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryPolicy {
    /// The phases of retries.
    pub retries: Retries,
    /// The content type of what is posted.
    pub content_type: String,
    /// The policy as it is answered.
    pub shown: Value,
}

/// The names of a policy's parts, in a topic and in a subscription.
struct Names {
    retry: &'static str,
    request: &'static str,
    throttle: &'static str,
}

const OF_TOPIC: Names = Names {
    retry: "defaultHealthyRetryPolicy",
    request: "defaultRequestPolicy",
    throttle: "defaultThrottlePolicy",
};
const OF_SUBSCRIPTION: Names =
    Names { retry: "healthyRetryPolicy", request: "requestPolicy", throttle: "throttlePolicy" };

/// What holds over HTTP for the subscriptions of a topic with this policy, as it is answered.
pub fn effective_of_topic(policy: Option<&str>) -> Value {
    let set = policy.and_then(|text| serde_json::from_str::<Value>(text).ok());
    let set = set.map(|mut set| set["http"].take()).unwrap_or_default();
    let mut http = json!({
        OF_TOPIC.retry: over(default_retry(), &set[OF_TOPIC.retry]),
        "disableSubscriptionOverrides": set["disableSubscriptionOverrides"].as_bool().unwrap_or(false),
        OF_TOPIC.request: over(json!({ "headerContentType": TEXT }), &set[OF_TOPIC.request]),
    });
    if set[OF_TOPIC.throttle].is_object() {
        http[OF_TOPIC.throttle] = set[OF_TOPIC.throttle].clone();
    }
    json!({ "http": http })
}

/// What holds for a subscription with its policy to a topic with its own.
pub fn effective(topic: Option<&str>, subscription: Option<&str>) -> DeliveryPolicy {
    let mut of_topic = effective_of_topic(topic)["http"].take();
    let set = subscription.filter(|_| of_topic["disableSubscriptionOverrides"] != json!(true));
    let set = set.and_then(|text| serde_json::from_str::<Value>(text).ok()).unwrap_or_default();
    let retry = over(of_topic[OF_TOPIC.retry].take(), &set[OF_SUBSCRIPTION.retry]);
    let request = over(of_topic[OF_TOPIC.request].take(), &set[OF_SUBSCRIPTION.request]);
    let mut shown = json!({ OF_SUBSCRIPTION.retry: retry, OF_SUBSCRIPTION.request: request });
    let throttle = match &set[OF_SUBSCRIPTION.throttle] {
        Value::Null => of_topic[OF_TOPIC.throttle].take(),
        set => set.clone(),
    };
    if throttle.is_object() {
        shown[OF_SUBSCRIPTION.throttle] = throttle;
    }
    let retries = retries(&shown[OF_SUBSCRIPTION.retry]);
    let content_type =
        shown[OF_SUBSCRIPTION.request]["headerContentType"].as_str().unwrap_or(TEXT).to_owned();
    DeliveryPolicy { retries, content_type, shown }
}

/// Checks the policy of a topic.
///
/// # Errors
/// Why it is none.
pub fn check_of_topic(text: &str) -> Result<(), String> {
    let policy = object(text)?;
    match policy.get("http") {
        Some(Value::Object(http)) => check(http, &OF_TOPIC),
        _ => Err("Unexpected JSON member: the policy has no object http".to_owned()),
    }
}

/// Checks the policy of a subscription.
///
/// # Errors
/// Why it is none.
pub fn check_of_subscription(text: &str) -> Result<(), String> {
    check(&object(text)?, &OF_SUBSCRIPTION)
}

fn object(text: &str) -> Result<Map<String, Value>, String> {
    serde_json::from_str(text).map_err(|error| format!("failed to parse JSON. {error}"))
}

fn check(policy: &Map<String, Value>, names: &Names) -> Result<(), String> {
    let known = [
        names.retry,
        names.request,
        names.throttle,
        "disableSubscriptionOverrides",
        "sicklyRetryPolicy",
        "guaranteed",
    ];
    if let Some(other) = policy.keys().find(|name| !known.contains(&name.as_str())) {
        return Err(format!("Unexpected JSON member: {other}"));
    }
    let parts = [names.retry, names.request, names.throttle];
    if let Some(name) = parts.iter().find(|name| policy.get(**name).is_some_and(|part| !part.is_object())) {
        return Err(format!("{name} must be a JSON object"));
    }
    let Some(retry) = policy.get(names.retry) else { return Ok(()) };
    let retry = over(default_retry(), retry);
    let number =
        |name: &str| retry[name].as_u64().ok_or_else(|| format!("{name} must be a non-negative integer"));
    let (shortest, longest, all) =
        (number("minDelayTarget")?, number("maxDelayTarget")?, number("numRetries")?);
    let phases = number("numNoDelayRetries")?
        .saturating_add(number("numMinDelayRetries")?)
        .saturating_add(number("numMaxDelayRetries")?);
    if shortest == 0 || shortest > longest || longest > LONGEST_PAUSE {
        return Err(format!(
            "minDelayTarget must be at least 1 and at most maxDelayTarget, which must be at most {LONGEST_PAUSE}"
        ));
    }
    if all > MOST_RETRIES || phases > all {
        return Err(format!(
            "numRetries must be at most {MOST_RETRIES} and at least the sum of the retries of the other phases"
        ));
    }
    match retry["backoffFunction"].as_str() {
        Some("linear" | "arithmetic" | "geometric" | "exponential") => Ok(()),
        _ => Err("backoffFunction must be one of linear, arithmetic, geometric, exponential".to_owned()),
    }
}

fn default_retry() -> Value {
    json!({
        "minDelayTarget": 20,
        "maxDelayTarget": 20,
        "numRetries": 3,
        "numMaxDelayRetries": 0,
        "numNoDelayRetries": 0,
        "numMinDelayRetries": 0,
        "backoffFunction": "linear",
    })
}

/// The members of `set` over those of `base`.
fn over(mut base: Value, set: &Value) -> Value {
    if let (Some(base), Some(set)) = (base.as_object_mut(), set.as_object()) {
        let there = set.iter().filter(|(_, value)| !value.is_null());
        base.extend(there.map(|(name, value)| (name.clone(), value.clone())));
    }
    base
}

fn retries(retry: &Value) -> Retries {
    let number = |name: &str| retry[name].as_u64().and_then(|number| u32::try_from(number).ok()).unwrap_or(0);
    let pause = |name: &str| Duration::from_secs(u64::from(number(name)));
    let (immediate, before_backoff) = (number("numNoDelayRetries"), number("numMinDelayRetries"));
    let after_backoff = number("numMaxDelayRetries");
    Retries {
        immediate,
        before_backoff,
        backoff: number("numRetries").saturating_sub(immediate + before_backoff + after_backoff),
        after_backoff,
        shortest: pause("minDelayTarget"),
        longest: pause("maxDelayTarget"),
        growth: match retry["backoffFunction"].as_str() {
            Some("arithmetic") => Growth::Arithmetic,
            Some("geometric") => Growth::Geometric,
            Some("exponential") => Growth::Exponential,
            _ => Growth::Linear,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subscription_overrides_its_topic_unless_that_forbids_it() {
        let subscription = r#"{"healthyRetryPolicy": {"numRetries": 5, "numNoDelayRetries": 2, "minDelayTarget": 1, "maxDelayTarget": 9}}"#;
        let own = effective(None, Some(subscription)).retries;
        assert_eq!((own.immediate, own.backoff, own.longest.as_secs()), (2, 3, 9));
        let topic = r#"{"http": {"disableSubscriptionOverrides": true, "defaultHealthyRetryPolicy": {"numRetries": 7}}}"#;
        assert_eq!(effective(Some(topic), Some(subscription)).retries.backoff, 7);
        assert_eq!(effective(None, None).retries, Retries::OVER_HTTP);
    }

    #[test]
    fn what_cannot_be_done_is_refused() {
        for policy in [
            r#"{"healthyRetryPolicy": {"numRetries": 1, "numNoDelayRetries": 2}}"#,
            r#"{"healthyRetryPolicy": {"minDelayTarget": 9, "maxDelayTarget": 1}}"#,
            r#"{"healthyRetryPolicy": {"backoffFunction": "square"}}"#,
            r#"{"healthyRetryPolicy": {"numNoDelayRetries": 9223372036854775808, "numMinDelayRetries": 9223372036854775808}}"#,
            r#"{"healthyRetryPolicy": 5}"#,
            r#"{"requestPolicy": "text/html"}"#,
            r#"{"healthyRetry": {}}"#,
            "[]",
        ] {
            assert!(check_of_subscription(policy).is_err(), "{policy}");
        }
        assert_eq!(check_of_subscription(r#"{"healthyRetryPolicy": {"numRetries": 4}}"#), Ok(()));
        assert!(check_of_topic(r#"{"healthyRetryPolicy": {}}"#).is_err());
    }
}
