//! What a queue is set to.

use super::failure::{FifoAttribute, InvalidAttribute, InvalidParameter, OtherQueueExists, UnknownAttribute};
use super::{DeduplicationScope, Fifo, RedriveAllowPolicy, RedrivePolicy, ThroughputLimit};
use crate::limits::{
    DEFAULT_KEY_REUSE, DEFAULT_RETENTION, DEFAULT_VISIBILITY_TIMEOUT, DELAY, KEY_REUSE, MESSAGE_SIZE,
    RETENTION, VISIBILITY_TIMEOUT, WAIT_TIME,
};
use mesh_types::Timestamp;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::time::Duration;

/// What a queue is set to, and since when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueueSettings {
    /// When it was created.
    pub created_at: Timestamp,
    /// When its attributes were set.
    pub modified_at: Timestamp,
    /// When it was purged.
    pub purged_at: Option<Timestamp>,
    /// Its attributes.
    pub attributes: QueueAttributes,
    /// Its tags.
    pub tags: Tags,
}

/// The tags of a queue.
pub type Tags = BTreeMap<SmolStr, SmolStr>;

/// The attributes of a queue that were set; for the others AWS's defaults hold.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueueAttributes {
    pub(crate) delay_seconds: Option<u32>,
    pub(crate) maximum_message_size: Option<u32>,
    pub(crate) message_retention_period: Option<u32>,
    pub(crate) receive_wait_time: Option<u32>,
    pub(crate) visibility_timeout: Option<u32>,
    /// Kept and returned, without effect.
    pub(crate) stored: BTreeMap<SmolStr, SmolStr>,
    /// When and where its messages go as dead letters.
    pub(crate) redrive: Option<RedrivePolicy>,
    /// Which queues may send their dead letters here.
    pub(crate) redrive_allow: Option<RedriveAllowPolicy>,
    /// What a FIFO queue has.
    pub(crate) fifo: Option<Fifo>,
}

/// Attributes that are kept and returned, without effect: nothing is encrypted, and no policy is evaluated.
const STORED: [&str; 4] = [KEY_REUSE_PERIOD, KEY, POLICY, MANAGED_ENCRYPTION];
const KEY_REUSE_PERIOD: &str = "KmsDataKeyReusePeriodSeconds";
const KEY: &str = "KmsMasterKeyId";
const POLICY: &str = "Policy";
const MANAGED_ENCRYPTION: &str = "SqsManagedSseEnabled";

impl QueueAttributes {
    /// Those of a new FIFO queue.
    pub fn of_fifo() -> Self {
        Self { fifo: Some(Fifo::default()), ..Self::default() }
    }

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

    /// The policy, a JSON text.
    pub fn policy(&self) -> Option<&str> {
        self.stored.get(POLICY).map(SmolStr::as_str)
    }

    /// Sets the policy to a text that is one, or takes it away.
    pub fn set_policy(&mut self, policy: Option<&str>) {
        match policy {
            Some(policy) => self.stored.insert(SmolStr::new_static(POLICY), SmolStr::new(policy)),
            None => self.stored.remove(POLICY),
        };
    }

    /// The value of one attribute as its text. Nothing where the queue has none, or where it is none that is set.
    pub fn value(&self, name: &str) -> Option<String> {
        let text = |span: Duration| Some(span.as_secs().to_string());
        let stored = |name: &str| self.stored.get(name).map(ToString::to_string);
        let or = |name: &str, default: &str| stored(name).unwrap_or_else(|| default.to_owned());
        match name {
            "DelaySeconds" => text(self.delay()),
            "MaximumMessageSize" => Some(self.maximum_message_size().to_string()),
            "MessageRetentionPeriod" => text(self.retention()),
            "ReceiveMessageWaitTimeSeconds" => text(self.receive_wait_time()),
            "VisibilityTimeout" => text(self.visibility_timeout()),
            "RedrivePolicy" => self.redrive.as_ref().map(RedrivePolicy::text),
            "RedriveAllowPolicy" => self.redrive_allow.as_ref().map(RedriveAllowPolicy::text),
            "FifoQueue" => self.fifo.map(|_| "true".to_owned()),
            "ContentBasedDeduplication" => self.fifo.map(|fifo| fifo.content_based().to_string()),
            "DeduplicationScope" => self.fifo.map(|fifo| fifo.scope().text().to_owned()),
            "FifoThroughputLimit" => self.fifo.map(|fifo| fifo.limit().text().to_owned()),
            KEY_REUSE_PERIOD => stored(KEY).map(|_| or(KEY_REUSE_PERIOD, DEFAULT_KEY_REUSE)),
            // A queue is encrypted by one of the two.
            MANAGED_ENCRYPTION if self.stored.contains_key(KEY) => Some("false".to_owned()),
            MANAGED_ENCRYPTION => Some(or(MANAGED_ENCRYPTION, "true")),
            name => stored(name),
        }
    }

    /// Sets one attribute from its text.
    ///
    /// # Errors
    /// There is no such attribute; a value it cannot have; one of a FIFO queue, which this is not.
    pub fn set<E>(&mut self, name: &str, value: &str) -> Result<(), E>
    where
        E: From<UnknownAttribute> + From<InvalidAttribute> + From<InvalidParameter> + From<FifoAttribute>,
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
            // What a queue is, it is from its beginning.
            "FifoQueue" if value == "true" && self.fifo.is_some() => {}
            "ContentBasedDeduplication" if self.fifo.is_some() => {
                let value =
                    value.parse().map_err(|_| InvalidAttribute { name: "ContentBasedDeduplication" })?;
                self.fifo = self.fifo.map(|fifo| Fifo { content_based: Some(value), ..fifo });
            }
            "DeduplicationScope" => {
                let fifo = self.fifo.ok_or(FifoAttribute { name: "DeduplicationScope" })?;
                let scope = DeduplicationScope::parse(value);
                let scope = Some(scope.ok_or(InvalidAttribute { name: "DeduplicationScope" })?);
                self.fifo = Some(Fifo { scope, ..fifo });
            }
            "FifoThroughputLimit" => {
                let fifo = self.fifo.ok_or(FifoAttribute { name: "FifoThroughputLimit" })?;
                let limit = ThroughputLimit::parse(value);
                let limit = Some(limit.ok_or(InvalidAttribute { name: "FifoThroughputLimit" })?);
                self.fifo = Some(Fifo { limit, ..fifo });
            }
            "RedrivePolicy" => self.redrive = RedrivePolicy::parse(value)?,
            "RedriveAllowPolicy" => self.redrive_allow = RedriveAllowPolicy::parse(value)?,
            name => match STORED.iter().find(|stored| **stored == name) {
                Some(name) => self.store(name, value)?,
                None => return Err(UnknownAttribute { name: name.to_owned() }.into()),
            },
        }
        Ok(())
    }

    /// Checks attributes together that were set one by one.
    ///
    /// # Errors
    /// Two that do not go together.
    pub fn check(&self) -> Result<(), InvalidParameter> {
        self.fifo.map_or(Ok(()), Fifo::check)
    }

    /// Keeps an attribute that has no effect; an empty text takes it away.
    fn store(&mut self, name: &'static str, value: &str) -> Result<(), InvalidAttribute> {
        if value.is_empty() {
            self.stored.remove(name);
            return Ok(());
        }
        let is_sound = match name {
            KEY_REUSE_PERIOD => value.parse().is_ok_and(|seconds| KEY_REUSE.contains(&seconds)),
            MANAGED_ENCRYPTION => matches!(value, "true" | "false"),
            POLICY => serde_json::from_str::<serde_json::Map<_, _>>(value).is_ok(),
            _ => true,
        };
        if !is_sound {
            return Err(InvalidAttribute { name });
        }
        self.stored.insert(SmolStr::new_static(name), SmolStr::new(value));
        Ok(())
    }

    /// Whether a queue with these attributes answers a request to create one with `wanted`: an attribute that was not
    /// asked for may have any value, and one at its default may be unset here.
    ///
    /// # Errors
    /// The first attribute that differs.
    pub fn answers(&self, wanted: &Self) -> Result<(), OtherQueueExists> {
        let fifo = wanted.fifo;
        let asked_for: [(&'static str, bool); 11] = [
            ("DelaySeconds", wanted.delay_seconds.is_some()),
            ("MaximumMessageSize", wanted.maximum_message_size.is_some()),
            ("MessageRetentionPeriod", wanted.message_retention_period.is_some()),
            ("ReceiveMessageWaitTimeSeconds", wanted.receive_wait_time.is_some()),
            ("VisibilityTimeout", wanted.visibility_timeout.is_some()),
            ("RedrivePolicy", wanted.redrive.is_some()),
            ("RedriveAllowPolicy", wanted.redrive_allow.is_some()),
            ("FifoQueue", fifo.is_some()),
            ("ContentBasedDeduplication", fifo.is_some_and(|fifo| fifo.content_based.is_some())),
            ("DeduplicationScope", fifo.is_some_and(|fifo| fifo.scope.is_some())),
            ("FifoThroughputLimit", fifo.is_some_and(|fifo| fifo.limit.is_some())),
        ];
        let stored = STORED.iter().map(|name| (*name, wanted.stored.contains_key(*name)));
        let differs = |(name, is_asked_for): &(&'static str, bool)| {
            *is_asked_for && wanted.value(name) != self.value(name)
        };
        match asked_for.into_iter().chain(stored).find(differs) {
            Some((attribute, _)) => Err(OtherQueueExists { attribute }),
            None => Ok(()),
        }
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
