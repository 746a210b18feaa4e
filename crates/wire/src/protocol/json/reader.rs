//! Reads JSON: the bodies of awsJson, and those of restJson1. What does not fit is refused in AWS's words.
//!
//! In awsJson members go by their own names, in restJson1 by their JSON names where they have one. Moments are seconds,
//! and the JSON is JSON: AWS's parser refuses what the grammar does. A whole number may be written with a fraction.

use super::number::{is_number, moment, number, whole_of};
use super::text::plain_length;
use crate::protocol::malformed::{self, Expected, Found, Place, Wording, java_type, mismatch};
use crate::schema::serde::{SerdeError, ShapeDeserializer};
use crate::schema::{Schema, ShapeType};
use crate::{ApiError, ServiceMeta};
use aws_smithy_types::date_time::Format;
use aws_smithy_types::{BigDecimal, BigInteger, Blob, DateTime, Document};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde::de::IgnoredAny;
use std::borrow::Cow;
use std::collections::HashMap;

/// Deeper bodies are refused.
const DEEPEST: u32 = 128;

/// Reads values, one after the other, and remembers in which words AWS refuses the one that it stops at.
pub(in crate::protocol) struct Reader<'a> {
    body: &'a [u8],
    /// The same as text, if all of it is: then no string is looked at for itself.
    text: Option<&'a str>,
    at: usize,
    depth: u32,
    place: Place,
    wording: Wording,
    namespace: &'a str,
    has_json_names: bool,
    sentence: Option<String>,
    /// While it is asked what the values of a map are: nothing is read then.
    asked: Option<String>,
    is_asked: bool,
}

/// The end of reading. What is said of it, the reader knows.
fn stop() -> SerdeError {
    SerdeError::invalid_input("the body does not fit")
}

impl<'a> Reader<'a> {
    pub(in crate::protocol) fn new(body: &'a [u8], service: &'a ServiceMeta) -> Self {
        Self {
            body,
            text: std::str::from_utf8(body).ok(),
            at: 0,
            depth: 0,
            place: Place::Member,
            wording: Wording::of(service),
            namespace: service.error_namespace,
            has_json_names: false,
            sentence: None,
            asked: None,
            is_asked: false,
        }
    }

    /// [`Reader::new`], members going by their JSON names.
    pub(in crate::protocol) fn with_json_names(body: &'a [u8], service: &'a ServiceMeta) -> Self {
        Self { has_json_names: true, ..Self::new(body, service) }
    }

    /// AWS's answer to what it stopped at. JSON that is none has no sentence.
    pub(in crate::protocol) fn into_error(self, service: &ServiceMeta) -> ApiError {
        malformed::error(service, self.into_sentence())
    }

    /// What AWS says of what it stopped at.
    pub(in crate::protocol) fn into_sentence(self) -> String {
        self.sentence.unwrap_or_default()
    }

    /// Refuses what follows the whole body.
    pub(in crate::protocol) fn expect_end(&mut self) -> Result<(), SerdeError> {
        if self.peek().is_some() { Err(stop()) } else { Ok(()) }
    }

    fn peek(&mut self) -> Option<u8> {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.body.get(self.at) {
            self.at += 1;
        }
        self.body.get(self.at).copied()
    }

    fn take(&mut self, byte: u8) -> Result<(), SerdeError> {
        if self.peek() == Some(byte) {
            self.at += 1;
            return Ok(());
        }
        Err(stop())
    }

    /// The bytes of the number or the literal here.
    fn scalar(&mut self) -> Result<&'a [u8], SerdeError> {
        self.peek().ok_or_else(stop)?;
        let rest = &self.body[self.at..];
        let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.');
        let length = rest.iter().position(|byte| !is_part(byte)).unwrap_or(rest.len());
        self.at += length;
        Ok(&rest[..length])
    }

    /// The string here.
    fn string(&mut self) -> Result<Cow<'a, str>, SerdeError> {
        self.take(b'"')?;
        let rest = &self.body[self.at..];
        let plain = plain_length(rest);
        match rest.get(plain) {
            Some(b'"') => {
                let text = match self.text {
                    Some(text) => text.get(self.at..self.at + plain),
                    None => std::str::from_utf8(&rest[..plain]).ok(),
                };
                self.at += plain + 1;
                text.map(Cow::Borrowed).ok_or_else(stop)
            }
            Some(b'\\') => self.escaped_string(plain).map(Cow::Owned),
            _ => Err(stop()),
        }
    }

    /// The string here, whose first escape is at `from`.
    fn escaped_string(&mut self, from: usize) -> Result<String, SerdeError> {
        let rest = &self.body[self.at..];
        let mut end = from;
        while rest.get(end) != Some(&b'"') {
            // an escape and what it escapes, or a control character, which is refused below
            end += if rest.get(end) == Some(&b'\\') { 2 } else { 1 };
            end += plain_length(rest.get(end..).ok_or_else(stop)?);
            if end >= rest.len() {
                return Err(stop());
            }
        }
        let quoted = &self.body[self.at - 1..=self.at + end];
        self.at += end + 1;
        serde_json::from_slice(quoted).map_err(|_| stop())
    }

    /// What stands here; the reader has moved past it unless it is a list or a structure.
    fn find(&mut self) -> Result<(Found, &'a [u8]), SerdeError> {
        let found = match self.peek().ok_or_else(stop)? {
            b'[' => return Ok((Found::List, b"")),
            b'{' => return Ok((Found::Structure, b"")),
            b'"' => Found::Text(self.string()?.into_owned()),
            b't' => Found::True,
            b'f' => Found::False,
            _ => Found::Whole,
        };
        if matches!(found, Found::Text(_)) {
            return Ok((found, b""));
        }
        let text = self.scalar()?;
        let is_decimal = text.iter().any(|byte| matches!(byte, b'.' | b'e' | b'E'));
        let is_valid = match found {
            Found::True => text == b"true",
            Found::False => text == b"false",
            _ => is_number(text),
        };
        let found = if found == Found::Whole && is_decimal { Found::Decimal } else { found };
        if is_valid { Ok((found, text)) } else { Err(stop()) }
    }

    /// Answers instead of reading, while asked.
    #[inline]
    fn answer_if_asked(&mut self, expected: Expected<'_>) -> Result<(), SerdeError> {
        if self.is_asked { Err(self.answer(expected)) } else { Ok(()) }
    }

    #[cold]
    fn answer(&mut self, expected: Expected<'_>) -> SerdeError {
        self.asked = Some(java_type(expected, self.namespace).into_owned());
        stop()
    }

    /// Stops at a value that does not fit.
    fn refuse(&mut self, found: &Found, expected: Expected<'_>, java_type: &str) -> SerdeError {
        self.sentence = Some(mismatch(self.wording, found, expected, self.place, java_type));
        stop()
    }

    fn number(&mut self, expected: Expected<'_>) -> Result<&'a str, SerdeError> {
        self.answer_if_asked(expected)?;
        match self.find()? {
            (Found::Whole | Found::Decimal, text) => std::str::from_utf8(text).map_err(|_| stop()),
            (found, _) => Err(self.refuse(&found, expected, "")),
        }
    }

    fn whole(&mut self, expected: Expected<'_>, range: (i64, i64)) -> Result<i64, SerdeError> {
        let text = self.number(expected)?;
        let value = text.parse::<i64>().ok().or_else(|| whole_of(text));
        if let Some(value) = value.filter(|value| (range.0..=range.1).contains(value)) {
            return Ok(value);
        }
        let found = if text.contains(['.', 'e', 'E']) { Found::Decimal } else { Found::Whole };
        Err(self.refuse(&found, expected, ""))
    }

    fn float(&mut self, expected: Expected<'_>) -> Result<f64, SerdeError> {
        self.answer_if_asked(expected)?;
        match self.find()? {
            (Found::Whole | Found::Decimal, text) => {
                std::str::from_utf8(text).map_err(|_| stop())?.parse().map_err(|_| stop())
            }
            (Found::Text(text), _) => match text.as_str() {
                "NaN" => Ok(f64::NAN),
                "Infinity" => Ok(f64::INFINITY),
                "-Infinity" => Ok(f64::NEG_INFINITY),
                _ => Err(self.refuse(&Found::Text(text), expected, "")),
            },
            (found, _) => Err(self.refuse(&found, expected, "")),
        }
    }

    /// Enters a list (`[`) or an object (`{`), if it is one.
    fn open(&mut self, byte: u8, expected: Expected<'_>, java_type: &str) -> Result<(), SerdeError> {
        if self.peek() != Some(byte) {
            let (found, _) = self.find()?;
            // a body that is a scalar has no sentence
            let is_whole_body = self.depth == 0 && !matches!(found, Found::List);
            return Err(if is_whole_body { stop() } else { self.refuse(&found, expected, java_type) });
        }
        self.at += 1;
        self.depth += 1;
        if self.depth > DEEPEST { Err(stop()) } else { Ok(()) }
    }

    /// Reads what is between the brackets, item by item.
    fn items(
        &mut self,
        close: u8,
        item: &mut dyn FnMut(&mut Self) -> Result<(), SerdeError>,
    ) -> Result<(), SerdeError> {
        let mut is_first = true;
        while self.peek() != Some(close) {
            if !is_first {
                self.take(b',')?;
            }
            is_first = false;
            item(self)?;
        }
        self.at += 1;
        self.depth -= 1;
        if self.depth == 0 { self.expect_end() } else { Ok(()) }
    }

    fn key(&mut self) -> Result<Cow<'a, str>, SerdeError> {
        let key = self.string()?;
        self.take(b':')?;
        self.peek();
        Ok(key)
    }
}

/// The member that has this name in a restJson1 body. A member of the path may have the name of another in the body.
fn by_json_name<'s>(schema: &'s Schema<'s>, key: &str) -> Option<&'s Schema<'s>> {
    let name = |member: &&Schema<'_>| match member.json_name() {
        Some(name) => name.value() == key,
        None => member.member_name() == Some(key) && member.http_label().is_none(),
    };
    schema.members().iter().copied().find(name)
}

impl ShapeDeserializer for Reader<'_> {
    fn read_struct(
        &mut self,
        schema: &Schema<'_>,
        take: &mut dyn FnMut(&Schema<'_>, &mut dyn ShapeDeserializer) -> Result<(), SerdeError>,
    ) -> Result<(), SerdeError> {
        // a body without bytes is a structure without members
        if self.body.is_empty() {
            return Ok(());
        }
        let expected = Expected::Structure(schema.shape_id().shape_name());
        self.answer_if_asked(expected)?;
        if self.peek() == Some(b'{') {
            self.open(b'{', expected, "")?;
        } else {
            let name = java_type(expected, self.namespace);
            self.open(b'{', expected, &name)?;
        }
        self.items(b'}', &mut |reader| {
            let key = reader.key()?;
            reader.place = Place::Member;
            let member = match reader.has_json_names {
                true => by_json_name(schema, &key),
                false => schema.member_schema(&key),
            };
            match member {
                // null is a document
                Some(member) if member.shape_type() == ShapeType::Document => take(member, reader),
                _ if reader.is_null() => reader.read_null(),
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
        self.answer_if_asked(Expected::List)?;
        self.open(b'[', Expected::List, "")?;
        self.items(b']', &mut |reader| {
            reader.peek();
            reader.place = Place::Element;
            take(reader)
        })
    }

    fn read_map(
        &mut self,
        _: &Schema<'_>,
        take: &mut dyn FnMut(String, &mut dyn ShapeDeserializer) -> Result<(), SerdeError>,
    ) -> Result<(), SerdeError> {
        self.answer_if_asked(Expected::Map)?;
        let mut values = String::new();
        if self.peek() == Some(b'[') {
            self.is_asked = true;
            let _ = take(String::new(), self);
            self.is_asked = false;
            values = self.asked.take().unwrap_or_default();
        }
        self.open(b'{', Expected::Map, &values)?;
        self.items(b'}', &mut |reader| {
            let key = reader.key()?;
            reader.place = Place::Element;
            take(key.into_owned(), reader)
        })
    }

    fn read_boolean(&mut self, _: &Schema<'_>) -> Result<bool, SerdeError> {
        self.answer_if_asked(Expected::Boolean)?;
        match self.find()?.0 {
            Found::True => Ok(true),
            Found::False => Ok(false),
            found => Err(self.refuse(&found, Expected::Boolean, "")),
        }
    }

    fn read_byte(&mut self, _: &Schema<'_>) -> Result<i8, SerdeError> {
        let value = self.whole(Expected::Integer, (i8::MIN.into(), i8::MAX.into()))?;
        i8::try_from(value).map_err(|_| stop())
    }

    fn read_short(&mut self, _: &Schema<'_>) -> Result<i16, SerdeError> {
        let value = self.whole(Expected::Integer, (i16::MIN.into(), i16::MAX.into()))?;
        i16::try_from(value).map_err(|_| stop())
    }

    fn read_integer(&mut self, _: &Schema<'_>) -> Result<i32, SerdeError> {
        let value = self.whole(Expected::Integer, (i32::MIN.into(), i32::MAX.into()))?;
        i32::try_from(value).map_err(|_| stop())
    }

    fn read_long(&mut self, _: &Schema<'_>) -> Result<i64, SerdeError> {
        self.whole(Expected::Long, (i64::MIN, i64::MAX))
    }

    #[expect(clippy::cast_possible_truncation, reason = "single precision is what the shape holds")]
    fn read_float(&mut self, _: &Schema<'_>) -> Result<f32, SerdeError> {
        self.float(Expected::Float).map(|value| value as f32)
    }

    fn read_double(&mut self, _: &Schema<'_>) -> Result<f64, SerdeError> {
        self.float(Expected::Double)
    }

    fn read_big_integer(&mut self, _: &Schema<'_>) -> Result<BigInteger, SerdeError> {
        self.number(Expected::Long)?.parse().map_err(|_| stop())
    }

    fn read_big_decimal(&mut self, _: &Schema<'_>) -> Result<BigDecimal, SerdeError> {
        self.number(Expected::Double)?.parse().map_err(|_| stop())
    }

    fn read_string(&mut self, _: &Schema<'_>) -> Result<String, SerdeError> {
        self.answer_if_asked(Expected::Text)?;
        if self.peek() == Some(b'"') {
            return self.string().map(Cow::into_owned);
        }
        match self.find()?.0 {
            Found::Text(text) => Ok(text),
            found => Err(self.refuse(&found, Expected::Text, "")),
        }
    }

    fn read_blob(&mut self, _: &Schema<'_>) -> Result<Blob, SerdeError> {
        self.answer_if_asked(Expected::Blob)?;
        if self.peek() == Some(b'"') {
            let text = self.string()?;
            return BASE64_STANDARD.decode(text.as_bytes()).map(Blob::new).map_err(|_| {
                let found = Found::Text(text.into_owned());
                self.refuse(&found, Expected::Blob, "")
            });
        }
        let found = self.find()?.0;
        Err(self.refuse(&found, Expected::Blob, ""))
    }

    fn read_timestamp(&mut self, schema: &Schema<'_>) -> Result<DateTime, SerdeError> {
        use crate::schema::traits::TimestampFormat;
        self.answer_if_asked(Expected::Timestamp)?;
        let format = match schema.timestamp_format().map(|format| format.format()) {
            Some(TimestampFormat::DateTime) => Some(Format::DateTime),
            Some(TimestampFormat::HttpDate) => Some(Format::HttpDate),
            _ => None,
        };
        match (self.find()?, format) {
            ((Found::Whole | Found::Decimal, text), None) => moment(text).ok_or_else(stop),
            ((Found::Text(text), _), Some(format)) => {
                let moment = DateTime::from_str(&text, format);
                moment.map_err(|_| self.refuse(&Found::Text(text), Expected::Timestamp, ""))
            }
            ((found, _), _) => Err(self.refuse(&found, Expected::Timestamp, "")),
        }
    }

    fn read_document(&mut self, schema: &Schema<'_>) -> Result<Document, SerdeError> {
        if self.is_null() {
            return self.read_null().map(|()| Document::Null);
        }
        match self.find()? {
            (Found::List, _) => {
                let mut all = Vec::new();
                self.read_list(schema, &mut |from| {
                    all.push(from.read_document(schema)?);
                    Ok(())
                })?;
                Ok(Document::Array(all))
            }
            (Found::Structure, _) => {
                let mut all = HashMap::new();
                self.read_map(schema, &mut |key, from| {
                    all.insert(key, from.read_document(schema)?);
                    Ok(())
                })?;
                Ok(Document::Object(all))
            }
            (Found::Text(text), _) => Ok(Document::String(text)),
            (Found::True, _) => Ok(Document::Bool(true)),
            (Found::False, _) => Ok(Document::Bool(false)),
            (Found::Whole | Found::Decimal, text) => number(text).map(Document::Number).ok_or_else(stop),
        }
    }

    fn is_null(&self) -> bool {
        let rest = &self.body[self.at.min(self.body.len())..];
        let is_longer = || rest.get(4).is_some_and(u8::is_ascii_alphanumeric);
        !self.is_asked && rest.starts_with(b"null") && !is_longer()
    }

    fn read_null(&mut self) -> Result<(), SerdeError> {
        if self.is_null() {
            self.at += 4;
        }
        Ok(())
    }

    fn skip_value(&mut self) -> Result<(), SerdeError> {
        self.peek();
        let mut values =
            serde_json::Deserializer::from_slice(&self.body[self.at..]).into_iter::<IgnoredAny>();
        let is_read = matches!(values.next(), Some(Ok(_)));
        self.at += values.byte_offset();
        if is_read { Ok(()) } else { Err(stop()) }
    }

    fn container_size(&self) -> Option<usize> {
        None
    }
}
