//! Key schemas, and keys as bytes that sort as DynamoDB sorts.

use super::expression::{Path, UpdateExpression};
use super::failure::KeyFailure;
use super::value::{AttributeValue, Item, Kind};
use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use smol_str::SmolStr;
use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

/// The longest partition key, in bytes.
///
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html#limits-partition-sort-keys>
pub const MAX_HASH_SIZE: usize = 2048;
/// The longest sort key, in bytes.
pub const MAX_RANGE_SIZE: usize = 1024;

/// The types a key attribute may have. It is stored: the order of the variants must not change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names are AWS's own letters")]
pub enum KeyKind {
    S,
    N,
    B,
}

impl From<KeyKind> for Kind {
    fn from(kind: KeyKind) -> Self {
        match kind {
            KeyKind::S => Self::S,
            KeyKind::N => Self::N,
            KeyKind::B => Self::B,
        }
    }
}

/// An attribute of a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyAttribute {
    /// Its name.
    pub name: SmolStr,
    /// Its type.
    pub kind: KeyKind,
}

/// What a table's, or an index's, keys are made of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeySchema {
    /// The partition key, `HASH`.
    pub hash: KeyAttribute,
    /// The sort key, `RANGE`.
    pub range: Option<KeyAttribute>,
}

/// Which part of a key a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Hash,
    Range,
}

impl KeySchema {
    /// The attributes, the partition key first.
    pub fn attributes(&self) -> impl Iterator<Item = &KeyAttribute> {
        std::iter::once(&self.hash).chain(&self.range)
    }

    fn parts(&self) -> impl Iterator<Item = (Part, &KeyAttribute)> {
        [Part::Hash, Part::Range].into_iter().zip(self.attributes())
    }

    /// The values of the attributes, as far as they are there.
    fn values<'i>(&self, item: &'i Item) -> [Option<&'i AttributeValue>; 2] {
        let range = self.range.as_ref().and_then(|range| item.get(&range.name));
        [item.get(&self.hash.name), range]
    }

    /// The key of an item that is put. Attributes beyond the key are not looked at.
    pub fn key_of_item(&self, item: &Item) -> Result<ItemKey, KeyFailure> {
        let values = self.values(item);
        for (attribute, value) in self.attributes().zip(values) {
            let name = || attribute.name.to_string();
            let value = value.ok_or_else(|| KeyFailure::Missing { name: name() })?;
            let (expected, actual) = (attribute.kind.into(), value.kind());
            if expected != actual {
                return Err(KeyFailure::Mismatch { name: name(), expected, actual });
            }
        }
        self.encode(values)
    }

    /// The key that a caller gives to say which item is meant: the schema's attributes and nothing else.
    pub fn key_of_given(&self, key: &Item) -> Result<ItemKey, KeyFailure> {
        let values = self.values(key);
        let is_right = |(attribute, value): (&KeyAttribute, Option<&AttributeValue>)| {
            value.is_some_and(|value| value.kind() == attribute.kind.into())
        };
        if key.len() != self.attributes().count() || !self.attributes().zip(values).all(is_right) {
            return Err(KeyFailure::NotTheSchema);
        }
        self.encode(values)
    }

    /// The key of an item in an index of this schema: none where the item lacks an attribute of it.
    pub fn key_in_index(&self, index: &str, item: &Item) -> Result<Option<ItemKey>, KeyFailure> {
        let mut is_whole = true;
        let values = self.values(item);
        for (attribute, value) in self.attributes().zip(values) {
            let Some(value) = value else {
                is_whole = false;
                continue;
            };
            let (name, index) = (attribute.name.to_string(), index.to_owned());
            let (expected, kind) = (attribute.kind.into(), value.kind());
            if expected != kind {
                return Err(KeyFailure::IndexMismatch { name, expected, actual: kind, index });
            }
            if is_empty(value) {
                return Err(KeyFailure::EmptyIndexValue { name, kind, index });
            }
        }
        if is_whole { self.encode(values).map(Some) } else { Ok(None) }
    }

    /// The key's attributes alone, as a stream record and a page's end show them.
    pub fn attributes_of(&self, item: &Item) -> Item {
        self.attributes()
            .filter_map(|attribute| Some((attribute.name.clone(), item.get(&attribute.name)?.clone())))
            .collect()
    }

    /// Refuses an update that names an attribute of the primary key.
    pub fn check_update(&self, update: &UpdateExpression) -> Result<(), KeyFailure> {
        let is_changed = |name: &SmolStr| update.changed_paths().any(|path| path.root() == name);
        match self.attributes().find(|attribute| is_changed(&attribute.name)) {
            Some(attribute) => Err(KeyFailure::Immutable { name: attribute.name.to_string() }),
            None => Ok(()),
        }
    }

    /// Refuses an update that, by its own text, gives an attribute of this index's key another type.
    pub fn check_index_update(&self, index: &str, update: &UpdateExpression) -> Result<(), KeyFailure> {
        for attribute in self.attributes() {
            let expected = Kind::from(attribute.kind);
            let mut kinds = update
                .targets()
                .filter(|(path, _)| path.root() == &attribute.name && !path.is_nested())
                .filter_map(|(_, kind)| kind);
            if let Some(actual) = kinds.find(|kind| *kind != expected) {
                let (name, index) = (attribute.name.to_string(), index.to_owned());
                return Err(KeyFailure::IndexMismatch { name, expected, actual, index });
            }
        }
        Ok(())
    }

    /// Refuses paths that lead into an attribute of the primary key.
    pub fn check_paths(&self, paths: &[&Path]) -> Result<(), KeyFailure> {
        self.nested(paths).map_or(Ok(()), |name| Err(KeyFailure::NotScalar { name }))
    }

    /// Refuses paths that lead into an attribute of an index's key.
    pub fn check_index_paths(&self, paths: &[&Path]) -> Result<(), KeyFailure> {
        self.nested(paths).map_or(Ok(()), |name| Err(KeyFailure::IndexNotScalar { name }))
    }

    /// Refuses the filter of a query that looks at an attribute of the key that is queried.
    pub fn check_filter(&self, paths: &[&Path]) -> Result<(), KeyFailure> {
        let is_in = |attribute: &&KeyAttribute| paths.iter().any(|path| path.root() == &attribute.name);
        let found = self.attributes().find(is_in);
        found.map_or(Ok(()), |attribute| Err(KeyFailure::InFilter { name: attribute.name.to_string() }))
    }

    fn nested(&self, paths: &[&Path]) -> Option<String> {
        let is_entered = |name: &SmolStr| paths.iter().any(|path| path.is_nested() && path.root() == name);
        self.attributes().find(|attribute| is_entered(&attribute.name)).map(|found| found.name.to_string())
    }

    /// The bytes of a key whose attributes are there in the right types.
    fn encode(&self, values: [Option<&AttributeValue>; 2]) -> Result<ItemKey, KeyFailure> {
        if let (None, [Some(value @ AttributeValue::S(text)), _]) = (&self.range, values) {
            // the commonest: its bytes are there already
            check_value(Part::Hash, &self.hash.name, value)?;
            return Ok(ItemKey::new(text.as_bytes(), text.len()));
        }
        let mut bytes = Vec::with_capacity(64);
        let mut hash_size = 0;
        for ((part, attribute), value) in self.parts().zip(values) {
            let value = value.ok_or(KeyFailure::NotTheSchema)?;
            check_value(part, &attribute.name, value)?;
            encode_value(value, &mut bytes);
            if part == Part::Hash {
                hash_size = bytes.len();
            }
        }
        Ok(ItemKey::new(&bytes, hash_size))
    }

    /// The bytes of a partition key alone, checked.
    pub(super) fn encode_hash(&self, value: &AttributeValue) -> Result<Vec<u8>, KeyFailure> {
        check_value(Part::Hash, &self.hash.name, value)?;
        let mut bytes = Vec::with_capacity(64);
        encode_value(value, &mut bytes);
        Ok(bytes)
    }

    /// The bytes of a sort key alone, checked.
    pub(super) fn encode_range(&self, value: &AttributeValue) -> Result<Vec<u8>, KeyFailure> {
        let name = self.range.as_ref().map_or("", |range| &range.name);
        check_value(Part::Range, name, value)?;
        let mut bytes = Vec::with_capacity(64);
        encode_value(value, &mut bytes);
        Ok(bytes)
    }
}

fn is_empty(value: &AttributeValue) -> bool {
    match value {
        AttributeValue::S(text) => text.is_empty(),
        AttributeValue::B(bytes) => bytes.is_empty(),
        _ => false,
    }
}

fn check_value(part: Part, name: &str, value: &AttributeValue) -> Result<(), KeyFailure> {
    if is_empty(value) {
        return Err(KeyFailure::EmptyValue { name: name.to_owned(), kind: value.kind() });
    }
    let size = match value {
        AttributeValue::S(text) => text.len(),
        AttributeValue::B(bytes) => bytes.len(),
        _ => 0,
    };
    match part {
        Part::Hash if size > MAX_HASH_SIZE => Err(KeyFailure::HashTooLong),
        Part::Range if size > MAX_RANGE_SIZE => Err(KeyFailure::RangeTooLong),
        _ => Ok(()),
    }
}

fn encode_value(value: &AttributeValue, into: &mut Vec<u8>) {
    match value {
        AttributeValue::S(text) => into.extend(text.as_bytes()),
        AttributeValue::B(bytes) => into.extend(&**bytes),
        AttributeValue::N(number) => number.encode_key(into),
        _ => {}
    }
}

/// How many bytes of a key are kept without an allocation.
const INLINE: usize = 29;

/// The key of an item: the bytes of its partition key and those of its sort key. Keys compare by the one, then by the
/// other, so that the items of a partition stand together, in the order of their sort keys: text by its UTF-8 bytes,
/// numbers by their value, bytes unsigned.
#[derive(Clone)]
pub struct ItemKey(KeyBytes);

/// The bytes of both, and how many of them are the partition key's.
#[derive(Clone)]
enum KeyBytes {
    Inline { hash: u8, all: u8, bytes: [u8; INLINE] },
    Shared { hash: u16, bytes: Arc<[u8]> },
}

impl ItemKey {
    /// A key whose first `hash_size` bytes are the partition key's.
    pub(super) fn new(bytes: &[u8], hash_size: usize) -> Self {
        let hash_size = hash_size.min(bytes.len());
        let mut inline = [0; INLINE];
        Self(match inline.get_mut(..bytes.len()) {
            Some(place) => {
                place.copy_from_slice(bytes);
                KeyBytes::Inline { hash: hash_size as u8, all: bytes.len() as u8, bytes: inline }
            }
            // a partition key has 2048 bytes at most
            None => KeyBytes::Shared { hash: hash_size as u16, bytes: bytes.into() },
        })
    }

    fn all(&self) -> &[u8] {
        match &self.0 {
            KeyBytes::Inline { all, bytes, .. } => &bytes[..usize::from(*all)],
            KeyBytes::Shared { bytes, .. } => bytes,
        }
    }

    fn hash_size(&self) -> u16 {
        match self.0 {
            KeyBytes::Inline { hash, .. } => u16::from(hash),
            KeyBytes::Shared { hash, .. } => hash,
        }
    }

    /// The bytes of the partition key.
    pub fn hash_bytes(&self) -> &[u8] {
        &self.all()[..usize::from(self.hash_size())]
    }

    /// The bytes of the sort key; none where there is no sort key.
    pub fn range_bytes(&self) -> &[u8] {
        &self.all()[usize::from(self.hash_size())..]
    }
}

impl Ord for ItemKey {
    fn cmp(&self, other: &Self) -> Ordering {
        // partition keys of one length: one comparison tells both
        if self.hash_size() == other.hash_size() {
            return self.all().cmp(other.all());
        }
        self.hash_bytes().cmp(other.hash_bytes()).then_with(|| self.range_bytes().cmp(other.range_bytes()))
    }
}

impl PartialOrd for ItemKey {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for ItemKey {
    fn eq(&self, other: &Self) -> bool {
        self.hash_size() == other.hash_size() && self.all() == other.all()
    }
}

impl Eq for ItemKey {}

impl std::hash::Hash for ItemKey {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.all().hash(state);
    }
}

impl fmt::Debug for ItemKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.hash_bytes().escape_ascii(), self.range_bytes().escape_ascii())
    }
}

/// Stored as the size of the partition key, two bytes, big-endian, and the bytes of both.
impl Serialize for ItemKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut bytes = Vec::with_capacity(2 + self.all().len());
        bytes.extend(self.hash_size().to_be_bytes());
        bytes.extend(self.all());
        serializer.serialize_bytes(&bytes)
    }
}

impl<'de> Deserialize<'de> for ItemKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Bytes;
        impl Visitor<'_> for Bytes {
            type Value = ItemKey;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the bytes of a key")
            }

            fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<ItemKey, E> {
                let (size, bytes) =
                    bytes.split_first_chunk().ok_or_else(|| E::invalid_length(bytes.len(), &self))?;
                Ok(ItemKey::new(bytes, usize::from(u16::from_be_bytes(*size))))
            }

            fn visit_byte_buf<E: de::Error>(self, bytes: Vec<u8>) -> Result<ItemKey, E> {
                self.visit_bytes(&bytes)
            }
        }
        deserializer.deserialize_bytes(Bytes)
    }
}

#[cfg(test)]
#[path = "key_tests.rs"]
mod tests;
