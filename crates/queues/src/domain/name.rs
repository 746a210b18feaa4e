//! Names and addresses of queues.

use super::failure::{InvalidParameter, NoSuchQueue, NotServed};
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
    /// A name for a new queue.
    ///
    /// # Errors
    /// A name that no queue can have; that of a FIFO queue.
    pub fn parse<E: From<InvalidParameter> + From<NotServed>>(text: &str) -> Result<Self, E> {
        let is_name = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
        let stem = text.strip_suffix(".fifo");
        let characters = stem.unwrap_or(text);
        if !QUEUE_NAME_LENGTH.contains(&text.len())
            || characters.is_empty()
            || !characters.bytes().all(is_name)
        {
            let sentence =
                "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length"
                    .to_owned();
            return Err(InvalidParameter { sentence }.into());
        }
        match stem {
            Some(_) => Err(NotServed { what: "FIFO queues" }.into()),
            None => Ok(Self(SmolStr::new(text))),
        }
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

    /// Its ARN.
    pub fn arn(&self) -> Arn {
        Arn::new("sqs", self.key.region(), self.key.account(), self.key.name().as_str())
    }

    /// The URL under which the caller reaches the queue.
    pub fn url(&self, cx: &Context) -> String {
        format!("{}/{}/{}", cx.endpoint(), self.key.account(), self.key.name())
    }
}
