//! Writes values as awsJson.

use super::text::plain_length;
use crate::schema::Schema;
use crate::schema::serde::{SerdeError, SerializableStruct, ShapeSerializer};
use crate::schema::traits::TimestampFormat;
use aws_smithy_types::date_time::Format;
use aws_smithy_types::primitive::Encoder;
use aws_smithy_types::{BigDecimal, BigInteger, Blob, DateTime, Document, Number};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;

/// Most answers fit, an item of 1 KB too: to grow costs more than the room.
const USUAL: usize = 2048;

type WriteAll<'a> = &'a dyn Fn(&mut dyn ShapeSerializer) -> Result<(), SerdeError>;

/// What the next value is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    /// The whole body.
    Body,
    Member,
    Element,
    Key,
    MapValue,
}

/// Writes into one buffer, which becomes the body.
pub(super) struct Writer {
    out: String,
    next: Next,
    is_first: bool,
}

impl Writer {
    pub(super) fn new() -> Self {
        Self { out: String::with_capacity(USUAL), next: Next::Body, is_first: true }
    }

    pub(super) fn finish(self) -> Vec<u8> {
        self.out.into_bytes()
    }

    fn comma(&mut self) {
        if !std::mem::replace(&mut self.is_first, false) {
            self.out.push(',');
        }
    }

    /// What stands before a value.
    fn before(&mut self, schema: &Schema<'_>) {
        match self.next {
            Next::Body => {}
            Next::Element => self.comma(),
            Next::MapValue => self.next = Next::Key,
            // a key that is no string does not happen
            Next::Member | Next::Key => {
                self.comma();
                self.out.push('"');
                // names of models need no escapes
                self.out.push_str(schema.member_name().unwrap_or_default());
                self.out.push_str("\":");
            }
        }
    }

    fn inside(
        &mut self,
        next: Next,
        (open, close): (char, char),
        write: impl FnOnce(&mut Self) -> Result<(), SerdeError>,
    ) -> Result<(), SerdeError> {
        let outer = (self.next, self.is_first);
        (self.next, self.is_first) = (next, true);
        self.out.push(open);
        write(self)?;
        self.out.push(close);
        (self.next, self.is_first) = outer;
        Ok(())
    }

    fn string(&mut self, text: &str) {
        self.out.push('"');
        let mut rest = text;
        loop {
            let plain = plain_length(rest.as_bytes());
            self.out.push_str(&rest[..plain]);
            let Some(special) = rest[plain..].chars().next() else { break };
            self.escape(special);
            rest = &rest[plain + 1..];
        }
        self.out.push('"');
    }

    fn escape(&mut self, special: char) {
        const HEX: &[u8; 16] = b"0123456789abcdef";
        match special {
            '"' => self.out.push_str("\\\""),
            '\\' => self.out.push_str("\\\\"),
            '\n' => self.out.push_str("\\n"),
            '\r' => self.out.push_str("\\r"),
            '\t' => self.out.push_str("\\t"),
            '\u{8}' => self.out.push_str("\\b"),
            '\u{c}' => self.out.push_str("\\f"),
            control => {
                let code = u32::from(control) as usize;
                self.out.push_str("\\u00");
                self.out.push(char::from(HEX[code >> 4 & 15]));
                self.out.push(char::from(HEX[code & 15]));
            }
        }
    }

    fn number(&mut self, mut encoder: Encoder, is_finite: bool) {
        let text = encoder.encode();
        if is_finite {
            self.out.push_str(text);
        } else {
            self.string(text);
        }
    }

    fn document(&mut self, value: &Document) {
        match value {
            Document::Null => self.out.push_str("null"),
            Document::Bool(value) => self.out.push_str(if *value { "true" } else { "false" }),
            Document::String(text) => self.string(text),
            Document::Number(Number::PosInt(value)) => self.number(Encoder::from(*value), true),
            Document::Number(Number::NegInt(value)) => self.number(Encoder::from(*value), true),
            Document::Number(Number::Float(value)) => self.number(Encoder::from(*value), value.is_finite()),
            Document::Array(all) => {
                self.out.push('[');
                for (index, value) in all.iter().enumerate() {
                    self.out.push_str(if index == 0 { "" } else { "," });
                    self.document(value);
                }
                self.out.push(']');
            }
            Document::Object(all) => {
                self.out.push('{');
                // the type's order is chance
                let mut all: Vec<_> = all.iter().collect();
                all.sort_unstable_by_key(|(key, _)| *key);
                for (index, (key, value)) in all.into_iter().enumerate() {
                    self.out.push_str(if index == 0 { "" } else { "," });
                    self.string(key);
                    self.out.push(':');
                    self.document(value);
                }
                self.out.push('}');
            }
        }
    }
}

/// Methods that write a number.
macro_rules! numbers {
    ($($method:ident($type:ty) |$value:ident| $is_finite:expr;)*) => {$(
        fn $method(&mut self, schema: &Schema<'_>, $value: $type) -> Result<(), SerdeError> {
            self.before(schema);
            self.number(Encoder::from($value), $is_finite);
            Ok(())
        }
    )*};
}

impl ShapeSerializer for Writer {
    numbers! {
        write_byte(i8) |value| true;
        write_short(i16) |value| true;
        write_integer(i32) |value| true;
        write_long(i64) |value| true;
        write_float(f32) |value| value.is_finite();
        write_double(f64) |value| value.is_finite();
    }

    fn write_struct(
        &mut self,
        schema: &Schema<'_>,
        value: &dyn SerializableStruct,
    ) -> Result<(), SerdeError> {
        self.before(schema);
        self.inside(Next::Member, ('{', '}'), |writer| value.serialize_members(writer))
    }

    fn write_list(&mut self, schema: &Schema<'_>, all: WriteAll<'_>) -> Result<(), SerdeError> {
        self.before(schema);
        self.inside(Next::Element, ('[', ']'), |writer| all(writer))
    }

    fn write_map(&mut self, schema: &Schema<'_>, all: WriteAll<'_>) -> Result<(), SerdeError> {
        self.before(schema);
        self.inside(Next::Key, ('{', '}'), |writer| all(writer))
    }

    fn write_boolean(&mut self, schema: &Schema<'_>, value: bool) -> Result<(), SerdeError> {
        self.before(schema);
        self.out.push_str(if value { "true" } else { "false" });
        Ok(())
    }

    fn write_big_integer(&mut self, schema: &Schema<'_>, value: &BigInteger) -> Result<(), SerdeError> {
        self.before(schema);
        self.out.push_str(value.as_ref());
        Ok(())
    }

    fn write_big_decimal(&mut self, schema: &Schema<'_>, value: &BigDecimal) -> Result<(), SerdeError> {
        self.before(schema);
        self.out.push_str(value.as_ref());
        Ok(())
    }

    fn write_string(&mut self, schema: &Schema<'_>, value: &str) -> Result<(), SerdeError> {
        if self.next == Next::Key {
            self.comma();
            self.string(value);
            self.out.push(':');
            self.next = Next::MapValue;
        } else {
            self.before(schema);
            self.string(value);
        }
        Ok(())
    }

    fn write_blob(&mut self, schema: &Schema<'_>, value: Blob) -> Result<(), SerdeError> {
        self.before(schema);
        self.out.push('"');
        BASE64_STANDARD.encode_string(value.as_ref(), &mut self.out);
        self.out.push('"');
        Ok(())
    }

    fn write_timestamp(&mut self, schema: &Schema<'_>, value: &DateTime) -> Result<(), SerdeError> {
        self.before(schema);
        let format = match schema.timestamp_format().map(|format| format.format()) {
            Some(TimestampFormat::DateTime) => Format::DateTime,
            Some(TimestampFormat::HttpDate) => Format::HttpDate,
            _ => Format::EpochSeconds,
        };
        let text = value.fmt(format).map_err(|error| SerdeError::write_failed(error.to_string()))?;
        if format == Format::EpochSeconds {
            self.out.push_str(&text);
        } else {
            self.string(&text);
        }
        Ok(())
    }

    fn write_document(&mut self, schema: &Schema<'_>, value: &Document) -> Result<(), SerdeError> {
        self.before(schema);
        self.document(value);
        Ok(())
    }

    fn write_null(&mut self, schema: &Schema<'_>) -> Result<(), SerdeError> {
        self.before(schema);
        self.out.push_str("null");
        Ok(())
    }
}
