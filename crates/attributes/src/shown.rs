//! What answers show: items are written from what is kept, without a copy.

use crate::given::Given;
use crate::schema::{ATTRIBUTE_VALUE, MEMBERS, datatype};
use crate::value::{AttributeValue, Attributes, Binary};
use mesh_wire::Blob;
use mesh_wire::schema::Schema;
use mesh_wire::schema::serde::{SerdeError, SerializableStruct, ShapeDeserializer, ShapeSerializer};
use mesh_wire::shape::Value;
use std::ops::Deref;
use std::sync::Arc;

/// An item that an answer shows: the one that is kept, or what a projection has made of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown(Arc<Attributes>);

impl From<Arc<Attributes>> for Shown {
    fn from(item: Arc<Attributes>) -> Self {
        Self(item)
    }
}

impl From<Attributes> for Shown {
    fn from(item: Attributes) -> Self {
        Self(Arc::new(item))
    }
}

impl Deref for Shown {
    type Target = Attributes;

    fn deref(&self) -> &Attributes {
        &self.0
    }
}

impl Value for Shown {
    fn write(&self, schema: &Schema<'_>, to: &mut dyn ShapeSerializer) -> Result<(), SerdeError> {
        write_attributes(self, schema, to)
    }

    fn read(schema: &Schema<'_>, from: &mut dyn ShapeDeserializer) -> Result<Self, SerdeError> {
        let item = Given::<Attributes>::read(schema, from)?.accept();
        item.map(Self::from).map_err(|failure| SerdeError::invalid_input(failure.to_string()))
    }
}

impl SerializableStruct for AttributeValue {
    fn schema(&self) -> &Schema<'_> {
        &ATTRIBUTE_VALUE
    }

    fn serialize_members(&self, to: &mut dyn ShapeSerializer) -> Result<(), SerdeError> {
        match self {
            Self::S(text) => to.write_string(&MEMBERS[datatype::S], text),
            Self::N(number) => to.write_string(&MEMBERS[datatype::N], number.text().as_str()),
            Self::B(bytes) => to.write_blob(&MEMBERS[datatype::B], blob(bytes)),
            Self::Bool(flag) => to.write_boolean(&MEMBERS[datatype::BOOL], *flag),
            Self::Null => to.write_boolean(&MEMBERS[datatype::NULL], true),
            Self::L(elements) => write_all(datatype::L, elements, to, write_value),
            Self::M(entries) => write_attributes(entries, &MEMBERS[datatype::M], to),
            Self::Ss(members) => {
                write_all(datatype::SS, members, to, |text, element, to| to.write_string(element, text))
            }
            Self::Ns(members) => write_all(datatype::NS, members, to, |number, element, to| {
                to.write_string(element, number.text().as_str())
            }),
            Self::Bs(members) => {
                write_all(datatype::BS, members, to, |bytes, element, to| to.write_blob(element, blob(bytes)))
            }
        }
    }
}

fn blob(bytes: &Binary) -> Blob {
    Blob::new(bytes.to_vec())
}

/// Writes a list or a set.
fn write_all<T>(
    datatype: usize,
    all: &[T],
    to: &mut dyn ShapeSerializer,
    write: impl Fn(&T, &Schema<'_>, &mut dyn ShapeSerializer) -> Result<(), SerdeError>,
) -> Result<(), SerdeError> {
    let schema = &MEMBERS[datatype];
    let element = schema.member().unwrap_or(schema);
    to.write_list_with_length(schema, all.len(), &|to| all.iter().try_for_each(|one| write(one, element, to)))
}

/// Writes a value in its place.
pub(crate) fn write_value(
    value: &AttributeValue,
    schema: &Schema<'_>,
    to: &mut dyn ShapeSerializer,
) -> Result<(), SerdeError> {
    to.write_struct(schema, value)
}

/// Writes an item, or a map.
pub(crate) fn write_attributes(
    attributes: &Attributes,
    schema: &Schema<'_>,
    to: &mut dyn ShapeSerializer,
) -> Result<(), SerdeError> {
    let (name_schema, value_schema) = (schema.key().unwrap_or(schema), schema.member().unwrap_or(schema));
    to.write_map_with_length(schema, attributes.len(), &|to| {
        attributes.iter().try_for_each(|(name, value)| {
            to.write_string(name_schema, name)?;
            write_value(value, value_schema, to)
        })
    })
}
