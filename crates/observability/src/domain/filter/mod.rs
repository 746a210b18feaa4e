//! Filter patterns: which events a reader wants.
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html>

mod json;
mod terms;
mod wildcard;

use super::failure::InvalidPattern;
use regex_lite::Regex;

/// A filter pattern.
#[derive(Debug, Clone)]
pub enum Filter {
    /// Everything.
    All,
    /// Terms that a message has, or has not.
    Terms(terms::Terms),
    /// What holds for a message that is a JSON object.
    Json(json::Expression),
}

impl Filter {
    /// Reads a pattern.
    ///
    /// # Errors
    /// One that is not well formed, or of space-delimited fields.
    pub fn parse(pattern: &str) -> Result<Self, InvalidPattern> {
        let pattern = pattern.trim();
        let filter = match pattern.chars().next() {
            None => Ok(Self::All),
            Some('{') => json::Expression::parse(pattern).map(Self::Json),
            Some('[') => {
                Err("mesh-local does not serve filter patterns of space-delimited fields.".to_owned())
            }
            Some(_) => terms::Terms::parse(pattern).map(Self::Terms),
        };
        filter.map_err(|sentence| InvalidPattern { sentence })
    }

    /// Whether a message is wanted.
    pub fn matches(&self, message: &str) -> bool {
        match self {
            Self::All => true,
            Self::Terms(terms) => terms.matches(message),
            Self::Json(expression) => expression.matches(message),
        }
    }
}

/// Compiles what stands between percent signs.
fn expression(text: &str) -> Result<Regex, String> {
    let is_supported =
        |c: char| c.is_ascii_alphanumeric() || c == ' ' || "_#=@/;,-^$?[]{}|\\*+.:".contains(c);
    let compiled = Regex::new(text).ok().filter(|_| text.chars().all(is_supported) && !text.is_empty());
    compiled.ok_or_else(|| format!("Invalid regular expression: %{text}%"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_pattern_and_no_message_brings_it_down(
            pattern in prop_oneof![
                any::<String>(),
                "[{(]?[$.a-c\\[\\]\"'%*=<>!&|() é0-9-]{0,40}[})]?",
                "\\{( ?(\\$\\.a|=|!=|<|&&|\\|\\||\\(|\\)|1|\"x\\*\"|NOT|EXISTS|IS|NULL)){0,8} ?\\}",
            ],
            message in prop_oneof![any::<String>(), Just("{\"a\": 1, \"b\": [\"x\"]}".to_owned())],
        ) {
            if let Ok(filter) = Filter::parse(&pattern) {
                filter.matches(&message);
            }
        }
    }

    #[test]
    fn an_empty_pattern_wants_everything() {
        assert!(Filter::parse("  ").is_ok_and(|filter| filter.matches("") && filter.matches("{}")));
    }
}
