//! Reads a CBOR body.
//!
//! The codec of `aws-smithy-cbor` cuts moments to the millisecond below the double they came as, so that `.123` is read
//! as `.122`. Hence this reader on that crate's decoder: it takes the nearest millisecond.

use crate::schema::Schema;
use crate::schema::serde::{SerdeError, ShapeDeserializer};
use aws_smithy_cbor::Decoder;
use aws_smithy_cbor::data::Type;
use aws_smithy_cbor::decode::DeserializeError;
use aws_smithy_types::{BigDecimal, BigInteger, Blob, DateTime, Document};

/// Deeper bodies are refused.
const DEEPEST: u32 = 128;

/// The byte in front of a moment: tag 1.
const MOMENT: u8 = 0xc1;

/// Reads values, one after the other.
pub(super) struct Reader<'a> {
    decoder: Decoder<'a>,
    body: &'a [u8],
    depth: u32,
    /// Whether moments are milliseconds, not seconds.
    in_millis: bool,
}

#[expect(clippy::needless_pass_by_value, reason = "it is passed by name")]
fn broken(error: DeserializeError) -> SerdeError {
    SerdeError::invalid_input(error.to_string())
}

impl<'a> Reader<'a> {
    pub(super) fn new(body: &'a [u8], in_millis: bool) -> Self {
        Self { decoder: Decoder::new(body), body, depth: 0, in_millis }
    }

    fn enter(&mut self) -> Result<(), SerdeError> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(SerdeError::invalid_input("nested too deeply"));
        }
        Ok(())
    }

    /// Reads what a list or map of this length, or of none, contains.
    fn items(
        &mut self,
        length: Option<u64>,
        item: &mut dyn FnMut(&mut Self) -> Result<(), SerdeError>,
    ) -> Result<(), SerdeError> {
        let mut left = length;
        while left != Some(0) {
            if left.is_none() && matches!(self.decoder.datatype(), Ok(Type::Break)) {
                self.decoder.set_position(self.decoder.position() + 1);
                break;
            }
            item(self)?;
            left = left.map(|left| left - 1);
        }
        self.depth -= 1;
        if self.depth == 0 && self.decoder.position() != self.body.len() {
            return Err(SerdeError::invalid_input("more than one value"));
        }
        Ok(())
    }

    fn seconds(&mut self) -> Result<DateTime, SerdeError> {
        let moment = match self.decoder.datatype().map_err(broken)? {
            Type::F16 | Type::F32 | Type::F64 => {
                let seconds = self.decoder.double().map_err(broken)?;
                // beyond this there is no such day, and no double that could tell milliseconds
                if seconds.is_nan() || seconds.abs() >= 1e12 {
                    return Err(SerdeError::invalid_input("no moment"));
                }
                DateTime::from_secs_f64(seconds)
            }
            _ => DateTime::from_secs(self.decoder.long().map_err(broken)?),
        };
        Ok(match (moment.subsec_nanos() + 500_000) / 1_000_000 {
            1000 => DateTime::from_secs(moment.secs().saturating_add(1)),
            millis => DateTime::from_secs_and_nanos(moment.secs(), millis * 1_000_000),
        })
    }

    #[expect(clippy::cast_possible_truncation, reason = "saturates, and no moment is that far away")]
    fn millis(&mut self) -> Result<DateTime, SerdeError> {
        let millis = match self.decoder.datatype().map_err(broken)? {
            Type::F16 | Type::F32 | Type::F64 => self.decoder.double().map_err(broken)?.round() as i64,
            _ => self.decoder.long().map_err(broken)?,
        };
        Ok(DateTime::from_millis(millis))
    }
}

/// Methods that are the decoder's own.
macro_rules! read_same {
    ($($method:ident -> $type:ty = $decode:ident;)*) => {$(
        fn $method(&mut self, _: &Schema<'_>) -> Result<$type, SerdeError> {
            self.decoder.$decode().map_err(broken)
        }
    )*};
}

impl ShapeDeserializer for Reader<'_> {
    read_same! {
        read_boolean -> bool = boolean;
        read_byte -> i8 = byte;
        read_short -> i16 = short;
        read_integer -> i32 = integer;
        read_long -> i64 = long;
        read_float -> f32 = float;
        read_double -> f64 = double;
        read_big_integer -> BigInteger = big_integer;
        read_big_decimal -> BigDecimal = big_decimal;
        read_string -> String = string;
        read_blob -> Blob = blob;
    }

    fn read_struct(
        &mut self,
        schema: &Schema<'_>,
        take: &mut dyn FnMut(&Schema<'_>, &mut dyn ShapeDeserializer) -> Result<(), SerdeError>,
    ) -> Result<(), SerdeError> {
        if self.body.is_empty() {
            return Ok(());
        }
        self.enter()?;
        let length = self.decoder.map().map_err(broken)?;
        self.items(length, &mut |reader| {
            let key = reader.decoder.str().map_err(broken)?;
            match schema.member_schema(&key) {
                Some(member) => take(member, reader),
                None => reader.skip_value(),
            }
        })
    }

    fn read_list(
        &mut self,
        _: &Schema<'_>,
        take: &mut dyn FnMut(&mut dyn ShapeDeserializer) -> Result<(), SerdeError>,
    ) -> Result<(), SerdeError> {
        self.enter()?;
        let length = self.decoder.list().map_err(broken)?;
        self.items(length, &mut |reader| take(reader))
    }

    fn read_map(
        &mut self,
        _: &Schema<'_>,
        take: &mut dyn FnMut(String, &mut dyn ShapeDeserializer) -> Result<(), SerdeError>,
    ) -> Result<(), SerdeError> {
        self.enter()?;
        let length = self.decoder.map().map_err(broken)?;
        self.items(length, &mut |reader| {
            let key = reader.decoder.string().map_err(broken)?;
            take(key, reader)
        })
    }

    fn read_timestamp(&mut self, _: &Schema<'_>) -> Result<DateTime, SerdeError> {
        let at = self.decoder.position();
        if self.body.get(at) != Some(&MOMENT) {
            return Err(SerdeError::type_mismatch("expected a moment"));
        }
        self.decoder.set_position(at + 1);
        if self.in_millis { self.millis() } else { self.seconds() }
    }

    fn read_document(&mut self, _: &Schema<'_>) -> Result<Document, SerdeError> {
        Err(SerdeError::unsupported("documents have no form in CBOR"))
    }

    fn is_null(&self) -> bool {
        matches!(self.decoder.datatype(), Ok(Type::Null | Type::Undefined))
    }

    fn read_null(&mut self) -> Result<(), SerdeError> {
        self.skip_value()
    }

    fn skip_value(&mut self) -> Result<(), SerdeError> {
        self.decoder.skip().map_err(broken)
    }

    fn container_size(&self) -> Option<usize> {
        None
    }
}
