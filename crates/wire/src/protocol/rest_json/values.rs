//! The values of a request that are no JSON, as a deserializer sees them.

use super::request::Bindings;
use crate::protocol::text;
use crate::schema::serde::{SerdeError, ShapeDeserializer};
use crate::schema::{Schema, ShapeType};
use crate::{Blob, DateTime, Document};
use aws_smithy_schema::traits::TimestampFormat;
use bytes::Bytes;
use std::borrow::Cow;

/// Where one value comes from.
pub(super) enum Source<'a> {
    /// The whole input.
    Request(Bindings<'a>),
    /// Text: of a label, a query parameter, a header, a payload.
    Text(Text<'a>),
    /// A map: of query parameters, of headers with a prefix.
    Entries(Vec<(String, Text<'a>)>),
    /// The body as it is.
    Bytes(&'a Bytes),
}

/// One or several texts of one name.
#[derive(Clone)]
pub(super) struct Text<'a> {
    pub(super) values: Vec<Cow<'a, str>>,
    pub(super) place: Place,
}

/// What a text was part of, which decides how it is read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Path or query string: a list is a repeated parameter.
    Uri,
    /// A header: a list is parted by commas, moments are HTTP dates, strings with a media type are in base64.
    Header,
    /// The body.
    Payload,
}

impl<'a> Text<'a> {
    pub(super) fn one(value: Cow<'a, str>, place: Place) -> Self {
        Self { values: vec![value], place }
    }

    fn take(&mut self) -> Cow<'a, str> {
        match self.values.is_empty() {
            true => Cow::Borrowed(""),
            false => self.values.swap_remove(0),
        }
    }

    fn timestamps(&self) -> TimestampFormat {
        match self.place {
            Place::Header => TimestampFormat::HttpDate,
            Place::Uri | Place::Payload => TimestampFormat::DateTime,
        }
    }
}

impl<'a> Source<'a> {
    fn text(&mut self) -> Result<Cow<'a, str>, SerdeError> {
        match self {
            Self::Text(text) => Ok(text.take()),
            _ => Err(SerdeError::type_mismatch("Start of structure or map found where not expected.")),
        }
    }
}

/// The elements of a header that is a list. Commas within quotes part nothing, nor does the one in an HTTP date.
fn elements<'h>(header: &'h str, element: Option<&Schema<'_>>) -> Vec<Cow<'h, str>> {
    let has_dates = element.is_some_and(|element| {
        element.shape_type() == ShapeType::Timestamp
            && element.timestamp_format().is_none_or(|format| format.format() == TimestampFormat::HttpDate)
    });
    let mut all = Vec::new();
    let mut rest = header.trim();
    while !rest.is_empty() {
        let (element, behind) = if rest.starts_with('"') {
            quoted(rest)
        } else {
            let first = rest.find(',');
            let comma = match first {
                Some(first) if has_dates => rest[first + 1..].find(',').map(|second| first + 1 + second),
                other => other,
            };
            let end = comma.unwrap_or(rest.len());
            (Cow::Borrowed(rest[..end].trim_end()), &rest[end..])
        };
        all.push(element);
        rest = behind.strip_prefix(',').unwrap_or(behind).trim_start();
    }
    all
}

/// A quoted element, and what follows it up to the next comma.
fn quoted(text: &str) -> (Cow<'_, str>, &str) {
    let mut element = String::new();
    let mut characters = text.char_indices().skip(1);
    while let Some((at, character)) = characters.next() {
        match character {
            '\\' => element.extend(characters.next().map(|(_, escaped)| escaped)),
            '"' => {
                let behind = &text[at + 1..];
                let comma = behind.find(',').unwrap_or(behind.len());
                return (Cow::Owned(element), &behind[comma..]);
            }
            other => element.push(other),
        }
    }
    (Cow::Owned(element), "")
}

impl ShapeDeserializer for Source<'_> {
    fn read_struct(
        &mut self,
        schema: &Schema<'_>,
        consumer: &mut dyn FnMut(&Schema<'_>, &mut dyn ShapeDeserializer) -> Result<(), SerdeError>,
    ) -> Result<(), SerdeError> {
        match self {
            Self::Request(bindings) => bindings.read(schema, consumer),
            _ => Err(SerdeError::type_mismatch("Unexpected complex element termination")),
        }
    }

    fn read_list(
        &mut self,
        schema: &Schema<'_>,
        consumer: &mut dyn FnMut(&mut dyn ShapeDeserializer) -> Result<(), SerdeError>,
    ) -> Result<(), SerdeError> {
        let Self::Text(Text { values, place }) = self else {
            return Err(SerdeError::type_mismatch("Start of structure or map found where not expected."));
        };
        for value in values {
            if *place != Place::Header {
                consumer(&mut Source::Text(Text::one(Cow::Borrowed(value), *place)))?;
                continue;
            }
            for element in elements(value, schema.member()) {
                consumer(&mut Source::Text(Text::one(element, *place)))?;
            }
        }
        Ok(())
    }

    fn read_map(
        &mut self,
        _: &Schema<'_>,
        consumer: &mut dyn FnMut(String, &mut dyn ShapeDeserializer) -> Result<(), SerdeError>,
    ) -> Result<(), SerdeError> {
        let Self::Entries(entries) = self else {
            return Err(SerdeError::type_mismatch("Unexpected complex element termination"));
        };
        for (name, text) in std::mem::take(entries) {
            consumer(name, &mut Source::Text(text))?;
        }
        Ok(())
    }

    text::reads_scalars_from_text!();

    fn read_string(&mut self, schema: &Schema<'_>) -> Result<String, SerdeError> {
        let is_encoded =
            schema.media_type().is_some() && matches!(self, Self::Text(text) if text.place == Place::Header);
        let text = self.text()?;
        if !is_encoded {
            return Ok(text.into_owned());
        }
        String::from_utf8(text::blob(&text)?)
            .map_err(|_| SerdeError::invalid_input("Invalid UTF-8 in a header"))
    }

    fn read_blob(&mut self, _: &Schema<'_>) -> Result<Blob, SerdeError> {
        match self {
            Self::Bytes(bytes) => Ok(Blob::from_maybe_shared(bytes.clone())),
            _ => text::blob(&self.text()?).map(Blob::new),
        }
    }

    fn read_timestamp(&mut self, schema: &Schema<'_>) -> Result<DateTime, SerdeError> {
        let default = match self {
            Self::Text(text) => text.timestamps(),
            _ => TimestampFormat::DateTime,
        };
        text::timestamp(&self.text()?, schema, default)
    }

    fn read_document(&mut self, _: &Schema<'_>) -> Result<Document, SerdeError> {
        self.text().map(|text| Document::String(text.into_owned()))
    }

    fn is_null(&self) -> bool {
        false
    }

    fn skip_value(&mut self) -> Result<(), SerdeError> {
        Ok(())
    }

    fn container_size(&self) -> Option<usize> {
        None
    }
}
