//! What policies are asked about: a JSON document, read once for all of them.

use crate::json::{Reader, Token};
use std::fmt;

/// How many steps deep a document may be: names with dots count as several.
pub(crate) const MAX_STEPS: usize = 1000;

/// A JSON document in the form that policies walk through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document(pub(crate) Node);

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Node {
    Null,
    Bool(bool),
    /// A number as it was written.
    Number(Box<str>),
    String(Box<str>),
    Array(Vec<Node>),
    /// The members by name, in the order of their names. No name has a dot in it: a dot is a step down.
    Object(Vec<(Box<str>, Node)>),
}

impl Document {
    /// Reads a text; nothing if it is no JSON.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut reader = Reader::new(text);
        let token = reader.next().ok()?;
        let node = Node::read(&mut reader, token, 0)?;
        matches!(reader.next(), Ok(Token::End)).then_some(Self(node))
    }

    /// A string.
    pub fn string(text: impl Into<Box<str>>) -> Self {
        Self(Node::String(text.into()))
    }

    /// An object of these members; of two with one name the later counts.
    pub fn object<K: AsRef<str>>(members: impl IntoIterator<Item = (K, Self)>) -> Self {
        let members = members.into_iter().map(|(name, value)| Member::of(name.as_ref(), value.0));
        Self(Node::Object(settled(members.collect())))
    }

    /// Whether it is an object, the one form that has keys.
    #[must_use]
    pub const fn is_object(&self) -> bool {
        matches!(self.0, Node::Object(_))
    }
}

impl Node {
    /// The value that begins with this token and lies so many steps deep.
    fn read<'a>(reader: &mut Reader<'a>, token: Token<'a>, depth: usize) -> Option<Self> {
        if depth > MAX_STEPS {
            return None;
        }
        Some(match token {
            Token::Null => Self::Null,
            Token::True => Self::Bool(true),
            Token::False => Self::Bool(false),
            Token::Number(text) => Self::Number(text.into()),
            Token::StringStart => Self::String(reader.string().ok()?.into()),
            Token::ArrayStart => {
                let mut elements = Vec::new();
                loop {
                    match reader.next().ok()? {
                        Token::ArrayEnd => break Self::Array(elements),
                        token => elements.push(Self::read(reader, token, depth + 1)?),
                    }
                }
            }
            Token::ObjectStart => {
                let mut members = Vec::new();
                while let Token::Name(name) = reader.next().ok()? {
                    let steps = 1 + name.bytes().filter(|byte| *byte == b'.').count();
                    let token = reader.next().ok()?;
                    let value = Self::read(reader, token, depth + steps)?;
                    members.push(Member::of(&name, value));
                }
                Self::Object(settled(members))
            }
            Token::Name(_) | Token::ObjectEnd | Token::ArrayEnd | Token::End => return None,
        })
    }

    /// The member of this name, if it is an object that has it.
    pub(crate) fn member(&self, name: &str) -> Option<&Self> {
        let Self::Object(members) = self else { return None };
        let at = members.binary_search_by(|(other, _)| (**other).cmp(name)).ok()?;
        Some(&members[at].1)
    }
}

/// A member as it was written: its first step, and what lies under it.
struct Member {
    step: Box<str>,
    value: Node,
    has_dots: bool,
}

impl Member {
    /// `{"a.b": 1}` and `{"a": {"b": 1}}` are one to AWS, so the first becomes the second.
    fn of(name: &str, value: Node) -> Self {
        let mut steps = name.split('.');
        let first = steps.next().unwrap_or(name);
        let has_dots = first.len() < name.len();
        let value = steps.rev().fold(value, |value, step| Node::Object(vec![(step.into(), value)]));
        Self { step: first.into(), value, has_dots }
    }
}

/// The members by name, each name once. Of plain names the last one counts; where names with dots lead to one place,
/// all that they say stands there.
fn settled(mut members: Vec<Member>) -> Vec<(Box<str>, Node)> {
    members.sort_by(|left, right| left.step.cmp(&right.step));
    let mut object: Vec<(Box<str>, Node)> = Vec::with_capacity(members.len());
    let mut members = members.into_iter().peekable();
    while let Some(Member { step, mut value, mut has_dots }) = members.next() {
        let mut more = Vec::new();
        while let Some(next) = members.next_if(|next| next.step == step) {
            has_dots |= next.has_dots;
            more.push(std::mem::replace(&mut value, next.value));
        }
        if has_dots && !more.is_empty() {
            more.push(value);
            value = together(more);
        }
        object.push((step, value));
    }
    object
}

/// What several names say of one place.
fn together(values: Vec<Node>) -> Node {
    if !values.iter().all(|value| matches!(value, Node::Object(_))) {
        return Node::Array(values);
    }
    let members = values.into_iter().flat_map(|value| match value {
        Node::Object(members) => members,
        _ => Vec::new(),
    });
    // they may meet again further down
    Node::Object(settled(members.map(|(step, value)| Member { step, value, has_dots: true }).collect()))
}

impl fmt::Display for Node {
    /// As JSON, for people to read.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(value) => write!(f, "{value}"),
            Self::Number(text) => f.write_str(text),
            Self::String(text) => write!(f, "{text:?}"),
            Self::Array(elements) => {
                f.write_str("[")?;
                for (at, element) in elements.iter().enumerate() {
                    write!(f, "{}{element}", if at == 0 { "" } else { "," })?;
                }
                f.write_str("]")
            }
            Self::Object(members) => {
                f.write_str("{")?;
                for (at, (name, value)) in members.iter().enumerate() {
                    write!(f, "{}{name:?}:{value}", if at == 0 { "" } else { "," })?;
                }
                f.write_str("}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dot_in_a_name_is_a_step() {
        let nested = Document::parse(r#"{"a":{"b":{"c":1,"d":2}}}"#);
        assert_eq!(Document::parse(r#"{"a.b":{"c":1},"a":{"b.d":2}}"#), nested);
        assert_eq!(Document::parse(r#"{"a.b.c":1,"a.b.d":2}"#), nested);
    }

    #[test]
    fn what_is_no_json_is_no_document() {
        for text in ["", "plain", "{", "{\"a\":1} x", "[1,]", "{\"a\" 1}"] {
            assert_eq!(Document::parse(text), None, "{text}");
        }
        assert!(!Document::parse("\"text\"").expect("a document").is_object());
    }

    #[test]
    fn of_plain_names_the_last_counts_and_too_many_steps_are_no_document() {
        assert_eq!(Document::parse(r#"{"a":1,"b":2,"a":3}"#), Document::parse(r#"{"b":2,"a":3}"#));
        assert!(Document::parse(&format!("{{\"{}\":1}}", "a.".repeat(999))).is_some());
        assert_eq!(Document::parse(&format!("{{\"{}\":1}}", "a.".repeat(100_000))), None);
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic(text in r#"[\[\]{}:,"\\a.0-9tnul ]*"#) {
            if let Some(document) = Document::parse(&text) {
                proptest::prop_assert!(!document.0.to_string().is_empty());
            }
        }
    }
}
