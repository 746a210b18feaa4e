//! What a query asks of the keys: the conditions of a `KeyConditionExpression`, and the range of keys they mean.

use super::super::failure::{KeyConditionFailure, KeyFailure};
use super::super::key::{ItemKey, KeySchema};
use super::super::value::{AttributeValue, Kind};
use super::Condition;
use super::condition::{Comparator, Node, NodeId};
use super::operand::{Call, Function, Operand};
use smol_str::SmolStr;
use std::fmt;
use std::ops::Bound;

/// The conditions of a query on its keys, one an attribute.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeyConditions {
    terms: Vec<KeyTerm>,
}

/// A condition on one attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyTerm {
    /// The attribute.
    pub name: SmolStr,
    /// What it must satisfy.
    pub test: KeyTest,
}

/// What an attribute of a key must satisfy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyTest {
    /// `=`
    Equal(AttributeValue),
    /// `<`
    Less(AttributeValue),
    /// `<=`
    LessOrEqual(AttributeValue),
    /// `>`
    Greater(AttributeValue),
    /// `>=`
    GreaterOrEqual(AttributeValue),
    /// Both bounds belong to it.
    Between(AttributeValue, AttributeValue),
    /// Text or bytes that begin so.
    BeginsWith(AttributeValue),
}

/// The keys that a query walks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyRange {
    /// Where it begins.
    pub lower: Bound<ItemKey>,
    /// Where it ends.
    pub upper: Bound<ItemKey>,
}

/// Why the conditions do not fit the table or index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RangeFailure {
    /// Their attributes, operators or types.
    Condition(KeyConditionFailure),
    /// A value that no key can have.
    Key(KeyFailure),
}

impl fmt::Display for RangeFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Condition(failure) => failure.fmt(f),
            Self::Key(failure) => failure.fmt(f),
        }
    }
}

impl From<KeyConditionFailure> for RangeFailure {
    fn from(failure: KeyConditionFailure) -> Self {
        Self::Condition(failure)
    }
}

impl From<KeyFailure> for RangeFailure {
    fn from(failure: KeyFailure) -> Self {
        Self::Key(failure)
    }
}

impl KeyConditions {
    /// Takes the conditions out of a `KeyConditionExpression` that has been read. AWS does so after it has read all
    /// expressions of the request and missed no placeholder.
    pub fn of(condition: &Condition) -> Result<Self, KeyConditionFailure> {
        let mut terms = Vec::with_capacity(2);
        if let Some(root) = condition.root() {
            collect(condition, root, &mut terms)?;
        }
        Ok(Self { terms })
    }

    /// The conditions.
    pub fn terms(&self) -> &[KeyTerm] {
        &self.terms
    }

    fn on(&self, name: &str) -> Result<&KeyTest, KeyConditionFailure> {
        let found = self.terms.iter().find(|term| term.name == name);
        found.map(|term| &term.test).ok_or_else(|| KeyConditionFailure::Missed { name: name.to_owned() })
    }

    /// The keys they mean in a table or index of this schema.
    pub fn range(&self, schema: &KeySchema) -> Result<KeyRange, RangeFailure> {
        let defined = schema.attributes().count();
        if self.terms.len() > defined.max(2) {
            return Err(KeyConditionFailure::TooMany { given: self.terms.len(), defined }.into());
        }
        let hash = self.on(&schema.hash.name)?;
        let range = match &schema.range {
            _ if self.terms.len() == 1 => None,
            None => return Err(KeyConditionFailure::Unsupported.into()),
            Some(range) => Some((self.on(&range.name)?, range.kind)),
        };
        let KeyTest::Equal(value) = hash else { return Err(KeyConditionFailure::Unsupported.into()) };
        if value.kind() != schema.hash.kind.into() {
            return Err(KeyConditionFailure::Type.into());
        }
        if let Some((test, kind)) = range
            && test.values().any(|value| value.kind() != kind.into())
        {
            return Err(KeyConditionFailure::Type.into());
        }
        let hash = schema.encode_hash(value)?;
        match range {
            Some((test, _)) => test.range(schema, &hash),
            None => Ok(whole(&hash)),
        }
    }
}

/// All keys of a partition.
fn whole(hash: &[u8]) -> KeyRange {
    KeyRange { lower: Bound::Included(ItemKey::new(hash, hash.len())), upper: Bound::Excluded(behind(hash)) }
}

/// What comes right behind all keys of a partition: the next longer partition key.
fn behind(hash: &[u8]) -> ItemKey {
    let next = [hash, &[0]].concat();
    ItemKey::new(&next, next.len())
}

impl KeyTest {
    fn values(&self) -> impl Iterator<Item = &AttributeValue> {
        let (first, second) = match self {
            Self::Equal(value)
            | Self::Less(value)
            | Self::LessOrEqual(value)
            | Self::Greater(value)
            | Self::GreaterOrEqual(value)
            | Self::BeginsWith(value) => (value, None),
            Self::Between(lower, upper) => (lower, Some(upper)),
        };
        std::iter::once(first).chain(second)
    }

    fn range(&self, schema: &KeySchema, hash: &[u8]) -> Result<KeyRange, RangeFailure> {
        let encode = |value: &AttributeValue| schema.encode_range(value);
        let key = |range: &[u8]| ItemKey::new(&[hash, range].concat(), hash.len());
        let KeyRange { lower: first, upper: last } = whole(hash);
        let (lower, upper) = match self {
            Self::Equal(value) => {
                let key = key(&encode(value)?);
                (Bound::Included(key.clone()), Bound::Included(key))
            }
            Self::Less(value) => (first, Bound::Excluded(key(&encode(value)?))),
            Self::LessOrEqual(value) => (first, Bound::Included(key(&encode(value)?))),
            Self::Greater(value) => (Bound::Excluded(key(&encode(value)?)), last),
            Self::GreaterOrEqual(value) => (Bound::Included(key(&encode(value)?)), last),
            Self::Between(lower, upper) => {
                (Bound::Included(key(&encode(lower)?)), Bound::Included(key(&encode(upper)?)))
            }
            Self::BeginsWith(value) => {
                if value.kind() == Kind::N {
                    return Err(KeyConditionFailure::Type.into());
                }
                let mut start = encode(value)?;
                let lower = Bound::Included(key(&start));
                // the least bytes that do not begin so: the last byte that can grow, grown
                while start.last() == Some(&u8::MAX) {
                    start.pop();
                }
                let upper = match start.last_mut() {
                    Some(end) => {
                        *end += 1;
                        Bound::Excluded(key(&start))
                    }
                    None => last,
                };
                (lower, upper)
            }
        };
        Ok(KeyRange { lower, upper })
    }
}

fn collect(condition: &Condition, id: NodeId, terms: &mut Vec<KeyTerm>) -> Result<(), KeyConditionFailure> {
    use KeyConditionFailure::{KeyNotFirst, Operator};
    match condition.node(id) {
        Node::And(left, right) => {
            collect(condition, *left, terms)?;
            collect(condition, *right, terms)
        }
        Node::Or(..) => Err(Operator("OR")),
        Node::Not(_) => Err(Operator("NOT")),
        Node::In { .. } => Err(Operator("IN")),
        Node::Compare(Comparator::NotEqual, ..) => Err(Operator("<>")),
        Node::Compare(comparator, left, right) => {
            let name = key_name([left, right])?;
            let (comparator, value) = match (left, right) {
                (Operand::Path(_), Operand::Value(value)) => (*comparator, value),
                (Operand::Value(value), _) => (flipped(*comparator), value),
                _ => return Err(KeyConditionFailure::NoName),
            };
            add(terms, name, test(comparator, value.clone()))
        }
        Node::Between { subject, lower, upper } => {
            if !matches!(subject, Operand::Path(_)) {
                return Err(KeyNotFirst("BETWEEN"));
            }
            let name = key_name([subject, lower, upper])?;
            match (lower, upper) {
                (Operand::Value(lower), Operand::Value(upper)) => {
                    add(terms, name, KeyTest::Between(lower.clone(), upper.clone()))
                }
                _ => Err(KeyConditionFailure::NoName),
            }
        }
        Node::Call(Call { function: Function::BeginsWith, operands }) => match operands.as_slice() {
            [Operand::Path(_), Operand::Value(start)] => {
                add(terms, key_name(operands)?, KeyTest::BeginsWith(start.clone()))
            }
            [Operand::Path(_), ..] => key_name(operands).and(Err(KeyConditionFailure::NoName)),
            _ => Err(KeyNotFirst("begins_with")),
        },
        Node::Call(Call { function: Function::Size, .. }) => Err(KeyConditionFailure::Nested),
        Node::Call(call) => Err(Operator(call.function.name())),
    }
}

/// The one attribute that the operands of a condition name.
fn key_name<'a>(operands: impl IntoIterator<Item = &'a Operand>) -> Result<SmolStr, KeyConditionFailure> {
    let mut name = None;
    for operand in operands {
        match operand {
            Operand::Path(_) if name.is_some() => return Err(KeyConditionFailure::ManyNames),
            Operand::Path(path) if path.is_nested() => return Err(KeyConditionFailure::NestedAttribute),
            Operand::Path(path) => name = Some(path.root().clone()),
            Operand::Call(_) => return Err(KeyConditionFailure::Nested),
            Operand::Value(_) | Operand::Undefined => {}
        }
    }
    name.ok_or(KeyConditionFailure::NoName)
}

fn add(terms: &mut Vec<KeyTerm>, name: SmolStr, test: KeyTest) -> Result<(), KeyConditionFailure> {
    if terms.iter().any(|term| term.name == name) {
        return Err(KeyConditionFailure::Repeated);
    }
    terms.push(KeyTerm { name, test });
    Ok(())
}

fn flipped(comparator: Comparator) -> Comparator {
    match comparator {
        Comparator::Less => Comparator::Greater,
        Comparator::LessOrEqual => Comparator::GreaterOrEqual,
        Comparator::Greater => Comparator::Less,
        Comparator::GreaterOrEqual => Comparator::LessOrEqual,
        same => same,
    }
}

fn test(comparator: Comparator, value: AttributeValue) -> KeyTest {
    match comparator {
        Comparator::Less => KeyTest::Less(value),
        Comparator::LessOrEqual => KeyTest::LessOrEqual(value),
        Comparator::Greater => KeyTest::Greater(value),
        Comparator::GreaterOrEqual => KeyTest::GreaterOrEqual(value),
        Comparator::Equal | Comparator::NotEqual => KeyTest::Equal(value),
    }
}

#[cfg(test)]
#[path = "key_condition_tests.rs"]
mod tests;
