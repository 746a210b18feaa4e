//! Why something did not match: what the record tells of a delivery that was filtered.

use crate::document::Node;
use std::fmt;

/// The key on which a policy failed, and the value that was there. It borrows from both; `to_string` keeps it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mismatch<'a> {
    /// The key, with dots between its steps; empty if what was asked about is no object at all.
    pub key: &'a str,
    /// What was seen there.
    pub seen: Seen<'a>,
}

/// What was seen at a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seen<'a> {
    /// No value.
    Nothing,
    /// A message attribute's value.
    Attribute(&'a str),
    /// A value of a document.
    Value(Value<'a>),
    /// A text that should have been a JSON object, and is not.
    NoObject,
}

/// A value within a document; its `Display` is JSON, for people to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Value<'a>(pub(crate) &'a Node);

impl fmt::Display for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for Seen<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => f.write_str("no value"),
            Self::Attribute(text) => write!(f, "{text:?}"),
            Self::Value(value) => value.fmt(f),
            Self::NoObject => f.write_str("no JSON object"),
        }
    }
}

impl fmt::Display for Mismatch<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.key.is_empty() {
            return write!(f, "{}", self.seen);
        }
        write!(f, "key {:?} has {}", self.key, self.seen)
    }
}
