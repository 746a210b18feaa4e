//! Names and addresses of queues.

use super::failure::{InvalidParameter, NoSuchQueue};
use crate::limits::QUEUE_NAME_LENGTH;
use crate::state::queue::QueueState;
use mesh_router::Context;
use mesh_store::Key;
use mesh_types::{AccountId, Arn};
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use std::fmt;

/// The digits of an account id.
const ACCOUNT_LENGTH: usize = 12;

/// The name of a queue.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct QueueName(SmolStr);

impl QueueName {
    /// A name for a new standard queue.
    ///
    /// # Errors
    /// A name that no standard queue can have.
    pub fn parse(text: &str) -> Result<Self, InvalidParameter> {
        if QUEUE_NAME_LENGTH.contains(&text.len()) && is_plain(text) {
            return Ok(Self(SmolStr::new(text)));
        }
        let sentence = "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length";
        Err(InvalidParameter { sentence: sentence.to_owned() })
    }

    /// A name for a new FIFO queue.
    ///
    /// # Errors
    /// A name that no FIFO queue can have.
    pub fn parse_fifo(text: &str) -> Result<Self, InvalidParameter> {
        let stem = text.strip_suffix(".fifo").filter(|stem| is_plain(stem));
        if QUEUE_NAME_LENGTH.contains(&text.len()) && stem.is_some() {
            return Ok(Self(SmolStr::new(text)));
        }
        let sentence = "The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, \
                        must end with .fifo suffix and be 1 to 80 in length.";
        Err(InvalidParameter { sentence: sentence.to_owned() })
    }

    /// The name of a queue that is there, or that is looked for.
    pub fn of_existing(text: &str) -> Self {
        Self(SmolStr::new(text))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_plain(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
}

impl fmt::Display for QueueName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Where a queue is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueAddress {
    /// Its partition.
    pub key: Key<QueueState>,
}

impl QueueAddress {
    /// The queue of this name in the caller's account and Region.
    pub fn of_name(cx: &Context, name: &QueueName) -> Self {
        Self { key: cx.key(name.0.clone()) }
    }

    /// The queue that a URL names: any host, any prefix, then account and name. A bare name is taken too.
    ///
    /// # Errors
    /// A text that names no queue.
    pub fn of_url<E: From<NoSuchQueue>>(cx: &Context, url: &str) -> Result<Self, E> {
        let Some((prefix, name)) = url.rsplit_once('/') else {
            return if url.is_empty() { Err(NoSuchQueue.into()) } else { Ok(Self { key: cx.key(url) }) };
        };
        let account = prefix.len().checked_sub(ACCOUNT_LENGTH).and_then(|at| prefix.split_at_checked(at));
        match account {
            Some((before, account)) if !name.is_empty() && (before.is_empty() || before.ends_with('/')) => {
                let account = AccountId::parse(account).map_err(|_| NoSuchQueue)?;
                Ok(Self { key: Key::new(account, cx.region().clone(), name) })
            }
            _ => Err(NoSuchQueue.into()),
        }
    }

    /// The queue of this ARN, where it is one of the caller's account and Region.
    pub fn of_arn(cx: &Context, arn: &str) -> Option<Self> {
        let arn = Arn::parse(arn).ok()?;
        let queue = Self { key: cx.key(arn.resource.as_str()) };
        (queue.arn() == arn).then_some(queue)
    }

    /// Its ARN.
    pub fn arn(&self) -> Arn {
        Arn::new("sqs", self.key.region(), self.key.account(), self.key.name().as_str())
    }

    /// The URL under which the caller reaches the queue.
    pub fn url(&self, cx: &Context) -> String {
        format!("{}/{}/{}", cx.endpoint(), self.key.account(), self.key.name())
    }
}
