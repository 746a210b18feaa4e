//! One condition on one value.

use crate::address::{self, Range};
use crate::dialect::Dialect;
use crate::number;
use crate::wildcard::Wildcard;
use std::net::IpAddr;

/// A value that conditions are put to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scalar<'a> {
    Null,
    Bool(bool),
    /// A number as it was written.
    Number(&'a str),
    String(&'a str),
}

/// One condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Pattern {
    Null,
    Bool(bool),
    String(Box<str>),
    /// A string that is an IP address matches it in every way of writing it.
    Address {
        text: Box<str>,
        address: IpAddr,
    },
    /// A number matches by its value, or, where it is beyond the numbers that can be compared, by its digits.
    Number {
        text: Box<str>,
        units: Option<i64>,
    },
    Prefix(Affix),
    Suffix(Affix),
    EqualsIgnoreCase(Box<str>),
    Wildcard(Wildcard),
    Numeric(NumberRange),
    AddressRange(Range),
    /// `exists: true`.
    Present,
    /// `exists: false`: what is not there matches, and no value does.
    Absent,
    AnythingBut(Negated),
}

/// The beginning or the end of a string.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Affix {
    pub(crate) text: Box<str>,
    pub(crate) ignores_case: bool,
}

/// Units between two ends, each of which belongs to the range or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NumberRange {
    pub(crate) bottom: i64,
    pub(crate) is_bottom_open: bool,
    pub(crate) top: i64,
    pub(crate) is_top_open: bool,
}

/// What a value must not be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Negated {
    Strings(Vec<Box<str>>),
    /// In units; a value beyond the numbers that can be compared is none of them.
    Numbers(Vec<i64>),
    Prefixes(Vec<Box<str>>),
    Suffixes(Vec<Box<str>>),
    EqualsIgnoreCase(Vec<Box<str>>),
    Wildcards(Vec<Wildcard>),
}

impl Pattern {
    /// The condition to be this string.
    pub(crate) fn of_string(text: &str) -> Self {
        match address::address(text) {
            Some(address) => Self::Address { text: text.into(), address },
            None => Self::String(text.into()),
        }
    }

    /// The condition to be this number.
    pub(crate) fn of_number(text: &str, dialect: Dialect) -> Self {
        Self::Number { text: text.into(), units: number::units(text, dialect) }
    }

    /// Whether a value that is there meets the condition.
    pub(crate) fn matches(&self, value: Scalar<'_>, dialect: Dialect) -> bool {
        match (self, value) {
            (Self::Present, _) => true,
            (Self::Null, value) => value == Scalar::Null,
            (Self::Bool(wanted), value) => value == Scalar::Bool(*wanted),
            (Self::AnythingBut(negated), value) => !negated.names(value, dialect),
            (Self::String(wanted), Scalar::String(text)) => **wanted == *text,
            (Self::Address { text: wanted, address }, Scalar::String(text)) => {
                **wanted == *text || address::address(text) == Some(*address)
            }
            (Self::Prefix(prefix), Scalar::String(text)) => {
                if prefix.ignores_case {
                    starts_ignoring_case(text.chars(), prefix.text.chars())
                } else {
                    text.starts_with(&*prefix.text)
                }
            }
            (Self::Suffix(suffix), Scalar::String(text)) => {
                if suffix.ignores_case {
                    starts_ignoring_case(text.chars().rev(), suffix.text.chars().rev())
                } else {
                    text.ends_with(&*suffix.text)
                }
            }
            (Self::EqualsIgnoreCase(wanted), Scalar::String(text)) => equals_ignoring_case(wanted, text),
            (Self::Wildcard(wildcard), Scalar::String(text)) => wildcard.matches(text),
            (Self::AddressRange(range), Scalar::String(text)) => range.holds(text),
            (Self::Number { text: wanted, units }, Scalar::Number(text)) => {
                **wanted == *text || (units.is_some() && number::units(text, dialect) == *units)
            }
            (Self::Numeric(range), Scalar::Number(text)) => {
                number::units(text, dialect).is_some_and(|units| range.holds(units))
            }
            _ => false,
        }
    }
}

impl NumberRange {
    const fn holds(self, units: i64) -> bool {
        (if self.is_bottom_open { self.bottom < units } else { self.bottom <= units })
            && (if self.is_top_open { units < self.top } else { units <= self.top })
    }
}

impl Negated {
    /// Whether the value is one of those that are excluded. Values of another kind never are.
    fn names(&self, value: Scalar<'_>, dialect: Dialect) -> bool {
        match (self, value) {
            (Self::Strings(texts), Scalar::String(text)) => texts.iter().any(|other| **other == *text),
            (Self::Numbers(numbers), Scalar::Number(text)) => {
                number::units(text, dialect).is_some_and(|units| numbers.contains(&units))
            }
            (Self::Prefixes(texts), Scalar::String(text)) => texts.iter().any(|p| text.starts_with(&**p)),
            (Self::Suffixes(texts), Scalar::String(text)) => texts.iter().any(|s| text.ends_with(&**s)),
            (Self::EqualsIgnoreCase(texts), Scalar::String(text)) => {
                texts.iter().any(|other| equals_ignoring_case(other, text))
            }
            (Self::Wildcards(wildcards), Scalar::String(text)) => wildcards.iter().any(|w| w.matches(text)),
            _ => false,
        }
    }
}

fn equals_ignoring_case(left: &str, right: &str) -> bool {
    left.chars().flat_map(char::to_lowercase).eq(right.chars().flat_map(char::to_lowercase))
}

/// Whether a text begins with another, each character in its lower case.
fn starts_ignoring_case(text: impl Iterator<Item = char>, beginning: impl Iterator<Item = char>) -> bool {
    let mut text = text.flat_map(char::to_lowercase);
    beginning.flat_map(char::to_lowercase).all(|wanted| text.next() == Some(wanted))
}
