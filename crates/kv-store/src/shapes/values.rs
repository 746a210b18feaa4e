//! Attribute values and items.

use crate::domain::failure::{ConditionFailed, ValueFailure};
use crate::domain::{AttributeValue, Binary, Draft, Item, Nesting};
use mesh_models::dynamodb::{self, ConditionalCheckFailedException};
use mesh_wire::{Blob, Failure, Map};
use smol_str::SmolStr;
use std::sync::Arc;

/// Items on the wire: attributes by name.
pub(crate) type Attributes = Map<dynamodb::AttributeValue>;

/// Takes an item. Its texts move, they are not copied twice.
///
/// # Errors
/// The first value that is wrong.
pub(crate) fn read_item(attributes: Attributes) -> Result<Item, ValueFailure> {
    read_attributes(attributes, Nesting::TOP)
}

fn read_attributes(attributes: Attributes, nesting: Nesting) -> Result<Item, ValueFailure> {
    let mut item = Item::with_capacity(attributes.len());
    for (name, value) in attributes {
        item.insert(SmolStr::from(name), read_value(value, nesting)?);
    }
    Ok(item)
}

/// Takes a value that stands at this level of lists and maps.
///
/// # Errors
/// A value that is wrong.
pub(crate) fn read_value(
    value: dynamodb::AttributeValue,
    nesting: Nesting,
) -> Result<AttributeValue, ValueFailure> {
    let dynamodb::AttributeValue { s, n, b, ss, ns, bs, m, l, null, bool } = value;
    let mut draft = Draft::default();
    if let Some(text) = s {
        draft.set(AttributeValue::S(text.into()));
    }
    if let Some(number) = n {
        draft.number(&number)?;
    }
    if let Some(bytes) = b {
        draft.set(AttributeValue::B(bytes.into_inner().into()));
    }
    if let Some(members) = ss {
        draft.strings(members.into_iter().map(SmolStr::from).collect())?;
    }
    if let Some(members) = ns {
        draft.numbers(members.iter().map(String::as_str))?;
    }
    if let Some(members) = bs {
        draft.binaries(members.into_iter().map(|bytes| Binary::from(bytes.into_inner())).collect())?;
    }
    if let Some(entries) = m {
        let entries = read_attributes(entries, nesting.deeper()?)?;
        draft.set(AttributeValue::M(Arc::new(entries)));
    }
    if let Some(elements) = l {
        let nesting = nesting.deeper()?;
        let elements = elements.into_iter().map(|element| read_value(element, nesting));
        draft.set(AttributeValue::L(Arc::new(elements.collect::<Result<_, _>>()?)));
    }
    if let Some(flag) = null {
        draft.null(flag)?;
    }
    if let Some(flag) = bool {
        draft.set(AttributeValue::Bool(flag));
    }
    draft.finish()
}

/// Shows an item.
pub(crate) fn write_item(item: &Item) -> Attributes {
    item.iter().map(|(name, value)| (name.to_string(), write_value(value))).collect()
}

fn write_value(value: &AttributeValue) -> dynamodb::AttributeValue {
    let mut shape = dynamodb::AttributeValue::default();
    let blob = |bytes: &Binary| Blob::new(bytes.to_vec());
    match value {
        AttributeValue::S(text) => shape.s = Some(text.to_string()),
        AttributeValue::N(number) => shape.n = Some(number.to_string()),
        AttributeValue::B(bytes) => shape.b = Some(blob(bytes)),
        AttributeValue::Bool(flag) => shape.bool = Some(*flag),
        AttributeValue::Null => shape.null = Some(true),
        AttributeValue::L(elements) => shape.l = Some(elements.iter().map(write_value).collect()),
        AttributeValue::M(entries) => shape.m = Some(write_item(entries)),
        AttributeValue::Ss(members) => shape.ss = Some(members.iter().map(SmolStr::to_string).collect()),
        AttributeValue::Ns(members) => shape.ns = Some(members.iter().map(ToString::to_string).collect()),
        AttributeValue::Bs(members) => shape.bs = Some(members.iter().map(blob).collect()),
    }
    shape
}

impl Failure for ConditionFailed {
    type Shape = ConditionalCheckFailedException;

    fn into_shape(self) -> ConditionalCheckFailedException {
        let message = self.to_string();
        ConditionalCheckFailedException { message, item: self.found.as_deref().map(write_item) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::literal::item;

    #[test]
    fn an_item_comes_back_as_it_was_sent() {
        let item = item(
            "{b: b'xyz', bs: <b'a' b'b'>, f: false, l: [1, ['x']], m: {a: {b: null}}, n: -1.5, ns: <1 2>, s: '', ss: <'x' 'y'>}",
        );
        assert_eq!(read_item(write_item(&item)), Ok(item));
    }

    #[test]
    fn a_value_has_exactly_one_datatype() {
        let mut two = dynamodb::AttributeValue { s: Some("a".to_owned()), ..Default::default() };
        two.n = Some("1".to_owned());
        assert_eq!(read_value(two, Nesting::TOP), Err(ValueFailure::ManyDatatypes));
        assert_eq!(
            read_value(dynamodb::AttributeValue::default(), Nesting::TOP),
            Err(ValueFailure::NoDatatype)
        );
    }
}
