//! What is wrong with a policy, in AWS's sentences.

use crate::json::{Location, SyntaxError};
use std::error::Error;
use std::fmt;

/// So many characters of a policy are shown in a sentence about it.
const SHOWN: usize = 500;

/// Why a text is no policy. Its `Display` is what AWS says behind `FilterPolicy: ` and `Reason: `.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PolicyError {
    /// The text is no JSON.
    Syntax(String),
    /// The JSON is no policy; with the place where this was seen.
    Pattern {
        /// What is wrong.
        sentence: String,
        /// The policy and the place, as AWS shows them.
        source: String,
    },
    /// A range of addresses is none. AWS tells no place for it.
    AddressRange(String),
    /// More keys at the top of the policy than the dialect allows.
    TooManyKeys {
        /// How many it allows.
        limit: usize,
    },
    /// More combinations of values than the dialect allows.
    TooComplex,
    /// A text that is longer than the dialect allows. AWS's sentence is not known; this one is ours.
    TooLarge {
        /// How many bytes it allows.
        limit: usize,
    },
    /// Keys within keys, in a policy for message attributes. AWS's sentence names the scope, not the policy.
    NestedInAttributes,
}

impl PolicyError {
    /// What stands behind `Invalid parameter: ` when SNS refuses the policy.
    #[must_use]
    pub fn as_invalid_parameter(&self) -> String {
        match self {
            Self::NestedInAttributes => self.to_string(),
            Self::Syntax(_) => format!("FilterPolicy: failed to parse JSON. {self}"),
            _ => format!("FilterPolicy: {self}"),
        }
    }

    pub(crate) fn pattern(sentence: String, text: &str, location: Location) -> Self {
        let source = match text.char_indices().nth(SHOWN) {
            Some((end, _)) => {
                let rest = text[end..].chars().count();
                format!("[Source: (String)\"{}\"[truncated {rest} chars]; {location}]", &text[..end])
            }
            None => format!("[Source: (String)\"{text}\"; {location}]"),
        };
        Self::Pattern { sentence, source }
    }
}

impl From<SyntaxError> for PolicyError {
    fn from(error: SyntaxError) -> Self {
        Self::Syntax(error.to_string())
    }
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Syntax(sentence) | Self::AddressRange(sentence) => f.write_str(sentence),
            Self::Pattern { sentence, source } => write!(f, "{sentence}\n at {source}"),
            Self::TooManyKeys { limit } => write!(f, "Filter policy can not have more than {limit} keys"),
            Self::TooComplex => f.write_str("Filter policy is too complex"),
            Self::TooLarge { limit } => write!(f, "Filter policy is larger than {limit} bytes"),
            Self::NestedInAttributes => {
                f.write_str("Filter policy scope MessageAttributes does not support nested filter policy")
            }
        }
    }
}

impl Error for PolicyError {}
