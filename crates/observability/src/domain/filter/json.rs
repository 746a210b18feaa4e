//! Patterns about messages that are JSON objects: `{ $.level = "error" && ($.code >= 500 || $.user NOT EXISTS) }`.

use super::terms::unquote;
use super::{expression, wildcard};
use regex_lite::Regex;
use serde_json::Value;

/// How deep parentheses may lie in one another.
const DEPTH: usize = 32;

/// What holds for a message.
#[derive(Debug, Clone)]
pub enum Expression {
    /// Any of these.
    Any(Vec<Expression>),
    /// All of these.
    All(Vec<Expression>),
    /// Something about a member.
    Member(Selector, Condition),
}

/// The way to a member.
#[derive(Debug, Clone)]
pub struct Selector(Vec<Step>);

#[derive(Debug, Clone)]
enum Step {
    Name(String),
    Index(usize),
    /// Any element or member.
    Each,
}

/// What holds for a member.
#[derive(Debug, Clone)]
pub enum Condition {
    /// It is there and null.
    IsNull,
    /// It is this.
    Is(bool),
    /// It is not there.
    Absent,
    /// It is a text like this, or, where false, is not.
    Like(bool, String),
    /// It matches, or does not.
    Matches(bool, Regex),
    /// It is a number that compares so.
    Number(Comparison, f64),
}

/// How two numbers compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// `=`
    Equal,
    /// `!=`
    Unequal,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

/// Longer ones first.
const COMPARISONS: [(&str, Comparison); 6] = [
    ("!=", Comparison::Unequal),
    ("<=", Comparison::LessOrEqual),
    (">=", Comparison::GreaterOrEqual),
    ("=", Comparison::Equal),
    ("<", Comparison::Less),
    (">", Comparison::Greater),
];

impl Expression {
    /// Reads a pattern in braces.
    pub(super) fn parse(pattern: &str) -> Result<Self, String> {
        let inner = pattern.trim().strip_prefix('{').and_then(|inner| inner.strip_suffix('}'));
        let mut parser = Parser {
            rest: inner.ok_or("If a filter pattern starts with '{' it must end with '}'")?,
            depth: 0,
        };
        let expression = parser.any()?;
        match parser.space().is_empty() {
            true => Ok(expression),
            false => Err(wrong()),
        }
    }

    /// Whether a message is JSON for which this holds.
    pub(super) fn matches(&self, message: &str) -> bool {
        let begins = message.trim_start().starts_with(['{', '[']);
        begins && serde_json::from_str(message).is_ok_and(|value| self.holds(&value))
    }

    fn holds(&self, value: &Value) -> bool {
        match self {
            Self::Any(parts) => parts.iter().any(|part| part.holds(value)),
            Self::All(parts) => parts.iter().all(|part| part.holds(value)),
            Self::Member(selector, condition) => {
                let mut members = vec![value];
                for step in &selector.0 {
                    members = members.into_iter().flat_map(|value| step.of(value)).collect();
                }
                match condition {
                    Condition::Absent => members.is_empty(),
                    condition => members.into_iter().any(|member| condition.holds(member)),
                }
            }
        }
    }
}

impl Step {
    fn of<'a>(&self, value: &'a Value) -> Vec<&'a Value> {
        match (self, value) {
            (Self::Name(name), Value::Object(members)) => members.get(name).into_iter().collect(),
            (Self::Index(index), Value::Array(elements)) => elements.get(*index).into_iter().collect(),
            (Self::Each, Value::Array(elements)) => elements.iter().collect(),
            (Self::Each, Value::Object(members)) => members.values().collect(),
            _ => Vec::new(),
        }
    }
}

impl Condition {
    fn holds(&self, member: &Value) -> bool {
        match self {
            Self::IsNull => member.is_null(),
            Self::Is(wanted) => member.as_bool() == Some(*wanted),
            Self::Absent => false,
            Self::Like(is, pattern) => {
                text(member).is_some_and(|text| wildcard::matches(pattern, &text) == *is)
            }
            Self::Matches(is, regex) => text(member).is_some_and(|text| regex.is_match(&text) == *is),
            Self::Number(comparison, number) => match member {
                Value::Number(found) => found.as_f64().is_some_and(|found| comparison.holds(found, *number)),
                Value::String(_) => *comparison == Comparison::Unequal,
                _ => false,
            },
        }
    }
}

impl Comparison {
    fn holds(self, found: f64, wanted: f64) -> bool {
        match self {
            #[expect(
                clippy::float_cmp,
                reason = "both were read from text, and the same text is the same number"
            )]
            Self::Equal => found == wanted,
            #[expect(
                clippy::float_cmp,
                reason = "both were read from text, and the same text is the same number"
            )]
            Self::Unequal => found != wanted,
            Self::Less => found < wanted,
            Self::LessOrEqual => found <= wanted,
            Self::Greater => found > wanted,
            Self::GreaterOrEqual => found >= wanted,
        }
    }
}

/// A scalar as text.
fn text(value: &Value) -> Option<std::borrow::Cow<'_, str>> {
    match value {
        Value::String(text) => Some(text.as_str().into()),
        Value::Number(number) => Some(number.to_string().into()),
        Value::Bool(is) => Some(if *is { "true" } else { "false" }.into()),
        _ => None,
    }
}

/// AWS's sentence; it does not say what is wrong.
fn wrong() -> String {
    "Invalid filter pattern".to_owned()
}

struct Parser<'a> {
    rest: &'a str,
    depth: usize,
}

impl<'a> Parser<'a> {
    /// What is left, without white space before it.
    fn space(&mut self) -> &'a str {
        self.rest = self.rest.trim_start();
        self.rest
    }

    fn take(&mut self, text: &str) -> bool {
        match self.space().strip_prefix(text) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    /// Takes a word that stands alone, in capitals or not.
    fn take_word(&mut self, word: &str) -> bool {
        let rest = self.space();
        let Some((found, behind)) = rest.split_at_checked(word.len()) else { return false };
        let ends = !behind.starts_with(|c: char| c.is_alphanumeric() || c == '_');
        if found.eq_ignore_ascii_case(word) && ends {
            self.rest = behind;
            return true;
        }
        false
    }

    fn any(&mut self) -> Result<Expression, String> {
        let mut parts = vec![self.all()?];
        while self.take("||") {
            parts.push(self.all()?);
        }
        Ok(Expression::Any(parts))
    }

    fn all(&mut self) -> Result<Expression, String> {
        let mut parts = vec![self.single()?];
        while self.take("&&") {
            parts.push(self.single()?);
        }
        Ok(Expression::All(parts))
    }

    fn single(&mut self) -> Result<Expression, String> {
        if self.take("(") {
            self.depth += 1;
            if self.depth > DEPTH {
                return Err(wrong());
            }
            let inner = self.any()?;
            self.depth -= 1;
            return if self.take(")") { Ok(inner) } else { Err(wrong()) };
        }
        let selector = self.selector()?;
        Ok(Expression::Member(selector, self.condition()?))
    }

    fn selector(&mut self) -> Result<Selector, String> {
        if !self.take("$") {
            return Err(wrong());
        }
        let mut steps = Vec::new();
        loop {
            if let Some(rest) = self.rest.strip_prefix('.') {
                let is_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '@' | '$');
                let end = rest.find(|c| !is_name(c)).unwrap_or(rest.len());
                let (name, behind) = rest.split_at(end);
                if name.is_empty() {
                    return Err(wrong());
                }
                steps.push(Step::Name(name.to_owned()));
                self.rest = behind;
            } else if let Some(rest) = self.rest.strip_prefix('[') {
                self.rest = rest;
                steps.push(self.bracket()?);
            } else {
                return Ok(Selector(steps));
            }
        }
    }

    fn bracket(&mut self) -> Result<Step, String> {
        let rest = self.space();
        let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''));
        let step = match quote {
            Some(quote) => {
                let (name, behind) = unquote(&rest[1..], quote).ok_or_else(wrong)?;
                self.rest = behind;
                Step::Name(name)
            }
            None if self.take("*") => Step::Each,
            None => {
                let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
                let (digits, behind) = rest.split_at(end);
                let index = digits.parse().map_err(|_| wrong())?;
                self.rest = behind;
                Step::Index(index)
            }
        };
        if self.take("]") { Ok(step) } else { Err(wrong()) }
    }

    fn condition(&mut self) -> Result<Condition, String> {
        if self.take_word("NOT") {
            return if self.take_word("EXISTS") { Ok(Condition::Absent) } else { Err(wrong()) };
        }
        if self.take_word("IS") {
            return match () {
                () if self.take_word("NULL") => Ok(Condition::IsNull),
                () if self.take_word("TRUE") => Ok(Condition::Is(true)),
                () if self.take_word("FALSE") => Ok(Condition::Is(false)),
                () => Err(wrong()),
            };
        }
        let found = COMPARISONS.iter().find(|(sign, _)| self.take(sign));
        let (_, comparison) = *found.ok_or_else(wrong)?;
        self.value(comparison)
    }

    fn value(&mut self, comparison: Comparison) -> Result<Condition, String> {
        let is_equal = match comparison {
            Comparison::Equal => Some(true),
            Comparison::Unequal => Some(false),
            _ => None,
        };
        let rest = self.space();
        if let Some(quoted) = rest.strip_prefix('"') {
            let (text, behind) = unquote(quoted, '"').ok_or_else(wrong)?;
            let is_equal = is_equal.ok_or_else(wrong)?;
            self.rest = behind;
            return Ok(Condition::Like(is_equal, text));
        }
        if let Some(marked) = rest.strip_prefix('%') {
            let (inner, behind) = marked.split_once('%').ok_or_else(wrong)?;
            let is_equal = is_equal.ok_or_else(wrong)?;
            self.rest = behind;
            return Ok(Condition::Matches(is_equal, expression(inner)?));
        }
        let is_end = |c: char| c.is_whitespace() || matches!(c, ')' | '&' | '|' | '(');
        let (word, behind) = rest.split_at(rest.find(is_end).unwrap_or(rest.len()));
        let number = word.parse::<f64>().ok().filter(|number| number.is_finite());
        let condition = match (number, is_equal) {
            (Some(number), _) => Condition::Number(comparison, number),
            (None, Some(is_equal)) if !word.is_empty() => Condition::Like(is_equal, word.to_owned()),
            _ => return Err(wrong()),
        };
        self.rest = behind;
        Ok(condition)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MESSAGE: &str = r#"{
        "level": "error", "code": 503, "took": 0.25, "user": null, "first": true, "id": "42",
        "from": {"ip": "10.0.0.1"}, "tags": ["a", {"name": "b"}], "dotted.name": "x"
    }"#;

    fn holds(pattern: &str) -> bool {
        Expression::parse(pattern).unwrap_or_else(|error| panic!("{pattern}: {error}")).matches(MESSAGE)
    }

    #[test]
    fn members_are_compared() {
        for pattern in [
            r#"{ $.level = "error" }"#,
            r#"{$.level="e*r"}"#,
            r"{ $.level = error }",
            r#"{ $.level = "*" }"#,
            r#"{ $.level != "info" }"#,
            r"{ $.code = 503 }",
            r"{ $.code >= 5e2 }",
            r#"{ $.code = "503" }"#,
            r"{ $.took < 1 }",
            r"{ $.user IS NULL }",
            r"{ $.first IS TRUE }",
            r"{ $.missing NOT EXISTS }",
            r#"{ $.from.ip = "10.*" }"#,
            r"{ $.from.ip = %^10[.]0% }",
            r#"{ $.tags[0] = "a" }"#,
            r#"{ $.tags[1].name = "b" }"#,
            r#"{ $.tags[*].name = "b" }"#,
            r#"{ $["dotted.name"] = "x" }"#,
            r#"{ ($.code > 600 || $.code < 504) && $.level = "error" }"#,
            r#"{ $.code > 600 && $.code < 700 || $.level = "error" }"#,
        ] {
            assert!(holds(pattern), "{pattern}");
        }
        for pattern in [
            r#"{ $.level = "err" }"#,
            r#"{ $.missing = "*" }"#,
            r#"{ $.missing != "x" }"#,
            r"{ $.code > 503 }",
            r"{ $.id = 42 }",
            r"{ $.user NOT EXISTS }",
            r"{ $.first IS FALSE }",
            r#"{ $.code > 600 && ($.code < 700 || $.level = "error") }"#,
        ] {
            assert!(!holds(pattern), "{pattern}");
        }
    }

    #[test]
    fn a_message_that_is_no_json_does_not_match() {
        let expression = Expression::parse("{ $.a NOT EXISTS }").expect("a pattern");
        assert!(expression.matches("{}") && !expression.matches("plain") && !expression.matches("{broken"));
    }

    #[test]
    fn a_pattern_that_is_not_well_formed_is_refused() {
        for pattern in [
            "{",
            "{}",
            "{ $ }",
            "{ $.a }",
            "{ $.a = }",
            "{ $.a < \"b\" }",
            "{ $.a = 1 && }",
            "{ ($.a = 1 }",
            "{ a = 1 }",
            "{ $.a = \"open }",
            "{ $.a[x] = 1 }",
            "{ $.a IS x }",
            "{ $.a = 1 } x",
            "{ $.é[\"é }",
        ] {
            assert!(Expression::parse(pattern).is_err(), "{pattern}");
        }
        let deep = format!("{{ {}$.a = 1{} }}", "(".repeat(400), ")".repeat(400));
        assert!(Expression::parse(&deep).is_err());
    }
}
