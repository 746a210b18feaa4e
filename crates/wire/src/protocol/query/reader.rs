//! awsQuery's input: a tree of members flattened to dotted names, read back by schema.
//!
//! The pairs are sorted once. All names below a member share its name as their prefix, so a subtree is one stretch of
//! the sorted pairs, found by binary search; nothing is copied until a value is taken.

use super::pairs::Pair;
use crate::protocol::text;
use crate::protocol::xml::wire_name;
use crate::schema::Schema;
use crate::schema::serde::{SerdeError, ShapeDeserializer};
use crate::{Blob, DateTime, Document};
use aws_smithy_schema::traits::TimestampFormat;
use std::borrow::Cow;
use std::cmp::Ordering;
use std::mem;
use std::ops::Range;

/// Members may be nested this deep. Models that recur would otherwise let a name of many dots exhaust the stack.
const DEEPEST: u8 = 100;

/// One node of the tree: its own value, and what is below it.
pub(super) struct Reader<'r, 'b> {
    value: Option<&'r mut Cow<'b, str>>,
    /// Sorted by name. All share their first `at` bytes, the last of which is the dot behind this node's name.
    below: &'r mut [Pair<'b>],
    at: usize,
    depth: u8,
}

/// Where a named child is among the pairs of a node.
struct Child {
    value: Option<usize>,
    below: Range<usize>,
    name_length: usize,
}

impl<'r, 'b> Reader<'r, 'b> {
    /// The root. Sorts the pairs; of pairs with the same name the first stands.
    pub(super) fn new(pairs: &'r mut [Pair<'b>]) -> Self {
        pairs.sort_by(|a, b| a.name.cmp(&b.name));
        Self { value: None, below: pairs, at: 0, depth: 0 }
    }

    fn child(&self, name: &str) -> Option<Child> {
        let (at, name) = (self.at, name.as_bytes());
        let rest = |pair: &'_ Pair<'b>| -> Ordering { pair.name.as_bytes()[at..].cmp(name) };
        let start = self.below.partition_point(|pair| rest(pair) == Ordering::Less);
        let candidates = &self.below[start..];
        let first = candidates.first()?;
        if !first.name.as_bytes()[at..].starts_with(name) {
            return None;
        }
        let value = (first.name.len() == at + name.len()).then_some(start);
        // what starts with the name and a dot; a byte below the dot may stand in front of them (`Name-x`)
        let dotted = |pair: &Pair<'b>| {
            let rest = &pair.name.as_bytes()[at..];
            let (head, tail) = rest.split_at(rest.len().min(name.len()));
            head.cmp(name).then_with(|| tail.first().map_or(Ordering::Less, |byte| byte.cmp(&b'.')))
        };
        let from = start + candidates.partition_point(|pair| dotted(pair) == Ordering::Less);
        let to = start + candidates.partition_point(|pair| dotted(pair) != Ordering::Greater);
        let child = Child { value, below: from..to, name_length: name.len() };
        (child.value.is_some() || from < to).then_some(child)
    }

    fn open(&mut self, child: Child) -> Result<Reader<'_, 'b>, SerdeError> {
        if self.depth == DEEPEST {
            return Err(SerdeError::invalid_input("Members are nested too deeply"));
        }
        let Child { value, below, name_length } = child;
        // a node's own pair sorts before the pairs below it
        let (front, back) = self.below.split_at_mut(below.start);
        Ok(Reader {
            value: value.and_then(|index| front.get_mut(index)).map(|pair| &mut pair.value),
            below: &mut back[..below.len()],
            at: self.at + name_length + 1,
            depth: self.depth + 1,
        })
    }

    /// The children whose names are numbers, in the order of the numbers.
    fn numbered(&self) -> Vec<(u64, Child)> {
        let mut all: Vec<(u64, Child)> = Vec::new();
        for pair in self.below.iter() {
            let rest = &pair.name[self.at..];
            let component = rest.split('.').next().unwrap_or_default();
            let Some(number) = index(component) else { continue };
            if all.last().is_some_and(|(last, _)| *last == number) {
                continue;
            }
            all.extend(self.child(component).map(|child| (number, child)));
        }
        all.sort_by_key(|(number, _)| *number);
        all.dedup_by_key(|(number, _)| *number);
        all
    }

    fn is_blank(&self) -> bool {
        self.value.as_ref().is_none_or(|value| value.is_empty())
    }

    /// The node's value. What is taken is gone, which spares a copy of what had to be decoded.
    fn text(&mut self) -> Result<Cow<'b, str>, SerdeError> {
        match self.value.take() {
            Some(value) => Ok(mem::take(value)),
            None if self.below.is_empty() => Ok(Cow::Borrowed("")),
            None => Err(SerdeError::invalid_input("Start of list found where not expected")),
        }
    }

    fn read_elements(
        &mut self,
        consumer: &mut dyn FnMut(&mut dyn ShapeDeserializer) -> Result<(), SerdeError>,
    ) -> Result<(), SerdeError> {
        for (_, child) in self.numbered() {
            consumer(&mut self.open(child)?)?;
        }
        Ok(())
    }

    fn read_entries(&mut self, schema: &Schema<'_>, consumer: ConsumeEntry<'_>) -> Result<(), SerdeError> {
        let entries = self.numbered();
        if entries.is_empty() && schema.xml_flattened() {
            // `Attribute.Name=...&Attribute.Value=...`: a single entry may go without its number
            return self.read_entry(schema, consumer);
        }
        for (_, child) in entries {
            self.open(child)?.read_entry(schema, consumer)?;
        }
        Ok(())
    }

    fn read_entry(&mut self, schema: &Schema<'_>, consumer: ConsumeEntry<'_>) -> Result<(), SerdeError> {
        let key_name = schema.key().and_then(Schema::xml_name).map_or("key", |name| name.value());
        let value_name = schema.member().and_then(Schema::xml_name).map_or("value", |name| name.value());
        if self.below.is_empty() {
            return Ok(());
        }
        let key = match self.child(key_name) {
            Some(child) => self.open(child)?.text()?.into_owned(),
            None => return Err(SerdeError::invalid_input("Null map key is not allowed")),
        };
        match self.child(value_name) {
            Some(child) => consumer(key, &mut self.open(child)?),
            None => consumer(key, &mut Reader { value: None, below: &mut [], at: 0, depth: self.depth }),
        }
    }
}

type ConsumeEntry<'c> = &'c mut dyn FnMut(String, &mut dyn ShapeDeserializer) -> Result<(), SerdeError>;

/// The number of a list element or map entry.
fn index(component: &str) -> Option<u64> {
    if component.is_empty() || !component.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    component.parse().ok()
}

impl ShapeDeserializer for Reader<'_, '_> {
    fn read_struct(
        &mut self,
        schema: &Schema<'_>,
        consumer: &mut dyn FnMut(&Schema<'_>, &mut dyn ShapeDeserializer) -> Result<(), SerdeError>,
    ) -> Result<(), SerdeError> {
        if self.below.is_empty() && !self.is_blank() {
            return Err(SerdeError::invalid_input("Unexpected complex element termination"));
        }
        for member in schema.members() {
            if let Some(child) = self.child(wire_name(member)) {
                consumer(member, &mut self.open(child)?)?;
            }
        }
        Ok(())
    }

    fn read_list(
        &mut self,
        schema: &Schema<'_>,
        consumer: &mut dyn FnMut(&mut dyn ShapeDeserializer) -> Result<(), SerdeError>,
    ) -> Result<(), SerdeError> {
        if schema.xml_flattened() {
            // `AttributeName=All`: a single element may go without its number
            return match self.below.is_empty() && !self.is_blank() {
                true => consumer(self),
                false => self.read_elements(consumer),
            };
        }
        let element = schema.member().and_then(Schema::xml_name).map_or("member", |name| name.value());
        match self.child(element) {
            Some(child) => self.open(child)?.read_elements(consumer),
            None if !self.numbered().is_empty() => {
                Err(SerdeError::invalid_input("Top level element may not be treated as a list"))
            }
            None if !self.is_blank() => Err(SerdeError::invalid_input("Unexpected list element termination")),
            None => Ok(()),
        }
    }

    fn read_map(
        &mut self,
        schema: &Schema<'_>,
        consumer: &mut dyn FnMut(String, &mut dyn ShapeDeserializer) -> Result<(), SerdeError>,
    ) -> Result<(), SerdeError> {
        if !self.is_blank() && self.below.is_empty() {
            return Err(SerdeError::invalid_input("Unexpected complex element termination"));
        }
        if schema.xml_flattened() {
            return self.read_entries(schema, consumer);
        }
        match self.child("entry") {
            Some(child) => self.open(child)?.read_entries(schema, consumer),
            None => Ok(()),
        }
    }

    text::reads_scalars_from_text!();

    fn read_string(&mut self, _: &Schema<'_>) -> Result<String, SerdeError> {
        self.text().map(Cow::into_owned)
    }

    fn read_blob(&mut self, _: &Schema<'_>) -> Result<Blob, SerdeError> {
        text::blob(&self.text()?).map(Blob::new)
    }

    fn read_timestamp(&mut self, schema: &Schema<'_>) -> Result<DateTime, SerdeError> {
        text::timestamp(&self.text()?, schema, TimestampFormat::DateTime)
    }

    fn read_document(&mut self, _: &Schema<'_>) -> Result<Document, SerdeError> {
        Err(SerdeError::unsupported("awsQuery has no documents"))
    }

    fn is_null(&self) -> bool {
        false
    }

    fn skip_value(&mut self) -> Result<(), SerdeError> {
        Ok(())
    }

    fn container_size(&self) -> Option<usize> {
        None
    }
}
