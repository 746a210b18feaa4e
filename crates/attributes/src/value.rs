//! Attribute values and items.
//!
//! A clone is cheap: text and bytes, lists, maps and sets are shared, and a change copies only the way to it.

use crate::failure::ValueFailure;
use crate::number::Number;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use mesh_store::Row;
use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use smol_str::SmolStr;
use std::cell::Cell;
use std::fmt;
use std::sync::Arc;

/// The largest item, names and values: 400 KB.
///
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html#limits-items>
pub const MAX_ITEM_SIZE: usize = 400 * 1024;
/// How many levels of lists and maps an attribute has at most.
pub const MAX_NESTING: u8 = 32;

/// The value of an attribute. It is stored: the order of the variants must not change.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum AttributeValue {
    /// Text.
    S(SmolStr),
    /// A number.
    N(Number),
    /// Bytes.
    B(Binary),
    /// A truth value.
    Bool(bool),
    /// `NULL`.
    Null,
    /// A list of anything.
    L(#[serde(deserialize_with = "nested")] Arc<Vec<AttributeValue>>),
    /// A map of anything.
    M(#[serde(deserialize_with = "nested")] Arc<Attributes>),
    /// A set of text, never empty, in the order of its members, as the other sets are.
    Ss(Arc<Vec<SmolStr>>),
    /// A set of numbers, never empty.
    Ns(Arc<Vec<Number>>),
    /// A set of bytes, never empty.
    Bs(Arc<Vec<Binary>>),
}

/// Reads what lies in a list or a map, but no deeper than values may lie in one another: a file that somebody made to do
/// harm must not end the process by its stack.
fn nested<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<T, D::Error> {
    thread_local! {
        static LEVELS: Cell<u8> = const { Cell::new(0) };
    }
    let level = LEVELS.get();
    if level == MAX_NESTING {
        return Err(de::Error::custom("values lie deeper in one another than they may"));
    }
    LEVELS.set(level + 1);
    let read = T::deserialize(deserializer);
    LEVELS.set(level);
    read
}

/// An item: its attributes by name.
pub type Item = Attributes;

/// The datatype of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the names are AWS's own letters")]
pub enum Kind {
    S,
    N,
    B,
    Bool,
    Null,
    L,
    M,
    Ss,
    Ns,
    Bs,
}

impl Kind {
    /// AWS's letters for it: `BOOL`, `SS`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::S => "S",
            Self::N => "N",
            Self::B => "B",
            Self::Bool => "BOOL",
            Self::Null => "NULL",
            Self::L => "L",
            Self::M => "M",
            Self::Ss => "SS",
            Self::Ns => "NS",
            Self::Bs => "BS",
        }
    }

    /// The datatype with these letters.
    pub fn parse(text: &str) -> Option<Self> {
        use Kind::*;
        [S, N, B, Bool, Null, L, M, Ss, Ns, Bs].into_iter().find(|kind| kind.as_str() == text)
    }

    /// Whether values of this kind have an order: text, numbers and bytes do.
    pub fn is_ordered(self) -> bool {
        matches!(self, Self::S | Self::N | Self::B)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl AttributeValue {
    /// Its datatype.
    pub fn kind(&self) -> Kind {
        match self {
            Self::S(_) => Kind::S,
            Self::N(_) => Kind::N,
            Self::B(_) => Kind::B,
            Self::Bool(_) => Kind::Bool,
            Self::Null => Kind::Null,
            Self::L(_) => Kind::L,
            Self::M(_) => Kind::M,
            Self::Ss(_) => Kind::Ss,
            Self::Ns(_) => Kind::Ns,
            Self::Bs(_) => Kind::Bs,
        }
    }

    /// What it counts for in an item's size. A list and a map count three, and one more for each element.
    ///
    /// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html>
    pub fn size(&self) -> usize {
        match self {
            Self::S(text) => text.len(),
            Self::N(number) => number.size(),
            Self::B(bytes) => bytes.len(),
            Self::Bool(_) | Self::Null => 1,
            Self::L(elements) => 3 + elements.iter().map(|element| 1 + element.size()).sum::<usize>(),
            Self::M(entries) => 3 + entries.len() + entries.size(),
            Self::Ss(members) => members.iter().map(SmolStr::len).sum(),
            Self::Ns(members) => members.iter().map(|number| number.size()).sum(),
            Self::Bs(members) => members.iter().map(|bytes| bytes.len()).sum(),
        }
    }

    /// How many levels of lists and maps it has; a scalar has none.
    pub fn nesting(&self) -> usize {
        match self {
            Self::L(elements) => 1 + elements.iter().map(Self::nesting).max().unwrap_or(0),
            Self::M(entries) => 1 + entries.values().map(Self::nesting).max().unwrap_or(0),
            _ => 0,
        }
    }
}

/// Sets are equal whatever the order of their members.
impl PartialEq for AttributeValue {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::S(a), Self::S(b)) => a == b,
            (Self::N(a), Self::N(b)) => a == b,
            (Self::B(a), Self::B(b)) => a == b,
            (Self::Bool(a), Self::Bool(b)) => a == b,
            (Self::Null, Self::Null) => true,
            (Self::L(a), Self::L(b)) => a == b,
            (Self::M(a), Self::M(b)) => a == b,
            (Self::Ss(a), Self::Ss(b)) => same_members(a, b),
            (Self::Ns(a), Self::Ns(b)) => same_members(a, b),
            (Self::Bs(a), Self::Bs(b)) => same_members(a, b),
            _ => false,
        }
    }
}

impl Eq for AttributeValue {}

fn same_members<T: Ord>(a: &[T], b: &[T]) -> bool {
    let sorted = |members: &[T]| {
        let mut order: Vec<usize> = (0..members.len()).collect();
        order.sort_unstable_by(|x, y| members[*x].cmp(&members[*y]));
        order
    };
    a.len() == b.len() && (a == b || sorted(a).into_iter().zip(sorted(b)).all(|(x, y)| a[x] == b[y]))
}

/// Bytes, shared.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Binary(Arc<[u8]>);

impl Binary {
    /// As base64, as AWS shows bytes in its sentences.
    pub fn to_base64(&self) -> String {
        BASE64_STANDARD.encode(&self.0)
    }
}

impl std::ops::Deref for Binary {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl From<&[u8]> for Binary {
    fn from(bytes: &[u8]) -> Self {
        Self(bytes.into())
    }
}

impl From<Vec<u8>> for Binary {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes.into())
    }
}

impl fmt::Debug for Binary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_base64())
    }
}

impl Serialize for Binary {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for Binary {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Bytes;
        impl Visitor<'_> for Bytes {
            type Value = Binary;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("bytes")
            }

            fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<Binary, E> {
                Ok(bytes.into())
            }

            fn visit_byte_buf<E: de::Error>(self, bytes: Vec<u8>) -> Result<Binary, E> {
                Ok(bytes.into())
            }
        }
        deserializer.deserialize_bytes(Bytes)
    }
}

/// Values by name, in the order of the names' bytes. An item is kept as it is shown.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attributes(Vec<(SmolStr, AttributeValue)>);

impl Row for Attributes {}

impl Attributes {
    /// These, whatever their order. Of two with one name the later counts.
    pub fn from_unordered(mut attributes: Vec<(SmolStr, AttributeValue)>) -> Self {
        if !attributes.is_sorted_by(|(one, _), (next, _)| one < next) {
            attributes.sort_by(|(one, _), (other, _)| one.cmp(other));
            attributes.dedup_by(|later, earlier| {
                let is_same = later.0 == earlier.0;
                if is_same {
                    std::mem::swap(later, earlier);
                }
                is_same
            });
        }
        Self(attributes)
    }

    fn find(&self, name: &str) -> Result<usize, usize> {
        self.0.binary_search_by(|(key, _)| key.as_str().cmp(name))
    }

    /// The value of this name.
    pub fn get(&self, name: &str) -> Option<&AttributeValue> {
        self.find(name).ok().map(|at| &self.0[at].1)
    }

    /// The value of this name, to be changed.
    pub fn get_mut(&mut self, name: &str) -> Option<&mut AttributeValue> {
        self.find(name).ok().map(|at| &mut self.0[at].1)
    }

    /// Sets a value; cheapest in the order of the names.
    pub fn insert(&mut self, name: SmolStr, value: AttributeValue) -> Option<AttributeValue> {
        if self.0.last().is_none_or(|(last, _)| *last < name) {
            self.0.push((name, value));
            return None;
        }
        match self.find(&name) {
            Ok(at) => Some(std::mem::replace(&mut self.0[at].1, value)),
            Err(at) => {
                self.0.insert(at, (name, value));
                None
            }
        }
    }

    /// Takes a value out.
    pub fn remove(&mut self, name: &str) -> Option<AttributeValue> {
        self.find(name).ok().map(|at| self.0.remove(at).1)
    }

    /// Names and values, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&SmolStr, &AttributeValue)> {
        self.0.iter().map(|(name, value)| (name, value))
    }

    /// The values, in the order of their names.
    pub fn values(&self) -> impl ExactSizeIterator<Item = &AttributeValue> {
        self.0.iter().map(|(_, value)| value)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The bytes of all names and values, as DynamoDB counts them.
    pub fn size(&self) -> usize {
        self.0.iter().map(|(name, value)| name.len() + value.size()).sum()
    }

    /// Refuses an item that is put and is larger than 400 KB.
    pub fn check_put_size(&self) -> Result<(), ValueFailure> {
        if self.size() > MAX_ITEM_SIZE { Err(ValueFailure::ItemTooLarge) } else { Ok(()) }
    }

    /// Refuses an item that an update has made: larger than 400 KB, or nested too deep.
    pub fn check_updated(&self) -> Result<(), ValueFailure> {
        if self.size() > MAX_ITEM_SIZE {
            return Err(ValueFailure::UpdatedItemTooLarge);
        }
        if self.values().any(|value| value.nesting() > usize::from(MAX_NESTING)) {
            return Err(ValueFailure::NestedTooDeep);
        }
        Ok(())
    }
}

impl fmt::Debug for Attributes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

impl FromIterator<(SmolStr, AttributeValue)> for Attributes {
    fn from_iter<I: IntoIterator<Item = (SmolStr, AttributeValue)>>(entries: I) -> Self {
        let mut attributes = Self::default();
        for (name, value) in entries {
            attributes.insert(name, value);
        }
        attributes
    }
}

impl IntoIterator for Attributes {
    type Item = (SmolStr, AttributeValue);
    type IntoIter = std::vec::IntoIter<(SmolStr, AttributeValue)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_update_must_not_nest_values_deeper_than_32_levels() {
        let mut value = AttributeValue::Null;
        for _ in 0..33 {
            value = AttributeValue::L(Arc::new(vec![value]));
        }
        let item: Item = [("a".into(), value)].into_iter().collect();
        assert_eq!(item.check_updated(), Err(ValueFailure::NestedTooDeep));
    }

    #[test]
    fn a_row_is_read_32_levels_deep_and_no_deeper() {
        // an item of one attribute named a: lists of one element, one in another, and a null
        let row = |levels: usize| [&[1, 1, 1, b'a'], &[5, 1].repeat(levels)[..], &[4]].concat();
        let read = Item::decode(&row(32)).expect("it may be so deep");
        assert_eq!(read.get("a").map(AttributeValue::nesting), Some(32));
        assert!(Item::decode(&row(33)).is_err() && Item::decode(&row(1_000_000)).is_err());
        assert!(Item::decode(&row(32)).is_ok(), "what failed is forgotten");
    }

    // recordings/dynamodb.json::dynamodb::TestDynamoDB::test_transact_write_items_streaming, SizeBytes: keys and new
    // image of {id: NonExistentKey, attr1: value1} are 43 bytes
    #[test]
    fn an_item_counts_its_names_and_values() {
        let text = |s: &str| AttributeValue::S(s.into());
        let key: Item = [("id".into(), text("NonExistentKey"))].into_iter().collect();
        let mut item = key.clone();
        item.insert("attr1".into(), text("value1"));
        assert_eq!(key.size() + item.size(), 43);

        let list = AttributeValue::L(Arc::new(vec![text("ab"), AttributeValue::Null]));
        assert_eq!(list.size(), 3 + (1 + 2) + (1 + 1));
        assert_eq!(AttributeValue::M(Arc::new(key)).size(), 3 + 1 + 16);
    }

    #[test]
    fn the_size_limit_is_400_kilobytes_to_the_byte() {
        let item = |bytes: usize| -> Item {
            [("a".into(), AttributeValue::S("x".repeat(bytes - 1).into()))].into_iter().collect()
        };
        assert_eq!(item(409_600).check_put_size(), Ok(()));
        assert_eq!(item(409_601).check_put_size(), Err(ValueFailure::ItemTooLarge));
        assert_eq!(item(409_601).check_updated(), Err(ValueFailure::UpdatedItemTooLarge));
    }

    #[test]
    fn sets_are_equal_in_any_order() {
        let set = |members: &[&str]| AttributeValue::Ss(Arc::new(members.iter().map(SmolStr::new).collect()));
        assert_eq!(set(&["a", "b"]), set(&["b", "a"]));
        assert_ne!(set(&["a", "b"]), set(&["a", "c"]));
        assert_ne!(set(&["a"]), AttributeValue::S("a".into()));
    }

    // what an item weighs in memory: this for each attribute, and its text where that is longer than 23 bytes
    #[test]
    fn an_attribute_is_small() {
        assert!(size_of::<(SmolStr, AttributeValue)>() <= 56, "{}", size_of::<(SmolStr, AttributeValue)>());
    }

    #[test]
    fn the_stored_layout_is_frozen() {
        let item: Item = [
            ("b".into(), AttributeValue::B(Binary::from([1, 255].as_slice()))),
            ("a".into(), AttributeValue::S("x".into())),
            ("c".into(), AttributeValue::L(Arc::new(vec![AttributeValue::Null, AttributeValue::Bool(true)]))),
            ("d".into(), AttributeValue::Ns(Arc::new(vec![Number::ZERO]))),
        ]
        .into_iter()
        .collect();
        let bytes = postcard::to_stdvec(&item).expect("it encodes");
        let expected = [
            &[4][..],
            &[1, b'a', 0, 1, b'x'],
            &[1, b'b', 2, 2, 1, 255],
            &[1, b'c', 5, 2, 4, 3, 1],
            &[1, b'd', 8, 1, 0, 0],
        ]
        .concat();
        assert_eq!(bytes, expected);
        assert_eq!(postcard::from_bytes::<Item>(&bytes).ok(), Some(item));
    }

    #[test]
    fn a_value_is_small() {
        assert!(size_of::<AttributeValue>() <= 32, "{}", size_of::<AttributeValue>());
    }
}
