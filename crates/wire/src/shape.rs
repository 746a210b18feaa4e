//! What a generated structure is to the protocols, and what the generated code calls to read and to write its members.

use aws_smithy_schema::serde::{SerdeError, SerializableStruct, ShapeDeserializer, ShapeSerializer};
use aws_smithy_schema::{Schema, ShapeId, ShapeType};
use std::fmt::{self, Debug};

pub use aws_smithy_types::{Blob, DateTime, Document};

/// A map of a model: string keys, in their order, because an answer's order must not depend on chance.
pub type Map<V> = std::collections::BTreeMap<String, V>;

/// A structure (or union) of a model: written by its `SerializableStruct`, read by [`Shape::read`].
///
/// Every member is an `Option`: whether a member was sent decides AWS's answer as often as its value does. A union is
/// a structure of which one member is present.
pub trait Shape: SerializableStruct + Debug + Default + Clone + Send + Sync + 'static {
    /// The schema of this structure.
    fn static_schema() -> &'static Schema<'static>;

    /// Reads the members that are there. Unknown members are skipped; null is absent.
    fn read(from: &mut dyn ShapeDeserializer) -> Result<Self, SerdeError>;
}

/// What a member can hold: a scalar, a structure, or a list or map of them.
///
/// The schema is that of the place: a member's, a list's element's, a map's value's.
pub trait Value: Sized {
    /// Writes the value.
    ///
    /// # Errors
    /// What the protocol cannot write.
    fn write(&self, schema: &Schema<'_>, to: &mut dyn ShapeSerializer) -> Result<(), SerdeError>;

    /// Reads a value that is not null.
    ///
    /// # Errors
    /// A body that does not parse, or a value of another type.
    fn read(schema: &Schema<'_>, from: &mut dyn ShapeDeserializer) -> Result<Self, SerdeError>;

    /// What null stands for in a list or map: nothing for scalars, a structure without members for structures.
    fn from_null() -> Option<Self> {
        None
    }
}

impl<T: Shape> Value for T {
    fn write(&self, schema: &Schema<'_>, to: &mut dyn ShapeSerializer) -> Result<(), SerdeError> {
        to.write_struct(schema, self)
    }

    fn read(_: &Schema<'_>, from: &mut dyn ShapeDeserializer) -> Result<Self, SerdeError> {
        <T as Shape>::read(from)
    }

    fn from_null() -> Option<Self> {
        Some(Self::default())
    }
}

impl Value for String {
    fn write(&self, schema: &Schema<'_>, to: &mut dyn ShapeSerializer) -> Result<(), SerdeError> {
        to.write_string(schema, self)
    }

    fn read(schema: &Schema<'_>, from: &mut dyn ShapeDeserializer) -> Result<Self, SerdeError> {
        from.read_string(schema)
    }
}

impl Value for Blob {
    fn write(&self, schema: &Schema<'_>, to: &mut dyn ShapeSerializer) -> Result<(), SerdeError> {
        // shares the bytes
        to.write_blob(schema, self.clone())
    }

    fn read(schema: &Schema<'_>, from: &mut dyn ShapeDeserializer) -> Result<Self, SerdeError> {
        from.read_blob(schema)
    }
}

impl Value for DateTime {
    fn write(&self, schema: &Schema<'_>, to: &mut dyn ShapeSerializer) -> Result<(), SerdeError> {
        to.write_timestamp(schema, self)
    }

    fn read(schema: &Schema<'_>, from: &mut dyn ShapeDeserializer) -> Result<Self, SerdeError> {
        from.read_timestamp(schema).map(in_micros)
    }
}

/// The nearest microsecond. JSON's seconds pass through a double, so what was sent as `.123` comes as `.122999906`.
fn in_micros(moment: DateTime) -> DateTime {
    match (moment.subsec_nanos() + 500) / 1000 * 1000 {
        1_000_000_000 => DateTime::from_secs(moment.secs().saturating_add(1)),
        nanos => DateTime::from_secs_and_nanos(moment.secs(), nanos),
    }
}

/// Values that the codecs take by value or by reference, with a method each.
macro_rules! scalars {
    ($($type:ty: $write:ident($($by:tt)?) $read:ident;)*) => {$(
        impl Value for $type {
            fn write(&self, schema: &Schema<'_>, to: &mut dyn ShapeSerializer) -> Result<(), SerdeError> {
                to.$write(schema, $($by)? self)
            }

            fn read(schema: &Schema<'_>, from: &mut dyn ShapeDeserializer) -> Result<Self, SerdeError> {
                from.$read(schema)
            }
        }
    )*};
}

scalars! {
    bool: write_boolean(*) read_boolean;
    i32: write_integer(*) read_integer;
    i64: write_long(*) read_long;
    f32: write_float(*) read_float;
    f64: write_double(*) read_double;
    Document: write_document() read_document;
}

/// An element of a sparse list, or a value of a sparse map: null is kept.
impl<T: Value> Value for Option<T> {
    fn write(&self, schema: &Schema<'_>, to: &mut dyn ShapeSerializer) -> Result<(), SerdeError> {
        match self {
            Some(value) => value.write(schema, to),
            None => to.write_null(schema),
        }
    }

    fn read(schema: &Schema<'_>, from: &mut dyn ShapeDeserializer) -> Result<Self, SerdeError> {
        T::read(schema, from).map(Some)
    }

    fn from_null() -> Option<Self> {
        Some(None)
    }
}

impl<T: Value> Value for Vec<T> {
    fn write(&self, schema: &Schema<'_>, to: &mut dyn ShapeSerializer) -> Result<(), SerdeError> {
        let element = schema.member().unwrap_or(schema);
        to.write_list_with_length(schema, self.len(), &|to| {
            self.iter().try_for_each(|value| value.write(element, to))
        })
    }

    fn read(schema: &Schema<'_>, from: &mut dyn ShapeDeserializer) -> Result<Self, SerdeError> {
        let element = schema.member().unwrap_or(schema);
        let mut values = Vec::new();
        from.read_list(schema, &mut |from| {
            values.extend(read_nullable(element, from)?);
            Ok(())
        })?;
        Ok(values)
    }
}

impl<T: Value> Value for Map<T> {
    fn write(&self, schema: &Schema<'_>, to: &mut dyn ShapeSerializer) -> Result<(), SerdeError> {
        let (key_schema, value_schema) = (schema.key().unwrap_or(schema), schema.member().unwrap_or(schema));
        to.write_map_with_length(schema, self.len(), &|to| {
            self.iter().try_for_each(|(key, value)| {
                to.write_string(key_schema, key)?;
                value.write(value_schema, to)
            })
        })
    }

    fn read(schema: &Schema<'_>, from: &mut dyn ShapeDeserializer) -> Result<Self, SerdeError> {
        let value_schema = schema.member().unwrap_or(schema);
        let mut entries = Map::new();
        from.read_map(schema, &mut |key, from| {
            entries.extend(read_nullable(value_schema, from)?.map(|value| (key, value)));
            Ok(())
        })?;
        Ok(entries)
    }
}

fn read_nullable<T: Value>(
    schema: &Schema<'_>,
    from: &mut dyn ShapeDeserializer,
) -> Result<Option<T>, SerdeError> {
    if from.is_null() {
        from.read_null()?;
        return Ok(T::from_null());
    }
    T::read(schema, from).map(Some)
}

/// Writes a member, if it is there.
///
/// # Errors
/// What the protocol cannot write.
pub fn write<T: Value>(
    value: &Option<T>,
    schema: &Schema<'_>,
    to: &mut dyn ShapeSerializer,
) -> Result<(), SerdeError> {
    value.as_ref().map_or(Ok(()), |value| value.write(schema, to))
}

/// [`write`], of a member that is boxed because its structure recurs.
///
/// # Errors
/// As [`write`].
pub fn write_boxed<T: Value>(
    value: &Option<Box<T>>,
    schema: &Schema<'_>,
    to: &mut dyn ShapeSerializer,
) -> Result<(), SerdeError> {
    value.as_ref().map_or(Ok(()), |value| T::write(value, schema, to))
}

/// Reads a member that is there.
///
/// # Errors
/// A body that does not parse, or a value of another type.
pub fn read<T: Value>(
    schema: &Schema<'_>,
    from: &mut dyn ShapeDeserializer,
) -> Result<Option<T>, SerdeError> {
    T::read(schema, from).map(Some)
}

/// [`read`], of a member that is boxed because its structure recurs.
///
/// # Errors
/// As [`read`].
pub fn read_boxed<T: Value>(
    schema: &Schema<'_>,
    from: &mut dyn ShapeDeserializer,
) -> Result<Option<Box<T>>, SerdeError> {
    T::read(schema, from).map(|value| Some(Box::new(value)))
}

/// Takes one member of a structure: its index, its schema, and where its value is read from.
pub type TakeMember<'a> =
    &'a mut dyn FnMut(usize, &Schema<'_>, &mut dyn ShapeDeserializer) -> Result<(), SerdeError>;

/// Reads a structure, member by member. Null members and members that the schema does not have are passed over.
///
/// # Errors
/// A body that does not parse, or what `take` fails with.
pub fn read_members(
    schema: &Schema<'_>,
    from: &mut dyn ShapeDeserializer,
    take: TakeMember<'_>,
) -> Result<(), SerdeError> {
    from.read_struct(schema, &mut |member, from| match member.member_index() {
        _ if from.is_null() => from.read_null(),
        Some(index) => take(index, member, from),
        None => from.skip_value(),
    })
}

/// The schema of a structure's member, of a list's element, or of a map's key or value.
pub const fn member(
    of: ShapeId<'static>,
    name: &'static str,
    kind: ShapeType,
    index: usize,
) -> Schema<'static> {
    let id = ShapeId::from_parts_with_member(of.as_str(), of.namespace(), of.shape_name(), name);
    Schema::new_member(id, kind, name, index)
}

/// The schema of a structure.
pub const fn structure(
    id: ShapeId<'static>,
    members: &'static [&'static Schema<'static>],
) -> Schema<'static> {
    Schema::new_struct(id, ShapeType::Structure, members)
}

/// The schema of a union.
pub const fn union(id: ShapeId<'static>, members: &'static [&'static Schema<'static>]) -> Schema<'static> {
    Schema::new_struct(id, ShapeType::Union, members)
}

/// Stands for a value that must not be shown.
#[derive(Clone, Copy)]
pub struct Redacted;

impl Debug for Redacted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

/// Whether a member is there, and no more than that.
pub fn redacted<T>(value: &Option<T>) -> Option<Redacted> {
    value.as_ref().map(|_| Redacted)
}

/// Makes a generated structure an error: what [`ErrorShape`](crate::ErrorShape) asks, and a
/// [`Failure`](crate::Failure) that is answered as itself.
#[macro_export]
macro_rules! error_shape {
    ($name:ident, members: $members:literal, $($field:ident: $value:expr),* $(,)?) => {
        impl $crate::ErrorShape for $name {
            const META: &'static $crate::ErrorMeta = {
                // a static, because errors are told apart by its address
                static META: $crate::ErrorMeta = $crate::ErrorMeta { $($field: $value),* };
                &META
            };
            const HAS_MEMBERS: bool = $members;

            #[allow(clippy::needless_update, reason = "most errors have no member beside the sentence")]
            fn from_message(message: String) -> Self {
                Self { message, ..Self::default() }
            }

            fn message(&self) -> &str {
                &self.message
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(&self.message)
            }
        }

        impl $crate::Failure for $name {
            type Shape = Self;

            fn into_shape(self) -> Self {
                self
            }
        }
    };
}
