//! Patterns of names.

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use std::fmt;

/// A name in which `*` stands for any characters, none too, and `?` for one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Pattern(SmolStr);

impl Pattern {
    /// The pattern of this text.
    pub fn new(text: impl Into<SmolStr>) -> Self {
        Self(text.into())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it names one name alone.
    pub fn is_literal(&self) -> bool {
        !self.0.contains(['*', '?'])
    }

    /// Whether a name is one of those meant.
    pub fn matches(&self, name: &str) -> bool {
        let (mut pattern, mut rest) = (self.as_str(), name);
        // Behind the last star: what must follow it, and from where on that is looked for.
        let mut star: Option<(&str, &str)> = None;
        loop {
            match (pattern.chars().next(), rest.chars().next()) {
                (Some('*'), _) => {
                    pattern = &pattern[1..];
                    star = Some((pattern, rest));
                    continue;
                }
                (Some(wanted), Some(found)) if wanted == '?' || wanted == found => {
                    (pattern, rest) = (&pattern[wanted.len_utf8()..], &rest[found.len_utf8()..]);
                    continue;
                }
                (None, None) => return true,
                _ => {}
            }
            let Some((after, from)) = star else { return false };
            let Some(skipped) = from.chars().next() else { return false };
            (pattern, rest) = (after, &from[skipped.len_utf8()..]);
            star = Some((after, rest));
        }
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_characters_and_a_question_mark_for_one() {
        for (pattern, name, expected) in [
            ("orders", "orders", true),
            ("orders", "orders-2", false),
            ("", "", true),
            ("", "a", false),
            ("*", "", true),
            ("*", "anything", true),
            ("Get*", "GetItem", true),
            ("Get*", "BatchGetItem", false),
            ("*Item", "BatchGetItem", true),
            ("*a*b*c", "xxaxxbxxc", true),
            ("*a*b*c", "xxaxxcxxb", false),
            ("*ab", "aab", true),
            ("q-?", "q-1", true),
            ("q-?", "q-", false),
            ("q-?", "q-☃", true),
            ("*?☃", "a☃☃", true),
            ("a**b", "ab", true),
        ] {
            assert_eq!(Pattern::new(pattern).matches(name), expected, "{pattern} {name}");
        }
    }
}
