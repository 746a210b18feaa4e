//! Does an update to an item.
//!
//! Everything is read from the item as it was. Then values are put in place; elements behind the end of a list are
//! appended in the order of their numbers; elements are removed last, from the back, so that every index means the
//! list as it was.

use super::super::failure::UpdateFailure;
use super::super::number::Number;
use super::super::projection::project;
use super::super::value::{AttributeValue, Item};
use super::operand::{Function, Operand};
use super::path::{Path, Step};
use super::update::{Change, UpdateExpression};
use std::sync::Arc;

/// What an update makes of an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Updated {
    /// The item; none where there was none, and the update only removes.
    pub item: Option<Item>,
}

/// What happens at a path, once all values are known.
enum Effect {
    Put(AttributeValue),
    Remove,
    Keep,
}

impl UpdateExpression {
    /// Updates `old`, or makes an item of the attributes in `key` where there is none.
    pub fn apply(&self, old: Option<&Item>, key: &Item) -> Result<Updated, UpdateFailure> {
        let before = old.unwrap_or(key);
        let effects = self
            .actions
            .iter()
            .map(|action| action.change.effect(&action.path, before))
            .collect::<Result<Vec<_>, _>>()?;
        let mut item = before.clone();
        let (mut appended, mut removed) = (Vec::new(), Vec::new());
        for (path, effect) in self.changed_paths().zip(effects) {
            match effect {
                Effect::Put(value) => put(&mut item, path, value, &mut appended)?,
                Effect::Remove if old.is_some() => {
                    parent(&mut item, path)?;
                    // an index behind the end must not hit what is appended
                    if path.find(before).is_some() {
                        removed.push(path);
                    }
                }
                // where there is no item, nothing can be removed, and AWS does not look at the path
                Effect::Remove => {}
                Effect::Keep => {
                    parent(&mut item, path)?;
                }
            }
        }
        appended.sort_by(|(a, _), (b, _)| Path::cmp(a, b));
        for (path, value) in appended {
            if let Ok(Parent::List(list, _)) = parent(&mut item, path) {
                list.push(value);
            }
        }
        removed.sort();
        for path in removed.into_iter().rev() {
            remove(&mut item, path);
        }
        let creates =
            self.actions.iter().any(|action| !matches!(action.change, Change::Remove | Change::Delete(_)));
        Ok(Updated { item: (old.is_some() || creates).then_some(item) })
    }

    /// What `UPDATED_OLD` and `UPDATED_NEW` return of the item before and after: the changed paths, looked up as they
    /// are written. An element that was appended to a list is so not found, and one that moved up is.
    pub fn changed(&self, item: &Item) -> Item {
        project(self.changed_paths(), item)
    }
}

impl Change {
    fn effect(&self, path: &Path, item: &Item) -> Result<Effect, UpdateFailure> {
        Ok(match self {
            Self::Set(operand) => Effect::Put(operand.assigned(item)?),
            Self::SetSum(left, right) => {
                Effect::Put(AttributeValue::N(left.number(item)?.plus(right.number(item)?)?))
            }
            Self::SetDifference(left, right) => {
                Effect::Put(AttributeValue::N(left.number(item)?.minus(right.number(item)?)?))
            }
            Self::Remove => Effect::Remove,
            Self::Add(value) => match path.find(item) {
                None => Effect::Put(value.clone()),
                Some(existing) => Effect::Put(add(existing, value)?),
            },
            Self::Delete(value) => match path.find(item) {
                None => Effect::Keep,
                Some(existing) => delete(existing, value)?.map_or(Effect::Remove, Effect::Put),
            },
        })
    }
}

impl Operand {
    fn assigned(&self, item: &Item) -> Result<AttributeValue, UpdateFailure> {
        match self {
            Self::Path(path) => path.find(item).cloned().ok_or(UpdateFailure::MissingOperand),
            Self::Value(value) => Ok(value.clone()),
            Self::Call(call) => match (call.function, call.operands.as_slice()) {
                (Function::IfNotExists, [Self::Path(path), other]) => match path.find(item) {
                    Some(value) => Ok(value.clone()),
                    None => other.assigned(item),
                },
                (Function::ListAppend, [first, second]) => {
                    let (first, second) = (first.list(item)?, second.list(item)?);
                    Ok(AttributeValue::L(Arc::new(first.iter().chain(second.iter()).cloned().collect())))
                }
                _ => Err(UpdateFailure::OperandType),
            },
            Self::Undefined => Err(UpdateFailure::MissingOperand),
        }
    }

    fn number(&self, item: &Item) -> Result<Number, UpdateFailure> {
        match self.assigned(item)? {
            AttributeValue::N(number) => Ok(number),
            _ => Err(UpdateFailure::OperandType),
        }
    }

    fn list(&self, item: &Item) -> Result<Arc<Vec<AttributeValue>>, UpdateFailure> {
        match self.assigned(item)? {
            AttributeValue::L(elements) => Ok(elements),
            _ => Err(UpdateFailure::OperandType),
        }
    }
}

/// A number's sum, or a set with more members.
fn add(existing: &AttributeValue, value: &AttributeValue) -> Result<AttributeValue, UpdateFailure> {
    fn union<T: Clone + Ord>(set: &[T], more: &[T]) -> Arc<Vec<T>> {
        let mut all: Vec<T> = set.iter().chain(more).cloned().collect();
        all.sort_unstable();
        all.dedup();
        Arc::new(all)
    }
    use AttributeValue::{Bs, N, Ns, Ss};
    match (existing, value) {
        (N(a), N(b)) => Ok(N(a.plus(*b)?)),
        (Ss(a), Ss(b)) => Ok(Ss(union(a, b))),
        (Ns(a), Ns(b)) => Ok(Ns(union(a, b))),
        (Bs(a), Bs(b)) => Ok(Bs(union(a, b))),
        _ => Err(UpdateFailure::OperandType),
    }
}

/// A set with fewer members; none where no member is left.
fn delete(
    existing: &AttributeValue,
    value: &AttributeValue,
) -> Result<Option<AttributeValue>, UpdateFailure> {
    fn without<T: Clone + PartialEq>(set: &[T], fewer: &[T]) -> Option<Arc<Vec<T>>> {
        let left: Vec<T> = set.iter().filter(|member| !fewer.contains(member)).cloned().collect();
        (!left.is_empty()).then(|| Arc::new(left))
    }
    use AttributeValue::{Bs, Ns, Ss};
    match (existing, value) {
        (Ss(a), Ss(b)) => Ok(without(a, b).map(Ss)),
        (Ns(a), Ns(b)) => Ok(without(a, b).map(Ns)),
        (Bs(a), Bs(b)) => Ok(without(a, b).map(Bs)),
        _ => Err(UpdateFailure::OperandType),
    }
}

/// What holds the value at a path, and its place there.
enum Parent<'i, 'p> {
    Map(&'i mut Item, &'p smol_str::SmolStr),
    List(&'i mut Vec<AttributeValue>, usize),
}

fn parent<'i, 'p>(item: &'i mut Item, path: &'p Path) -> Result<Parent<'i, 'p>, UpdateFailure> {
    let Some((last, way)) = path.steps().split_last() else { return Ok(Parent::Map(item, path.root())) };
    let mut value = item.get_mut(path.root()).ok_or(UpdateFailure::InvalidPath)?;
    for step in way {
        value = match (step, value) {
            (Step::Name(name), AttributeValue::M(entries)) => Arc::make_mut(entries).get_mut(name),
            (Step::Index(index), AttributeValue::L(elements)) => Arc::make_mut(elements).get_mut(*index),
            _ => None,
        }
        .ok_or(UpdateFailure::InvalidPath)?;
    }
    match (last, value) {
        (Step::Name(name), AttributeValue::M(entries)) => Ok(Parent::Map(Arc::make_mut(entries), name)),
        (Step::Index(index), AttributeValue::L(elements)) => {
            Ok(Parent::List(Arc::make_mut(elements), *index))
        }
        _ => Err(UpdateFailure::InvalidPath),
    }
}

/// Puts a value in its place; what belongs behind the end of a list is kept for later.
fn put<'p>(
    item: &mut Item,
    path: &'p Path,
    value: AttributeValue,
    appended: &mut Vec<(&'p Path, AttributeValue)>,
) -> Result<(), UpdateFailure> {
    match parent(item, path)? {
        Parent::Map(entries, name) => {
            entries.insert(name.clone(), value);
        }
        Parent::List(elements, index) => match elements.get_mut(index) {
            Some(element) => *element = value,
            None => appended.push((path, value)),
        },
    }
    Ok(())
}

fn remove(item: &mut Item, path: &Path) {
    match parent(item, path) {
        Ok(Parent::Map(entries, name)) => {
            entries.remove(name);
        }
        Ok(Parent::List(elements, index)) if index < elements.len() => {
            elements.remove(index);
        }
        _ => {}
    }
}
