//! Whether a condition holds for an item.

use super::super::number::Number;
use super::super::value::{AttributeValue, Item};
use super::condition::{Comparator, Condition, Node, NodeId};
use super::operand::{Call, Function, Operand};
use std::borrow::Cow;
use std::cmp::Ordering;

impl Condition {
    /// Whether it holds. An item that is not there is one without attributes.
    pub fn holds(&self, item: &Item) -> bool {
        self.root().is_none_or(|root| self.node_holds(root, item))
    }

    fn node_holds(&self, id: NodeId, item: &Item) -> bool {
        match self.node(id) {
            Node::Not(inner) => !self.node_holds(*inner, item),
            Node::And(left, right) => self.node_holds(*left, item) && self.node_holds(*right, item),
            Node::Or(left, right) => self.node_holds(*left, item) || self.node_holds(*right, item),
            Node::Compare(comparator, left, right) => {
                compare(*comparator, left.value(item).as_deref(), right.value(item).as_deref())
            }
            Node::Between { subject, lower, upper } => {
                let (subject, lower, upper) = (subject.value(item), lower.value(item), upper.value(item));
                compare(Comparator::GreaterOrEqual, subject.as_deref(), lower.as_deref())
                    && compare(Comparator::LessOrEqual, subject.as_deref(), upper.as_deref())
            }
            Node::In { subject, list } => subject.value(item).is_some_and(|subject| {
                list.iter().any(|member| member.value(item).as_deref() == Some(&*subject))
            }),
            Node::Call(call) => call.holds(item),
        }
    }
}

impl Operand {
    /// Its value for an item, if it has one.
    pub(super) fn value<'a>(&'a self, item: &'a Item) -> Option<Cow<'a, AttributeValue>> {
        match self {
            Self::Path(path) => path.find(item).map(Cow::Borrowed),
            Self::Value(value) => Some(Cow::Borrowed(value)),
            Self::Call(call) => call.size(item).map(|size| Cow::Owned(AttributeValue::N(size.into()))),
            Self::Undefined => None,
        }
    }
}

impl Call {
    fn size(&self, item: &Item) -> Option<usize> {
        match (self.function, self.operands.as_slice()) {
            (Function::Size, [operand]) => size(&*operand.value(item)?),
            _ => None,
        }
    }

    fn holds(&self, item: &Item) -> bool {
        let value = |at: usize| self.operands.get(at).and_then(|operand| operand.value(item));
        let first = value(0);
        match self.function {
            Function::AttributeExists => first.is_some(),
            Function::AttributeNotExists => first.is_none(),
            Function::AttributeType => match (first, value(1).as_deref()) {
                (Some(value), Some(AttributeValue::S(kind))) => value.kind().as_str() == kind,
                _ => false,
            },
            Function::BeginsWith => match (first.as_deref(), value(1).as_deref()) {
                (Some(AttributeValue::S(text)), Some(AttributeValue::S(start))) => {
                    text.starts_with(start.as_str())
                }
                (Some(AttributeValue::B(bytes)), Some(AttributeValue::B(start))) => bytes.starts_with(start),
                _ => false,
            },
            Function::Contains => first.zip(value(1)).is_some_and(|(all, part)| contains(&all, &part)),
            Function::Size | Function::IfNotExists | Function::ListAppend | Function::Unknown => false,
        }
    }
}

/// Text counts in UTF-16 units, bytes in bytes, collections in elements; scalars have no size.
fn size(value: &AttributeValue) -> Option<usize> {
    match value {
        AttributeValue::S(text) => Some(text.encode_utf16().count()),
        AttributeValue::B(bytes) => Some(bytes.len()),
        AttributeValue::L(elements) => Some(elements.len()),
        AttributeValue::M(entries) => Some(entries.len()),
        AttributeValue::Ss(members) => Some(members.len()),
        AttributeValue::Ns(members) => Some(members.len()),
        AttributeValue::Bs(members) => Some(members.len()),
        AttributeValue::N(_) | AttributeValue::Bool(_) | AttributeValue::Null => None,
    }
}

/// What is absent is unequal to everything, even to what is absent, too, and has no order.
fn compare(comparator: Comparator, left: Option<&AttributeValue>, right: Option<&AttributeValue>) -> bool {
    let (Some(left), Some(right)) = (left, right) else { return comparator == Comparator::NotEqual };
    match comparator {
        Comparator::Equal => left == right,
        Comparator::NotEqual => left != right,
        Comparator::Less => order(left, right).is_some_and(Ordering::is_lt),
        Comparator::LessOrEqual => order(left, right).is_some_and(Ordering::is_le),
        Comparator::Greater => order(left, right).is_some_and(Ordering::is_gt),
        Comparator::GreaterOrEqual => order(left, right).is_some_and(Ordering::is_ge),
    }
}

/// The order of two values of the same type: text by its bytes, numbers, bytes.
pub(super) fn order(left: &AttributeValue, right: &AttributeValue) -> Option<Ordering> {
    match (left, right) {
        (AttributeValue::S(a), AttributeValue::S(b)) => Some(a.as_bytes().cmp(b.as_bytes())),
        (AttributeValue::N(a), AttributeValue::N(b)) => Some(Number::cmp(a, b)),
        (AttributeValue::B(a), AttributeValue::B(b)) => Some(a.cmp(b)),
        _ => None,
    }
}

fn contains(all: &AttributeValue, part: &AttributeValue) -> bool {
    match (all, part) {
        (AttributeValue::S(text), AttributeValue::S(part)) => text.contains(part.as_str()),
        (AttributeValue::B(bytes), AttributeValue::B(part)) => {
            part.is_empty() || bytes.windows(part.len()).any(|window| window == &**part)
        }
        (AttributeValue::Ss(members), AttributeValue::S(part)) => members.contains(part),
        (AttributeValue::Ns(members), AttributeValue::N(part)) => members.contains(part),
        (AttributeValue::Bs(members), AttributeValue::B(part)) => members.contains(part),
        (AttributeValue::L(elements), part) => elements.contains(part),
        _ => false,
    }
}
