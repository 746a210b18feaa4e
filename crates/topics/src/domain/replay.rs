//! Which messages of an archive a subscription is sent again.
//! <https://docs.aws.amazon.com/sns/latest/dg/message-archiving-and-replay-subscriber.html>

use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use mesh_types::Timestamp;
use serde_json::{Map, Value};

/// A span of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReplayPolicy {
    /// From when on.
    pub from: Timestamp,
    /// Until when, where there is an end.
    pub until: Option<Timestamp>,
}

impl ReplayPolicy {
    /// Reads the policy of a subscription.
    ///
    /// # Errors
    /// Why it is none.
    pub fn parse(text: &str) -> Result<Self, String> {
        let policy: Map<String, Value> =
            serde_json::from_str(text).map_err(|error| format!("failed to parse JSON. {error}"))?;
        if policy.get("PointType").and_then(Value::as_str) != Some("Timestamp") {
            return Err("PointType must be Timestamp".to_owned());
        }
        let moment = |name: &str| {
            let read = |value: &Value| {
                let moment =
                    value.as_str().and_then(|text| DateTime::from_str(text, Format::DateTimeWithOffset).ok());
                let millis = moment.and_then(|moment| moment.to_millis().ok());
                millis
                    .map(Timestamp::from_millis)
                    .ok_or_else(|| format!("{name} must be a timestamp in ISO 8601"))
            };
            policy.get(name).map(read).transpose()
        };
        let from = moment("StartingPoint")?.ok_or("StartingPoint is required")?;
        let until = moment("EndingPoint")?;
        if until.is_some_and(|until| until < from) {
            return Err("EndingPoint must not be before StartingPoint".to_owned());
        }
        Ok(Self { from, until })
    }
}
