//! The compiled form of a policy, and how it is asked.

use crate::compile;
use crate::dialect::Dialect;
use crate::document::{Document, Node};
use crate::failure::PolicyError;
use crate::json::{Reader, Token};
use crate::mismatch::{Mismatch, Seen, Value};
use crate::pattern::{Pattern, Scalar};
use std::sync::Arc;

/// A policy that was read and found right. To clone it is cheap.
#[derive(Debug, Clone)]
pub struct FilterPolicy {
    dialect: Dialect,
    /// One of them must match whole. A policy without keys has one that asks for nothing.
    rules: Arc<[Rule]>,
}

/// What must hold together: conditions on keys.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Rule {
    /// By whole keys, in their order.
    pub(crate) keys: Vec<Key>,
    /// The same, step by step, for documents.
    pub(crate) steps: Vec<Step>,
}

/// The conditions on one key, of which one must be met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Key {
    pub(crate) path: Box<str>,
    pub(crate) patterns: Arc<[Pattern]>,
}

/// One step into a document.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Step {
    pub(crate) name: Box<str>,
    /// The conditions on what is there.
    pub(crate) key: Option<Key>,
    /// The steps that go on from there.
    pub(crate) steps: Vec<Step>,
    /// Whether it asks only for the absence of things.
    pub(crate) wants_absence: bool,
}

/// A message attribute, as policies see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attribute<'a> {
    /// Its kind.
    pub kind: AttributeKind,
    /// Its text.
    pub value: &'a str,
}

/// The kinds of message attributes that policies see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttributeKind {
    /// A string.
    String,
    /// A JSON array, each of whose elements counts.
    StringArray,
    /// A number.
    Number,
}

impl AttributeKind {
    /// The kind that a data type means to policies: none for `Binary`, which they do not see. A label behind
    /// `String` or `Number` changes nothing.
    #[must_use]
    pub fn of_data_type(data_type: &str) -> Option<Self> {
        if data_type == "String.Array" {
            return Some(Self::StringArray);
        }
        match data_type.split('.').next() {
            Some("String") => Some(Self::String),
            Some("Number") => Some(Self::Number),
            _ => None,
        }
    }
}

impl FilterPolicy {
    /// Reads a policy.
    ///
    /// # Errors
    /// What is wrong with it, the first thing that AWS would tell.
    pub fn parse(text: &str, dialect: Dialect) -> Result<Self, PolicyError> {
        Ok(Self { dialect, rules: compile::compile(text, dialect)?.into() })
    }

    /// Asks about the attributes of a message, which are looked up by their names.
    ///
    /// # Errors
    /// The first key that does not match.
    pub fn matches_attributes<'a>(
        &'a self,
        attribute: impl Fn(&str) -> Option<Attribute<'a>>,
    ) -> Result<(), Mismatch<'a>> {
        self.any_rule(|rule| {
            for key in &rule.keys {
                let attribute = attribute(&key.path);
                if !key.is_met_by_attribute(attribute, self.dialect) {
                    let seen = attribute.map_or(Seen::Nothing, |attribute| Seen::Attribute(attribute.value));
                    return Err(Mismatch { key: &key.path, seen });
                }
            }
            Ok(())
        })
    }

    /// Asks about the body of a message or an event, which is to be an object: `None` stands for a text that is no JSON.
    ///
    /// # Errors
    /// The first key that does not match.
    pub fn matches_body<'a>(&'a self, body: Option<&'a Document>) -> Result<(), Mismatch<'a>> {
        match body.filter(|body| body.is_object()) {
            Some(Document(node)) => self.any_rule(|rule| walk(&rule.steps, Some(node), self.dialect)),
            None => Err(Mismatch { key: "", seen: Seen::NoObject }),
        }
    }

    /// Asks each rule until one matches; of several that do not, the first one tells why.
    fn any_rule<'a>(
        &'a self,
        mut ask: impl FnMut(&'a Rule) -> Result<(), Mismatch<'a>>,
    ) -> Result<(), Mismatch<'a>> {
        let mut first = None;
        for rule in self.rules.iter() {
            match ask(rule) {
                Ok(()) => return Ok(()),
                Err(mismatch) => first = first.or(Some(mismatch)),
            }
        }
        first.map_or(Ok(()), Err)
    }
}

/// Takes all the steps from a place that is there or not.
fn walk<'a>(steps: &'a [Step], node: Option<&'a Node>, dialect: Dialect) -> Result<(), Mismatch<'a>> {
    match node {
        _ if steps.is_empty() => Ok(()),
        // keys under one array must match within one element, and what must be absent must be so in all
        Some(Node::Array(elements)) if !elements.is_empty() => {
            if steps.iter().all(|step| step.wants_absence) {
                return elements.iter().try_for_each(|element| walk(steps, Some(element), dialect));
            }
            let mut first = None;
            for element in elements {
                match walk(steps, Some(element), dialect) {
                    Ok(()) => return Ok(()),
                    Err(mismatch) => first = first.or(Some(mismatch)),
                }
            }
            first.map_or(Ok(()), Err)
        }
        node => steps.iter().try_for_each(|step| {
            let there = node.and_then(|node| node.member(&step.name));
            if let Some(key) = &step.key
                && !key.is_met_by_node(there, dialect)
            {
                let seen = there.map_or(Seen::Nothing, |node| Seen::Value(Value(node)));
                return Err(Mismatch { key: &key.path, seen });
            }
            walk(&step.steps, there, dialect)
        }),
    }
}

impl Key {
    /// Whether what must not be there would meet the conditions.
    fn is_met_by_absence(&self) -> bool {
        self.patterns.contains(&Pattern::Absent)
    }

    pub(crate) fn wants_absence(&self) -> bool {
        self.patterns.iter().all(|pattern| *pattern == Pattern::Absent)
    }

    fn is_met_by(&self, value: Scalar<'_>, dialect: Dialect) -> bool {
        self.patterns.iter().any(|pattern| pattern.matches(value, dialect))
    }

    fn is_met_by_node(&self, node: Option<&Node>, dialect: Dialect) -> bool {
        let mut has_value = false;
        let is_met = node.is_some_and(|node| {
            any_scalar(node, &mut |value| {
                has_value = true;
                self.is_met_by(value, dialect)
            })
        });
        is_met || (!has_value && self.is_met_by_absence())
    }

    fn is_met_by_attribute(&self, attribute: Option<Attribute<'_>>, dialect: Dialect) -> bool {
        let Some(Attribute { kind, value }) = attribute else { return self.is_met_by_absence() };
        match kind {
            AttributeKind::String => self.is_met_by(Scalar::String(value), dialect),
            AttributeKind::Number => self.is_met_by(Scalar::Number(value), dialect),
            AttributeKind::StringArray => self.is_met_by_array(value, dialect),
        }
    }

    /// An array in a text. An element that is itself an array or an object, or a text that is no array, meets nothing.
    fn is_met_by_array(&self, text: &str, dialect: Dialect) -> bool {
        let mut reader = Reader::new(text);
        if reader.next() != Ok(Token::ArrayStart) {
            return false;
        }
        let mut has_value = false;
        loop {
            let is_met = match reader.next() {
                Ok(Token::ArrayEnd) => return !has_value && self.is_met_by_absence(),
                Ok(Token::StringStart) => match reader.string() {
                    Ok(text) => self.is_met_by(Scalar::String(&text), dialect),
                    Err(_) => return false,
                },
                Ok(Token::Number(text)) => self.is_met_by(Scalar::Number(text), dialect),
                Ok(Token::True) => self.is_met_by(Scalar::Bool(true), dialect),
                Ok(Token::False) => self.is_met_by(Scalar::Bool(false), dialect),
                Ok(Token::Null) => self.is_met_by(Scalar::Null, dialect),
                Ok(_) | Err(_) => return false,
            };
            if is_met {
                return true;
            }
            has_value = true;
        }
    }
}

/// Whether one of the values at a place is as asked. An object is no value, and an empty array holds none.
fn any_scalar(node: &Node, ask: &mut impl FnMut(Scalar<'_>) -> bool) -> bool {
    match node {
        Node::Null => ask(Scalar::Null),
        Node::Bool(value) => ask(Scalar::Bool(*value)),
        Node::Number(text) => ask(Scalar::Number(text)),
        Node::String(text) => ask(Scalar::String(text)),
        Node::Array(elements) => elements.iter().any(|element| any_scalar(element, ask)),
        Node::Object(_) => false,
    }
}
