//! Items written as text, for tests: `{id: 'a', n: -1.5, l: [true, null], m: {b: b'xyz'}, s: <'x' 'y'>, ns: <1 2>}`.

use super::{AttributeValue, Binary, Item, Number};
use smol_str::SmolStr;
use std::sync::Arc;

/// Reads an item.
pub(crate) fn item(text: &str) -> Item {
    match value(text) {
        AttributeValue::M(entries) => Arc::unwrap_or_clone(entries),
        other => panic!("{other:?} is no item"),
    }
}

/// Reads a value.
pub(crate) fn value(text: &str) -> AttributeValue {
    let mut reader = Reader { rest: text };
    let value = reader.value();
    assert!(reader.peek().is_none(), "{:?} is left over", reader.rest);
    value
}

struct Reader<'t> {
    rest: &'t str,
}

impl<'t> Reader<'t> {
    fn peek(&mut self) -> Option<char> {
        self.rest = self.rest.trim_start_matches([' ', ',', '\n']);
        self.rest.chars().next()
    }

    fn take(&mut self, mark: char) -> bool {
        let is = self.peek() == Some(mark);
        if is {
            self.rest = &self.rest[mark.len_utf8()..];
        }
        is
    }

    fn word(&mut self) -> &'t str {
        self.peek();
        let end = self.rest.find([' ', ',', ':', ']', '}', '>', '\n']).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        word
    }

    fn quoted(&mut self) -> &'t str {
        let (text, rest) = self.rest.split_once('\'').expect("a closing quote");
        self.rest = rest;
        text
    }

    fn value(&mut self) -> AttributeValue {
        if self.take('{') {
            let mut entries = Item::default();
            while !self.take('}') {
                let name = SmolStr::new(self.word());
                assert!(self.take(':'), "a colon behind {name}");
                entries.insert(name, self.value());
            }
            AttributeValue::M(Arc::new(entries))
        } else if self.take('[') {
            let mut elements = Vec::new();
            while !self.take(']') {
                elements.push(self.value());
            }
            AttributeValue::L(Arc::new(elements))
        } else if self.take('<') {
            let mut members = Vec::new();
            while !self.take('>') {
                members.push(self.value());
            }
            set(members)
        } else if self.take('\'') {
            AttributeValue::S(self.quoted().into())
        } else if let Some(rest) = self.rest.strip_prefix("b'") {
            self.rest = rest;
            AttributeValue::B(self.quoted().as_bytes().into())
        } else {
            match self.word() {
                "null" => AttributeValue::Null,
                "true" => AttributeValue::Bool(true),
                "false" => AttributeValue::Bool(false),
                number => AttributeValue::N(Number::parse(number).expect("a number")),
            }
        }
    }
}

fn set(members: Vec<AttributeValue>) -> AttributeValue {
    let (mut texts, mut numbers, mut binaries) = (Vec::<SmolStr>::new(), Vec::new(), Vec::<Binary>::new());
    for member in members {
        match member {
            AttributeValue::S(text) => texts.push(text),
            AttributeValue::N(number) => numbers.push(number),
            AttributeValue::B(bytes) => binaries.push(bytes),
            other => panic!("{other:?} is no member of a set"),
        }
    }
    match (texts.is_empty(), numbers.is_empty()) {
        (false, true) => AttributeValue::Ss(Arc::new(texts)),
        (true, false) => AttributeValue::Ns(Arc::new(numbers)),
        _ => AttributeValue::Bs(Arc::new(binaries)),
    }
}
