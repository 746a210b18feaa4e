//! A value of any shape, which reads and writes itself by schema as a generated structure would.

use crate::model::{Member, Structure, Target};
use mesh_wire::schema::Schema;
use mesh_wire::schema::serde::{SerdeError, SerializableStruct, ShapeDeserializer, ShapeSerializer};
use mesh_wire::{Blob, DateTime, Document, Map, shape};

/// A value.
#[derive(Debug, Clone)]
pub(crate) enum Value {
    /// An element that a sparse list or map lacks.
    Null,
    Boolean(bool),
    Integer(i64),
    Float(f64),
    Text(String),
    Blob(Blob),
    Timestamp(DateTime),
    Document(Document),
    List(Vec<Value>),
    Map(Map<Value>),
    Structure(Record),
}

/// A structure with its members in the order of its schema; `None` is absent.
#[derive(Debug, Clone)]
pub(crate) struct Record {
    pub(crate) structure: &'static Structure,
    pub(crate) members: Vec<Option<Value>>,
}

impl Record {
    pub(crate) fn empty(structure: &'static Structure) -> Self {
        Self { structure, members: vec![None; structure.members.len()] }
    }

    /// Reads the members that are there.
    pub(crate) fn read(
        structure: &'static Structure,
        from: &mut dyn ShapeDeserializer,
    ) -> Result<Self, SerdeError> {
        let mut record = Self::empty(structure);
        shape::read_members(structure.schema, from, &mut |index, _, from| {
            record.members[index] = Some(Value::read(&structure.members[index], from)?);
            Ok(())
        })?;
        Ok(record)
    }
}

impl Value {
    #[expect(clippy::cast_lossless, reason = "one line per type says more than a conversion each")]
    fn read(member: &Member, from: &mut dyn ShapeDeserializer) -> Result<Self, SerdeError> {
        if from.is_null() && !matches!(member.target, Target::Document) {
            from.read_null()?;
            return Ok(Self::Null);
        }
        let schema = member.schema;
        Ok(match &member.target {
            Target::Structure(model, name) => Self::Structure(Record::read(model.structure(name), from)?),
            Target::List(element) => {
                let mut all = Vec::new();
                from.read_list(schema, &mut |from| {
                    all.push(Self::read(element, from)?);
                    Ok(())
                })?;
                Self::List(all)
            }
            Target::Map { value, .. } => {
                let mut all = Map::new();
                from.read_map(schema, &mut |key, from| {
                    all.insert(key, Self::read(value, from)?);
                    Ok(())
                })?;
                Self::Map(all)
            }
            Target::Boolean => Self::Boolean(from.read_boolean(schema)?),
            Target::Integer => Self::Integer(from.read_integer(schema)? as i64),
            Target::Long => Self::Integer(from.read_long(schema)?),
            Target::Float => Self::Float(from.read_float(schema)? as f64),
            Target::Double => Self::Float(from.read_double(schema)?),
            Target::Text => Self::Text(from.read_string(schema)?),
            Target::Blob => Self::Blob(from.read_blob(schema)?),
            Target::Timestamp => Self::Timestamp(from.read_timestamp(schema)?),
            Target::Document => Self::Document(from.read_document(schema)?),
        })
    }

    #[expect(clippy::cast_possible_truncation, reason = "the value was made for its shape")]
    fn write(&self, member: &Member, to: &mut dyn ShapeSerializer) -> Result<(), SerdeError> {
        let schema = member.schema;
        match (self, &member.target) {
            (Self::Null, _) => to.write_null(schema),
            (Self::Structure(record), Target::Structure(..)) => to.write_struct(schema, record),
            (Self::List(all), Target::List(element)) => to.write_list_with_length(schema, all.len(), &|to| {
                all.iter().try_for_each(|value| value.write(element, to))
            }),
            (Self::Map(all), Target::Map { key, value: member }) => {
                to.write_map_with_length(schema, all.len(), &|to| {
                    all.iter().try_for_each(|(name, value)| {
                        to.write_string(key, name)?;
                        value.write(member, to)
                    })
                })
            }
            (Self::Boolean(value), _) => to.write_boolean(schema, *value),
            (Self::Integer(value), Target::Integer) => to.write_integer(schema, *value as i32),
            (Self::Integer(value), _) => to.write_long(schema, *value),
            (Self::Float(value), Target::Float) => to.write_float(schema, *value as f32),
            (Self::Float(value), _) => to.write_double(schema, *value),
            (Self::Text(text), _) => to.write_string(schema, text),
            (Self::Blob(blob), _) => to.write_blob(schema, blob.clone()),
            (Self::Timestamp(moment), _) => to.write_timestamp(schema, moment),
            (Self::Document(document), _) => to.write_document(schema, document),
            (value, target) => panic!("{value:?} is no {target:?}"),
        }
    }
}

impl SerializableStruct for Record {
    fn schema(&self) -> &Schema<'_> {
        self.structure.schema
    }

    fn serialize_members(&self, to: &mut dyn ShapeSerializer) -> Result<(), SerdeError> {
        let present = self.members.iter().zip(&self.structure.members);
        present
            .filter_map(|(value, member)| Some((value.as_ref()?, member)))
            .try_for_each(|(value, member)| value.write(member, to))
    }
}
