//! JSON as scenarios have it: members in their order, numbers as they were written, and a few marks beside.

use std::fmt;

/// How deep values may be nested.
const DEEPEST: usize = 200;

/// Columns within which a value stays on one line.
const COLUMNS: usize = 100;

/// A JSON value.
#[derive(Debug, Clone, PartialEq)]
pub enum Json {
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// A number, as it was written.
    Number(String),
    /// A string.
    String(String),
    /// An array.
    Array(Vec<Json>),
    /// An object, members in their order.
    Object(Vec<(String, Json)>),
    /// A mark that stands for a number: `[now-30s]`.
    Mark(String),
    /// `...` in an array: further elements may follow. In an object it is a member without a name.
    Rest,
}

/// Why a text is no JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoJson {
    /// Where, in bytes from the beginning.
    pub at: usize,
    /// What was expected.
    pub expected: &'static str,
}

impl fmt::Display for NoJson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} expected at column {}", self.expected, self.at + 1)
    }
}

impl Json {
    /// Reads a text that is one value.
    ///
    /// # Errors
    /// Anything else.
    pub fn parse(text: &str) -> Result<Self, NoJson> {
        let (value, end) = Self::parse_front(text)?;
        match text[end..].trim().is_empty() {
            true => Ok(value),
            false => Err(NoJson { at: end, expected: "the end" }),
        }
    }

    /// Reads the value at the front of a text, and says where it ends.
    ///
    /// # Errors
    /// A text that does not begin with a value.
    pub fn parse_front(text: &str) -> Result<(Self, usize), NoJson> {
        let mut reader = Reader { text, at: 0 };
        let value = reader.value(0)?;
        Ok((value, reader.at))
    }

    /// The member of an object.
    pub fn get(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Object(members) => members.iter().find(|(known, _)| known == name).map(|(_, value)| value),
            _ => None,
        }
    }

    /// The text of a string.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// The value that a path such as `Messages[0].Body` leads to.
    pub fn at(&self, path: &str) -> Option<&Self> {
        path.split(['.', '[']).filter(|part| !part.is_empty()).try_fold(self, |value, part| {
            match part.strip_suffix(']') {
                Some(index) => match value {
                    Self::Array(elements) => elements.get(index.parse::<usize>().ok()?),
                    _ => None,
                },
                None => value.get(part),
            }
        })
    }

    /// Whether there is a `...` anywhere in it.
    pub fn has_rest(&self) -> bool {
        match self {
            Self::Rest => true,
            Self::Array(elements) => elements.iter().any(Self::has_rest),
            Self::Object(members) => members.iter().any(|(_, value)| value.has_rest()),
            _ => false,
        }
    }

    /// Whether `actual` is what this expectation asks: the same, but for what each `...` leaves open.
    pub fn admits(&self, actual: &Self) -> bool {
        match (self, actual) {
            (Self::Array(wanted), Self::Array(found)) => {
                let (open, wanted) = match wanted.split_last() {
                    Some((Self::Rest, wanted)) => (true, wanted),
                    _ => (false, &wanted[..]),
                };
                (wanted.len() == found.len() || (open && wanted.len() < found.len()))
                    && wanted.iter().zip(found).all(|(wanted, found)| wanted.admits(found))
            }
            (Self::Object(wanted), Self::Object(found)) => {
                let named = wanted.iter().filter(|(_, value)| *value != Self::Rest);
                let (count, open) =
                    (named.clone().count(), wanted.iter().any(|(_, value)| *value == Self::Rest));
                (count == found.len() || (open && count < found.len()))
                    && named
                        .clone()
                        .all(|(name, wanted)| actual.get(name).is_some_and(|found| wanted.admits(found)))
            }
            (wanted, found) => wanted == found,
        }
    }

    /// Takes out empty arrays and objects that are members, as awsQuery cannot show them.
    #[must_use]
    pub fn without_empty_members(&self) -> Self {
        let is_empty = |value: &Self| match value {
            Self::Array(elements) => elements.is_empty(),
            Self::Object(members) => members.is_empty(),
            _ => false,
        };
        match self {
            Self::Array(elements) => Self::Array(elements.iter().map(Self::without_empty_members).collect()),
            Self::Object(members) => {
                let pruned =
                    members.iter().map(|(name, value)| (name.clone(), value.without_empty_members()));
                Self::Object(pruned.filter(|(_, value)| !is_empty(value)).collect())
            }
            other => other.clone(),
        }
    }

    /// The same value with each scalar replaced. `change` is told the name of the member that the scalar is, or is in.
    #[must_use]
    pub fn map(&self, name: &str, change: &mut dyn FnMut(&str, &Self) -> Self) -> Self {
        match self {
            Self::Array(elements) => {
                Self::Array(elements.iter().map(|element| element.map(name, change)).collect())
            }
            Self::Object(members) => {
                let changed = members.iter().map(|(name, value)| (name.clone(), value.map(name, change)));
                Self::Object(changed.collect())
            }
            scalar => change(name, scalar),
        }
    }

    /// The value on one line if it fits behind `used` columns, else on several.
    pub fn pretty(&self, used: usize) -> String {
        let mut out = String::new();
        self.write_pretty(&mut out, used, 0);
        out
    }

    fn write_pretty(&self, out: &mut String, used: usize, indent: usize) {
        let line = self.to_string();
        let parts: Vec<(Option<&str>, &Self)> = match self {
            Self::Array(elements) => elements.iter().map(|element| (None, element)).collect(),
            Self::Object(members) => members.iter().map(|(name, value)| (Some(&**name), value)).collect(),
            _ => Vec::new(),
        };
        // one scalar alone would gain nothing from a line of its own
        let is_lone = matches!(parts[..], [(_, value)] if !matches!(value, Self::Array(_) | Self::Object(_)));
        if used + line.chars().count() < COLUMNS || parts.is_empty() || is_lone {
            out.push_str(&line);
            return;
        }
        let (open, close) = if matches!(self, Self::Array(_)) { ('[', ']') } else { ('{', '}') };
        out.push(open);
        for (index, (name, value)) in parts.iter().enumerate() {
            out.push_str(if index == 0 { "\n" } else { ",\n" });
            let mut front = " ".repeat(indent + 2);
            if let Some(name) = name.filter(|_| **value != Self::Rest) {
                front.push_str(&quote(name));
                front.push_str(": ");
            }
            out.push_str(&front);
            value.write_pretty(out, front.chars().count() + 1, indent + 2);
        }
        out.push('\n');
        out.push_str(&" ".repeat(indent));
        out.push(close);
    }
}

impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(value) => write!(f, "{value}"),
            Self::Number(text) | Self::Mark(text) => f.write_str(text),
            Self::String(text) => f.write_str(&quote(text)),
            Self::Rest => f.write_str("..."),
            Self::Array(elements) => {
                f.write_str("[")?;
                for (index, element) in elements.iter().enumerate() {
                    write!(f, "{}{element}", if index == 0 { "" } else { ", " })?;
                }
                f.write_str("]")
            }
            Self::Object(members) => {
                f.write_str("{")?;
                for (index, (name, value)) in members.iter().enumerate() {
                    f.write_str(if index == 0 { "" } else { ", " })?;
                    match value {
                        Self::Rest => f.write_str("...")?,
                        value => write!(f, "{}: {value}", quote(name))?,
                    }
                }
                f.write_str("}")
            }
        }
    }
}

/// A text as a JSON string.
pub(crate) fn quote(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            control if control.is_control() => out.push_str(&format!("\\u{:04x}", u32::from(control))),
            other => out.push(other),
        }
    }
    out.push('"');
    out
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    fn fail<T>(&self, expected: &'static str) -> Result<T, NoJson> {
        Err(NoJson { at: self.at, expected })
    }

    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn skip_space(&mut self) {
        self.at = self.text.len() - self.rest().trim_start().len();
    }

    fn take(&mut self, token: &str) -> bool {
        self.skip_space();
        let there = self.rest().starts_with(token);
        self.at += if there { token.len() } else { 0 };
        there
    }

    fn value(&mut self, depth: usize) -> Result<Json, NoJson> {
        if depth > DEEPEST {
            return self.fail("less nesting");
        }
        self.skip_space();
        for (token, value) in [("null", Json::Null), ("true", Json::Bool(true)), ("false", Json::Bool(false))]
        {
            if self.take(token) {
                return Ok(value);
            }
        }
        if self.take("...") {
            return Ok(Json::Rest);
        }
        match self.rest().bytes().next() {
            Some(b'"') => self.string().map(Json::String),
            Some(b'{') => self.object(depth),
            Some(b'[') if self.rest().starts_with("[now") => self.mark(),
            Some(b'[') => self.array(depth),
            Some(b'-' | b'0'..=b'9') => Ok(self.number()),
            _ => self.fail("a value"),
        }
    }

    fn mark(&mut self) -> Result<Json, NoJson> {
        let Some(end) = self.rest().find(']') else { return self.fail("a mark such as [now-30s]") };
        let mark = self.rest()[..=end].to_owned();
        self.at += mark.len();
        Ok(Json::Mark(mark))
    }

    fn number(&mut self) -> Json {
        let is_part = |c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.' | 'e' | 'E');
        let length = self.rest().find(|c| !is_part(c)).unwrap_or(self.rest().len());
        let number = self.rest()[..length].to_owned();
        self.at += length;
        Json::Number(number)
    }

    fn array(&mut self, depth: usize) -> Result<Json, NoJson> {
        self.at += 1;
        let mut elements = Vec::new();
        while !self.take("]") {
            if !elements.is_empty() && !self.take(",") {
                return self.fail("`,` or `]`");
            }
            elements.push(self.value(depth + 1)?);
        }
        Ok(Json::Array(elements))
    }

    fn object(&mut self, depth: usize) -> Result<Json, NoJson> {
        self.at += 1;
        let mut members = Vec::new();
        while !self.take("}") {
            if !members.is_empty() && !self.take(",") {
                return self.fail("`,` or `}`");
            }
            if self.take("...") {
                members.push((String::new(), Json::Rest));
                continue;
            }
            self.skip_space();
            if !self.rest().starts_with('"') {
                return self.fail("a member's name");
            }
            let name = self.string()?;
            if !self.take(":") {
                return self.fail("`:`");
            }
            members.push((name, self.value(depth + 1)?));
        }
        Ok(Json::Object(members))
    }

    /// A string; its escapes are left to `serde_json`.
    fn string(&mut self) -> Result<String, NoJson> {
        let mut escaped = false;
        for (index, byte) in self.rest().bytes().enumerate().skip(1) {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => {
                    let quoted = &self.rest()[..=index];
                    let Ok(text) = serde_json::from_str(quoted) else { return self.fail("a string") };
                    self.at += index + 1;
                    return Ok(text);
                }
                _ => {}
            }
        }
        self.fail("a string with an end")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(text: &str) -> Json {
        Json::parse(text).expect(text)
    }

    #[test]
    fn values_are_printed_as_they_were_read() {
        for text in [
            r#"{"b": 1.50, "a": [true, null, "x\ny"], "c": {}, "now": [now-30s]}"#,
            r#"{"a": [1, ...], ...}"#,
            "[]",
        ] {
            assert_eq!(json(text).to_string(), text);
        }
        assert_eq!(json(r#""\u00e9\ud83d\ude00""#).as_str(), Some("é😀"));
    }

    #[test]
    fn what_is_no_json_says_where() {
        for (text, at) in [("{\"a\" 1}", 5), ("[1 2]", 3), ("\"x", 0), ("{} {}", 2), ("", 0)] {
            assert_eq!(Json::parse(text).map_err(|error| error.at), Err(at), "{text}");
        }
        assert!(Json::parse(&"[".repeat(100_000)).is_err());
    }

    #[test]
    fn three_dots_leave_members_and_elements_open() {
        let found = json(r#"{"a": [1, 2], "b": {"c": 3, "d": 4}}"#);
        for fits in [r#"{...}"#, r#"{"b": {"d": 4, ...}, ...}"#, r#"{"b": {...}, "a": [1, ...]}"#] {
            assert!(json(fits).admits(&found), "{fits}");
        }
        for differs in [r#"{"a": [1, 2]}"#, r#"{"a": [2, ...], ...}"#, r#"{"x": 1, ...}"#] {
            assert!(!json(differs).admits(&found), "{differs}");
        }
    }

    #[test]
    fn a_path_leads_inward() {
        let value = json(r#"{"Messages": [{"Body": "x"}]}"#);
        assert_eq!(value.at("Messages[0].Body").and_then(Json::as_str), Some("x"));
        assert_eq!(value.at("Messages[1].Body"), None);
    }

    #[test]
    fn what_is_too_long_for_a_line_is_broken_where_needed() {
        let long = "x".repeat(60);
        let value = json(&format!(r#"{{"a": "{long}", "b": {{"c": "{long}", "d": [1, 2]}}}}"#));
        let broken = format!("{{\n  \"a\": \"{long}\",\n  \"b\": {{\"c\": \"{long}\", \"d\": [1, 2]}}\n}}");
        assert_eq!(value.pretty(0), broken);
        assert_eq!(json(&broken), value);
    }
}
