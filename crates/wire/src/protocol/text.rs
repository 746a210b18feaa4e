//! Scalars as text: how awsQuery, headers, query strings and path labels spell them.
//!
//! The sentences of the errors are AWS's; a protocol puts its own code in front.

use crate::DateTime;
use crate::schema::Schema;
use crate::schema::serde::SerdeError;
use aws_smithy_schema::traits::TimestampFormat;
use aws_smithy_types::date_time::Format;
use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use std::str::FromStr;

/// Base64 as AWS reads it: padding may be missing.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

fn unconvertible(kind: &str) -> SerdeError {
    SerdeError::invalid_input(format!("STRING_VALUE can not be converted to {kind}"))
}

/// `true` or `false`, in any case.
pub(super) fn boolean(text: &str) -> Result<bool, SerdeError> {
    match text.trim() {
        text if text.eq_ignore_ascii_case("true") => Ok(true),
        text if text.eq_ignore_ascii_case("false") => Ok(false),
        _ => Err(unconvertible("a Boolean")),
    }
}

/// An integer; `kind` is its type in AWS's sentence (`an Integer`).
pub(super) fn integer<N: FromStr>(text: &str, kind: &str) -> Result<N, SerdeError> {
    text.trim().parse().map_err(|_| unconvertible(kind))
}

/// A floating-point number, `NaN` and `Infinity` among them.
pub(super) fn float(text: &str, kind: &str) -> Result<f64, SerdeError> {
    match text.trim() {
        "NaN" => Ok(f64::NAN),
        "Infinity" => Ok(f64::INFINITY),
        "-Infinity" => Ok(f64::NEG_INFINITY),
        // Rust also reads `inf` and `nan`, which AWS does not
        text if text.contains(|c: char| c.is_ascii_alphabetic() && c != 'e' && c != 'E') => {
            Err(unconvertible(kind))
        }
        text => text.parse().map_err(|_| unconvertible(kind)),
    }
}

/// Bytes in base64.
pub(super) fn blob(text: &str) -> Result<Vec<u8>, SerdeError> {
    let compact: String;
    let text = if text.contains(|c: char| c.is_ascii_whitespace()) {
        compact = text.chars().filter(|c| !c.is_ascii_whitespace()).collect();
        &compact
    } else {
        text
    };
    LENIENT.decode(text).map_err(|_| SerdeError::invalid_input("Invalid Base64 encoded value"))
}

/// Bytes written in base64.
pub(super) fn encode_blob(bytes: &[u8]) -> String {
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

/// A moment in the schema's format, else in `default`; a number is always seconds since the epoch.
pub(super) fn timestamp(
    text: &str,
    schema: &Schema<'_>,
    default: TimestampFormat,
) -> Result<DateTime, SerdeError> {
    let text = text.trim();
    let format = schema.timestamp_format().map_or(default, |format| format.format());
    let parsed = match format {
        TimestampFormat::HttpDate => DateTime::from_str(text, Format::HttpDate).ok(),
        _ => None,
    };
    parsed
        .or_else(|| epoch_seconds(text))
        .or_else(|| DateTime::from_str(text, Format::DateTimeWithOffset).ok())
        .ok_or_else(|| SerdeError::invalid_input("timestamp must follow ISO8601"))
}

/// Seconds since the epoch, perhaps with a fraction. Kept out of floating point, so that nothing is rounded.
fn epoch_seconds(text: &str) -> Option<DateTime> {
    let is_number = text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'-'));
    if !is_number || text.is_empty() {
        return None;
    }
    let parsed = DateTime::from_str(text, Format::EpochSeconds).ok()?;
    // beyond these years no format can write it
    (parsed.secs().unsigned_abs() < 253_402_300_800).then_some(parsed)
}

/// A moment in the schema's format, else in `default`. ISO 8601 has milliseconds where there are any.
pub(super) fn encode_timestamp(
    value: &DateTime,
    schema: &Schema<'_>,
    default: TimestampFormat,
) -> Result<String, SerdeError> {
    let format = schema.timestamp_format().map_or(default, |format| format.format());
    let millis = value.subsec_nanos() / 1_000_000;
    let whole = DateTime::from_secs(value.secs());
    let written = match format {
        TimestampFormat::EpochSeconds => {
            DateTime::from_secs_and_nanos(value.secs(), millis * 1_000_000).fmt(Format::EpochSeconds)
        }
        TimestampFormat::HttpDate => whole.fmt(Format::HttpDate),
        _ => whole.fmt(Format::DateTime).map(|mut text| {
            if millis != 0 && text.ends_with('Z') {
                text.pop();
                text.push_str(&format!(".{millis:03}Z"));
            }
            text
        }),
    };
    written.map_err(|error| SerdeError::write_failed(error.to_string()))
}

/// The scalar reads of a `ShapeDeserializer` whose values are texts: the type has `fn text(&mut self) ->
/// Result<Cow<str>, SerdeError>` and `const TIMESTAMPS`, the format where the schema names none.
macro_rules! reads_scalars_from_text {
    () => {
        fn read_boolean(&mut self, _: &Schema<'_>) -> Result<bool, SerdeError> {
            crate::protocol::text::boolean(&self.text()?)
        }

        fn read_byte(&mut self, _: &Schema<'_>) -> Result<i8, SerdeError> {
            crate::protocol::text::integer(&self.text()?, "a Byte")
        }

        fn read_short(&mut self, _: &Schema<'_>) -> Result<i16, SerdeError> {
            crate::protocol::text::integer(&self.text()?, "a Short")
        }

        fn read_integer(&mut self, _: &Schema<'_>) -> Result<i32, SerdeError> {
            crate::protocol::text::integer(&self.text()?, "an Integer")
        }

        fn read_long(&mut self, _: &Schema<'_>) -> Result<i64, SerdeError> {
            crate::protocol::text::integer(&self.text()?, "a Long")
        }

        #[expect(clippy::cast_possible_truncation, reason = "the model asks for single precision")]
        fn read_float(&mut self, _: &Schema<'_>) -> Result<f32, SerdeError> {
            crate::protocol::text::float(&self.text()?, "a Float").map(|value| value as f32)
        }

        fn read_double(&mut self, _: &Schema<'_>) -> Result<f64, SerdeError> {
            crate::protocol::text::float(&self.text()?, "a Double")
        }

        fn read_big_integer(&mut self, _: &Schema<'_>) -> Result<aws_smithy_types::BigInteger, SerdeError> {
            crate::protocol::text::integer(&self.text()?, "a BigInteger")
        }

        fn read_big_decimal(&mut self, _: &Schema<'_>) -> Result<aws_smithy_types::BigDecimal, SerdeError> {
            crate::protocol::text::integer(&self.text()?, "a BigDecimal")
        }
    };
}
pub(super) use reads_scalars_from_text;

/// The number and boolean writes of a `ShapeSerializer` whose values are texts: the type has `fn text(&mut self,
/// &Schema, &str) -> Result<(), SerdeError>`.
macro_rules! writes_scalars_as_text {
    () => {
        fn write_boolean(&mut self, schema: &Schema<'_>, value: bool) -> Result<(), SerdeError> {
            self.text(schema, if value { "true" } else { "false" })
        }

        fn write_byte(&mut self, schema: &Schema<'_>, value: i8) -> Result<(), SerdeError> {
            self.write_long(schema, i64::from(value))
        }

        fn write_short(&mut self, schema: &Schema<'_>, value: i16) -> Result<(), SerdeError> {
            self.write_long(schema, i64::from(value))
        }

        fn write_integer(&mut self, schema: &Schema<'_>, value: i32) -> Result<(), SerdeError> {
            self.write_long(schema, i64::from(value))
        }

        fn write_long(&mut self, schema: &Schema<'_>, value: i64) -> Result<(), SerdeError> {
            self.text(schema, aws_smithy_types::primitive::Encoder::from(value).encode())
        }

        fn write_float(&mut self, schema: &Schema<'_>, value: f32) -> Result<(), SerdeError> {
            self.text(schema, aws_smithy_types::primitive::Encoder::from(value).encode())
        }

        fn write_double(&mut self, schema: &Schema<'_>, value: f64) -> Result<(), SerdeError> {
            self.text(schema, aws_smithy_types::primitive::Encoder::from(value).encode())
        }

        fn write_big_integer(
            &mut self,
            schema: &Schema<'_>,
            value: &aws_smithy_types::BigInteger,
        ) -> Result<(), SerdeError> {
            self.text(schema, value.as_ref())
        }

        fn write_big_decimal(
            &mut self,
            schema: &Schema<'_>,
            value: &aws_smithy_types::BigDecimal,
        ) -> Result<(), SerdeError> {
            self.text(schema, value.as_ref())
        }
    };
}
pub(super) use writes_scalars_as_text;

#[cfg(test)]
mod tests {
    use super::*;
    use aws_smithy_schema::prelude::TIMESTAMP;

    #[test]
    fn moments_are_read_in_every_spelling() {
        let moment = DateTime::from_secs(1_422_172_800);
        for text in ["2015-01-25T08:00:00Z", "2015-01-25T09:00:00+01:00", "1422172800", "1422172800.0"] {
            assert_eq!(timestamp(text, &TIMESTAMP, TimestampFormat::DateTime).expect(text), moment);
        }
        let text = "Sun, 25 Jan 2015 08:00:00 GMT";
        assert_eq!(timestamp(text, &TIMESTAMP, TimestampFormat::HttpDate).expect(text), moment);
        let error = timestamp("yesterday", &TIMESTAMP, TimestampFormat::DateTime).expect_err("no moment");
        assert!(error.to_string().ends_with("timestamp must follow ISO8601"), "{error}");
    }

    #[test]
    fn moments_are_written_with_milliseconds_where_there_are_any() {
        let write = |nanos, format| {
            let moment = DateTime::from_secs_and_nanos(1_422_172_800, nanos);
            encode_timestamp(&moment, &TIMESTAMP, format).expect("in range")
        };
        assert_eq!(write(0, TimestampFormat::DateTime), "2015-01-25T08:00:00Z");
        assert_eq!(write(120_000_000, TimestampFormat::DateTime), "2015-01-25T08:00:00.120Z");
        assert_eq!(write(120_000_000, TimestampFormat::EpochSeconds), "1422172800.12");
        assert_eq!(write(120_000_000, TimestampFormat::HttpDate), "Sun, 25 Jan 2015 08:00:00 GMT");
    }

    #[test]
    fn base64_is_read_with_and_without_its_padding() {
        assert_eq!(blob("dmFsdWU=").expect("padded"), b"value");
        assert_eq!(blob("dmFsdWU").expect("bare"), b"value");
        assert_eq!(blob("dmFs\ndWU=").expect("broken into lines"), b"value");
        assert!(blob("%%%").is_err());
    }

    #[test]
    fn numbers_beyond_their_type_are_refused() {
        assert!(integer::<i8>("128", "a Byte").is_err());
        assert_eq!(integer::<i8>(" -128 ", "a Byte").expect("in range"), i8::MIN);
        assert!(float("inf", "a Double").is_err());
        assert_eq!(float("1e3", "a Double").expect("a number"), 1_000.0);
    }
}
