//! A fault rule: which calls it means, which of those it strikes, and what happens to them.

use super::Pattern;
use crate::Caller;
use mesh_store::Row;
use mesh_types::{AccountId, Timestamp};
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use std::fmt;
use std::time::Duration;

/// A rule that was checked against what is served. Rules are stored: fields and variants keep their order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Rule {
    /// Its name, which no other of its universe has.
    pub name: SmolStr,
    /// The calls it means.
    pub on: On,
    /// Which of those it strikes.
    pub when: When,
    /// What happens to a call that is struck.
    pub effect: Effect,
}

impl Row for Rule {}

/// Calls. What is absent is not asked about.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct On {
    /// The API: `dynamodb`.
    pub service: Option<Pattern>,
    /// The operation: `GetItem`.
    pub operation: Option<Pattern>,
    /// A resource that the input names: see [`names`](super::names).
    pub resource: Option<Pattern>,
    /// The account that is called.
    pub account: Option<Pattern>,
    /// An access key id, a service's principal (`sns`), or `anonymous`.
    pub caller: Option<Pattern>,
}

/// Which of the calls that a rule means it strikes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct When {
    /// How a call is chosen.
    pub choice: Choice,
    /// Not before this moment of the universe.
    pub from: Option<Timestamp>,
    /// Not at this moment of the universe, nor later.
    pub until: Option<Timestamp>,
    /// At most so many.
    pub times: Option<u64>,
}

/// How a rule chooses among the calls that it means.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub enum Choice {
    /// All.
    #[default]
    Always,
    /// Each with this probability.
    Probability(f64),
    /// The n-th, the 2n-th, ...
    Every(u64),
}

/// What happens to a call that is struck.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Effect {
    /// It is answered with an error, and does not run.
    Error {
        /// The error's code.
        code: SmolStr,
        /// Its sentence, where AWS's is not wanted.
        message: Option<SmolStr>,
    },
    /// It takes longer, by a span drawn from these.
    Latency {
        /// The least.
        least: Duration,
        /// The most.
        most: Duration,
    },
    /// Its connection breaks without an answer.
    Drop(Dropped),
    /// It is answered with the service's own error for too many calls, where there are more than a rate allows.
    Throttle {
        /// Calls a second of the universe's time.
        rate: f64,
        /// Calls that may come at once.
        burst: u32,
    },
    /// Some entries of its batch fail.
    PartialBatch {
        /// How many of them, from 0 to 1: one at least, and of several at least one does not.
        fraction: f64,
        /// The code that an entry fails with, where the operation tells one and its usual is not wanted.
        code: Option<SmolStr>,
    },
    /// A delivery is made twice; a message that is received stays receivable.
    Duplicate,
    /// Deliveries that are due together, or messages that could be received, are taken in another order.
    Reorder,
    /// An eventually consistent read sees the state before the last write, if that is younger than this.
    StaleRead(Duration),
}

/// When a connection breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Dropped {
    /// Before the operation runs.
    Before,
    /// After it has run: what it did stands, and the caller does not know.
    After,
}

impl On {
    /// Whether a call of this operation is meant, as far as that tells.
    pub fn means_operation(&self, service: &str, operation: &str) -> bool {
        let fits = |pattern: &Option<Pattern>, name: &str| {
            pattern.as_ref().is_none_or(|pattern| pattern.matches(name))
        };
        fits(&self.service, service) && fits(&self.operation, operation)
    }

    /// Whether a call by this caller in this account is meant, as far as that tells.
    pub(super) fn means_caller(&self, account: AccountId, caller: &Caller) -> bool {
        let caller = match caller {
            Caller::Anonymous => "anonymous",
            Caller::AccessKey(key) => key,
            Caller::Service { name, .. } => name,
        };
        self.account.as_ref().is_none_or(|pattern| pattern.matches(account.as_str()))
            && self.caller.as_ref().is_none_or(|pattern| pattern.matches(caller))
    }
}

impl When {
    /// Whether a moment of the universe is in the rule's window.
    pub(super) fn is_open(&self, now: Timestamp) -> bool {
        self.from.is_none_or(|from| from <= now) && self.until.is_none_or(|until| now < until)
    }
}

impl Effect {
    /// Its name, as a rule is written.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Error { .. } => "error",
            Self::Latency { .. } => "latency",
            Self::Drop(_) => "drop",
            Self::Throttle { .. } => "throttle",
            Self::PartialBatch { .. } => "partial_batch",
            Self::Duplicate => "duplicate",
            Self::Reorder => "reorder",
            Self::StaleRead(_) => "stale_read",
        }
    }

    /// Whether a call that it struck goes no further.
    pub(super) fn ends_the_call(&self) -> bool {
        matches!(self, Self::Error { .. } | Self::Throttle { .. } | Self::Drop(Dropped::Before))
    }
}

/// The effect as the record and the answer's header tell it.
impl fmt::Display for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Error { code, .. } => write!(f, "error={code}"),
            Self::Drop(Dropped::Before) => f.write_str("drop=before"),
            Self::Drop(Dropped::After) => f.write_str("drop=after"),
            other => f.write_str(other.name()),
        }
    }
}
