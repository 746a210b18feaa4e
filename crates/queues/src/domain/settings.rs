//! The attributes of a queue.

use super::failure::{FifoAttribute, InvalidAttribute, NotServed, OtherQueueExists, UnknownAttribute};
use crate::limits::{
    DEFAULT_RETENTION, DEFAULT_VISIBILITY_TIMEOUT, DELAY, MESSAGE_SIZE, RETENTION, VISIBILITY_TIMEOUT,
    WAIT_TIME,
};
use mesh_types::Timestamp;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::time::Duration;

/// What a queue is set to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueueSettings {
    /// When it was created.
    pub created_at: Timestamp,
    /// Its attributes.
    pub attributes: QueueAttributes,
    /// Its tags.
    pub tags: BTreeMap<SmolStr, SmolStr>,
}

/// The attributes of a queue that were set; for the others AWS's defaults hold.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueueAttributes {
    delay_seconds: Option<u32>,
    maximum_message_size: Option<u32>,
    message_retention_period: Option<u32>,
    receive_wait_time: Option<u32>,
    visibility_timeout: Option<u32>,
    /// Kept and returned, without effect.
    stored: BTreeMap<SmolStr, SmolStr>,
}

/// Attributes that are kept and returned, without effect: nothing is encrypted, and no policy is evaluated.
const STORED: [&str; 4] =
    ["KmsDataKeyReusePeriodSeconds", "KmsMasterKeyId", "Policy", "SqsManagedSseEnabled"];

impl QueueAttributes {
    /// How long a message is held back after it was sent.
    pub fn delay(&self) -> Duration {
        seconds(self.delay_seconds.unwrap_or(*DELAY.start()))
    }

    /// The largest message, in bytes.
    pub fn maximum_message_size(&self) -> u32 {
        self.maximum_message_size.unwrap_or(*MESSAGE_SIZE.end())
    }

    /// How long a message is kept.
    pub fn retention(&self) -> Duration {
        seconds(self.message_retention_period.unwrap_or(DEFAULT_RETENTION))
    }

    /// How long a receive waits that does not say.
    pub fn receive_wait_time(&self) -> Duration {
        seconds(self.receive_wait_time.unwrap_or(*WAIT_TIME.start()))
    }

    /// How long a received message stays hidden.
    pub fn visibility_timeout(&self) -> Duration {
        seconds(self.visibility_timeout.unwrap_or(DEFAULT_VISIBILITY_TIMEOUT))
    }

    /// Sets one attribute from its text.
    ///
    /// # Errors
    /// There is no such attribute; a value it cannot have; one of a FIFO queue, or one that is not served yet.
    pub fn set<E>(&mut self, name: &str, value: &str) -> Result<(), E>
    where
        E: From<UnknownAttribute> + From<InvalidAttribute> + From<FifoAttribute> + From<NotServed>,
    {
        match name {
            "DelaySeconds" => self.delay_seconds = number("DelaySeconds", value, DELAY)?,
            "MaximumMessageSize" => {
                self.maximum_message_size = number("MaximumMessageSize", value, MESSAGE_SIZE)?
            }
            "MessageRetentionPeriod" => {
                self.message_retention_period = number("MessageRetentionPeriod", value, RETENTION)?;
            }
            "ReceiveMessageWaitTimeSeconds" => {
                self.receive_wait_time = number("ReceiveMessageWaitTimeSeconds", value, WAIT_TIME)?;
            }
            "VisibilityTimeout" => {
                self.visibility_timeout = number("VisibilityTimeout", value, VISIBILITY_TIMEOUT)?;
            }
            "FifoQueue" if value == "true" => return Err(NotServed { what: "FIFO queues" }.into()),
            "DeduplicationScope" => return Err(FifoAttribute { name: "DeduplicationScope" }.into()),
            "FifoThroughputLimit" => return Err(FifoAttribute { name: "FifoThroughputLimit" }.into()),
            "RedrivePolicy" => return Err(NotServed { what: "redrive policies" }.into()),
            "RedriveAllowPolicy" => return Err(NotServed { what: "redrive allow policies" }.into()),
            stored if STORED.contains(&stored) => {
                self.stored.insert(SmolStr::new(stored), SmolStr::new(value));
            }
            unknown => return Err(UnknownAttribute { name: unknown.to_owned() }.into()),
        }
        Ok(())
    }

    /// Whether a queue with these attributes answers a request to create one with `wanted`: an attribute that was not
    /// asked for may have any value, and one at its default may be unset here.
    ///
    /// # Errors
    /// The first attribute that differs.
    pub fn answers(&self, wanted: &Self) -> Result<(), OtherQueueExists> {
        let differs = |attribute| Err(OtherQueueExists { attribute });
        if wanted.delay_seconds.is_some() && wanted.delay() != self.delay() {
            return differs("DelaySeconds");
        }
        if wanted.maximum_message_size.is_some()
            && wanted.maximum_message_size() != self.maximum_message_size()
        {
            return differs("MaximumMessageSize");
        }
        if wanted.message_retention_period.is_some() && wanted.retention() != self.retention() {
            return differs("MessageRetentionPeriod");
        }
        if wanted.receive_wait_time.is_some() && wanted.receive_wait_time() != self.receive_wait_time() {
            return differs("ReceiveMessageWaitTimeSeconds");
        }
        if wanted.visibility_timeout.is_some() && wanted.visibility_timeout() != self.visibility_timeout() {
            return differs("VisibilityTimeout");
        }
        let other = |name: &&&str| {
            wanted.stored.get(**name).is_some_and(|value| self.stored.get(**name) != Some(value))
        };
        STORED.iter().find(other).map_or(Ok(()), |attribute| differs(attribute))
    }
}

fn seconds(count: u32) -> Duration {
    Duration::from_secs(u64::from(count))
}

fn number(
    name: &'static str,
    value: &str,
    range: RangeInclusive<u32>,
) -> Result<Option<u32>, InvalidAttribute> {
    let number = value.parse().ok().filter(|number| range.contains(number));
    number.map(Some).ok_or(InvalidAttribute { name })
}
