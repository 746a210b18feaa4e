//! Writes moments as `application/x-amz-cbor-1.1` has them: whole milliseconds where rpcv2Cbor has seconds. The SDKs for
//! Java, who alone speak it, send them tagged and read them as plain numbers.

use crate::schema::Schema;
use crate::schema::serde::{SerdeError, SerializableStruct, ShapeSerializer};
use aws_smithy_types::{BigDecimal, BigInteger, Blob, DateTime, Document};

/// Writes milliseconds.
pub(super) struct Writer<'a>(pub(super) &'a mut dyn ShapeSerializer);

/// A structure whose members a [`Writer`] takes.
struct Inner<'a>(&'a dyn SerializableStruct);

impl SerializableStruct for Inner<'_> {
    fn schema(&self) -> &Schema<'_> {
        self.0.schema()
    }

    fn serialize_members(&self, to: &mut dyn ShapeSerializer) -> Result<(), SerdeError> {
        self.0.serialize_members(&mut Writer(to))
    }
}

type WriteAll<'a> = &'a dyn Fn(&mut dyn ShapeSerializer) -> Result<(), SerdeError>;

/// Methods that are the inner writer's own.
macro_rules! write_same {
    ($($method:ident($type:ty);)*) => {$(
        fn $method(&mut self, schema: &Schema<'_>, value: $type) -> Result<(), SerdeError> {
            self.0.$method(schema, value)
        }
    )*};
}

impl ShapeSerializer for Writer<'_> {
    write_same! {
        write_boolean(bool);
        write_byte(i8);
        write_short(i16);
        write_integer(i32);
        write_long(i64);
        write_float(f32);
        write_double(f64);
        write_big_integer(&BigInteger);
        write_big_decimal(&BigDecimal);
        write_string(&str);
        write_blob(Blob);
        write_document(&Document);
    }

    fn write_timestamp(&mut self, schema: &Schema<'_>, value: &DateTime) -> Result<(), SerdeError> {
        let millis = value.to_millis().map_err(|error| SerdeError::write_failed(error.to_string()))?;
        self.0.write_long(schema, millis)
    }

    fn write_struct(
        &mut self,
        schema: &Schema<'_>,
        value: &dyn SerializableStruct,
    ) -> Result<(), SerdeError> {
        self.0.write_struct(schema, &Inner(value))
    }

    fn write_list(&mut self, schema: &Schema<'_>, all: WriteAll<'_>) -> Result<(), SerdeError> {
        self.0.write_list(schema, &|to| all(&mut Writer(to)))
    }

    fn write_list_with_length(
        &mut self,
        schema: &Schema<'_>,
        length: usize,
        all: WriteAll<'_>,
    ) -> Result<(), SerdeError> {
        self.0.write_list_with_length(schema, length, &|to| all(&mut Writer(to)))
    }

    fn write_map(&mut self, schema: &Schema<'_>, all: WriteAll<'_>) -> Result<(), SerdeError> {
        self.0.write_map(schema, &|to| all(&mut Writer(to)))
    }

    fn write_map_with_length(
        &mut self,
        schema: &Schema<'_>,
        length: usize,
        all: WriteAll<'_>,
    ) -> Result<(), SerdeError> {
        self.0.write_map_with_length(schema, length, &|to| all(&mut Writer(to)))
    }

    fn write_null(&mut self, schema: &Schema<'_>) -> Result<(), SerdeError> {
        self.0.write_null(schema)
    }
}
