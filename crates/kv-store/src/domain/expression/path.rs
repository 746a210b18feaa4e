//! Document paths: an attribute, and the way into its value.

use super::super::value::{AttributeValue, Item};
use smol_str::SmolStr;
use std::fmt;

/// The way to a value in an item: `a.b[3]`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Path {
    root: SmolStr,
    steps: Box<[Step]>,
}

/// One step inward.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// Into a list, counted from nought.
    Index(usize),
    /// Into a map.
    Name(SmolStr),
}

/// How two paths relate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Relation {
    Apart,
    Overlap,
    Conflict,
}

impl Path {
    /// A path from an attribute of the item.
    pub fn new(root: SmolStr, steps: Vec<Step>) -> Self {
        Self { root, steps: steps.into() }
    }

    /// The attribute of the item where it begins.
    pub fn root(&self) -> &SmolStr {
        &self.root
    }

    /// The steps into that attribute.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// Whether it leads into an attribute.
    pub fn is_nested(&self) -> bool {
        !self.steps.is_empty()
    }

    /// The value there.
    pub fn find<'i>(&self, item: &'i Item) -> Option<&'i AttributeValue> {
        self.steps.iter().try_fold(item.get(&self.root)?, |value, step| step.of(value))
    }

    /// Whether changing both makes sense.
    pub(super) fn relation(&self, other: &Self) -> Relation {
        if self.root != other.root {
            return Relation::Apart;
        }
        for pair in self.steps.iter().zip(&other.steps) {
            match pair {
                (Step::Index(a), Step::Index(b)) if a == b => {}
                (Step::Name(a), Step::Name(b)) if a == b => {}
                (Step::Index(_), Step::Name(_)) | (Step::Name(_), Step::Index(_)) => {
                    return Relation::Conflict;
                }
                _ => return Relation::Apart,
            }
        }
        Relation::Overlap
    }
}

impl Step {
    /// The value one step further in.
    pub fn of<'v>(&self, value: &'v AttributeValue) -> Option<&'v AttributeValue> {
        match (self, value) {
            (Self::Name(name), AttributeValue::M(entries)) => entries.get(name),
            (Self::Index(index), AttributeValue::L(elements)) => elements.get(*index),
            _ => None,
        }
    }
}

/// As AWS shows paths: `[a, b, [3]]`.
impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{}", self.root)?;
        for step in &self.steps {
            match step {
                Step::Name(name) => write!(f, ", {name}")?,
                Step::Index(index) => write!(f, ", [{index}]")?,
            }
        }
        f.write_str("]")
    }
}
