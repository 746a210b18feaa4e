//! awsQuery: an input as form-encoded pairs, an XML error as JSON.

use super::xml::{Element, entry_names, wire_name};
use super::{Entry, ErrorName, Glossary};
use crate::json::Json;
use aws_smithy_types::date_time::Format;
use aws_smithy_types::primitive::Encoder;
use aws_smithy_types::{BigDecimal, BigInteger};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use mesh_wire::schema::Schema;
use mesh_wire::schema::serde::{SerdeError, SerializableStruct, ShapeSerializer};
use mesh_wire::{Blob, DateTime, Document, ServiceMeta};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What is not escaped beside letters and digits.
pub(super) const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// The body of a request.
pub(super) fn form(
    service: &ServiceMeta,
    operation: &str,
    input: &dyn SerializableStruct,
) -> Result<String, String> {
    let mut pairs = vec![
        ("Action".to_owned(), operation.to_owned()),
        ("Version".to_owned(), service.api_version.to_owned()),
    ];
    let mut writer = Writer { pairs: &mut pairs, at: String::new(), place: Place::Struct };
    input.serialize_members(&mut writer).map_err(|error| error.to_string())?;
    let encoded = pairs.iter().map(|(name, value)| {
        format!("{}={}", utf8_percent_encode(name, ESCAPED), utf8_percent_encode(value, ESCAPED))
    });
    Ok(encoded.collect::<Vec<_>>().join("&"))
}

/// The name of an error and its members. `Type` and `Detail` are the envelope's.
pub(super) fn error(bytes: &[u8], glossary: &Glossary) -> Result<(ErrorName, Json), String> {
    let root = Element::parse(bytes)?;
    let error = root.child("Error").ok_or("the answer has no Error")?;
    let text = |name: &str| error.child(name).map(|child| child.text.clone()).unwrap_or_default();
    let (code, fault) = (text("Code"), text("Type"));
    let known = glossary.find(&code, &text("Message"));
    let message = known.and_then(|entry| entry.message.as_ref()).map_or("message", |(name, _)| name);
    let members = error.children.iter().filter(|child| !matches!(&*child.name, "Code" | "Type" | "Detail"));
    let members = members.map(|child| {
        let name = if child.name == "Message" { message } else { &child.name };
        (name.to_owned(), Json::String(child.text.clone()))
    });
    let body = Json::Object(members.collect());
    let name = match known {
        Some(Entry { code: named, has_query, .. }) => {
            ErrorName { code: named.clone(), query: has_query.then(|| format!("{code};{fault}")) }
        }
        None => ErrorName { code, query: None },
    };
    Ok((name, body))
}

/// Writes one structure's members, one list's elements or one map's entries.
struct Writer<'a> {
    pairs: &'a mut Vec<(String, String)>,
    /// The name so far, with the dot behind it.
    at: String,
    place: Place,
}

/// What the next value is.
enum Place {
    Struct,
    /// An element; the number of the last.
    List(usize),
    /// A key or a value, in turn.
    Map {
        number: usize,
        key_written: bool,
        names: (String, String),
    },
}

impl Writer<'_> {
    /// The name of the next value.
    fn next(&mut self, schema: &Schema<'_>) -> String {
        let at = &self.at;
        match &mut self.place {
            Place::Struct => format!("{at}{}", wire_name(schema)),
            Place::List(number) => {
                *number += 1;
                format!("{at}{number}")
            }
            Place::Map { number, key_written, names } => {
                *key_written = !*key_written;
                if *key_written {
                    *number += 1;
                }
                format!("{at}{number}.{}", if *key_written { &names.0 } else { &names.1 })
            }
        }
    }

    fn text(&mut self, schema: &Schema<'_>, value: &str) -> Result<(), SerdeError> {
        let name = self.next(schema);
        self.pairs.push((name, value.to_owned()));
        Ok(())
    }
}

/// The writes of scalars, as texts.
macro_rules! writes {
    ($($write:ident($type:ty) as $text:expr;)*) => {
        $(fn $write(&mut self, schema: &Schema<'_>, value: $type) -> Result<(), SerdeError> {
            self.text(schema, &$text(value))
        })*
    };
}

fn number<N: Into<Encoder>>(value: N) -> String {
    value.into().encode().to_owned()
}

impl ShapeSerializer for Writer<'_> {
    fn write_struct(
        &mut self,
        schema: &Schema<'_>,
        value: &dyn SerializableStruct,
    ) -> Result<(), SerdeError> {
        let at = self.next(schema) + ".";
        value.serialize_members(&mut Writer { pairs: self.pairs, at, place: Place::Struct })
    }

    fn write_list(
        &mut self,
        schema: &Schema<'_>,
        write_elements: &dyn Fn(&mut dyn ShapeSerializer) -> Result<(), SerdeError>,
    ) -> Result<(), SerdeError> {
        let name = self.next(schema);
        let element = schema.member().and_then(Schema::xml_name).map_or("member", |name| name.value());
        let at = if schema.xml_flattened() { format!("{name}.") } else { format!("{name}.{element}.") };
        let before = self.pairs.len();
        write_elements(&mut Writer { pairs: self.pairs, at, place: Place::List(0) })?;
        if self.pairs.len() == before {
            // a list that is there and has no elements
            self.pairs.push((name, String::new()));
        }
        Ok(())
    }

    fn write_map(
        &mut self,
        schema: &Schema<'_>,
        write_entries: &dyn Fn(&mut dyn ShapeSerializer) -> Result<(), SerdeError>,
    ) -> Result<(), SerdeError> {
        let name = self.next(schema);
        let at = if schema.xml_flattened() { format!("{name}.") } else { format!("{name}.entry.") };
        let (key, value) = entry_names(schema);
        let place = Place::Map { number: 0, key_written: false, names: (key.to_owned(), value.to_owned()) };
        write_entries(&mut Writer { pairs: self.pairs, at, place })
    }

    writes! {
        write_boolean(bool) as |value: bool| value.to_string();
        write_byte(i8) as |value: i8| value.to_string();
        write_short(i16) as |value: i16| value.to_string();
        write_integer(i32) as |value: i32| value.to_string();
        write_long(i64) as |value: i64| value.to_string();
        write_float(f32) as number;
        write_double(f64) as number;
        write_big_integer(&BigInteger) as |value: &BigInteger| value.as_ref().to_owned();
        write_big_decimal(&BigDecimal) as |value: &BigDecimal| value.as_ref().to_owned();
        write_blob(Blob) as |value: Blob| BASE64_STANDARD.encode(value.as_ref());
    }

    fn write_string(&mut self, schema: &Schema<'_>, value: &str) -> Result<(), SerdeError> {
        self.text(schema, value)
    }

    fn write_timestamp(&mut self, schema: &Schema<'_>, value: &DateTime) -> Result<(), SerdeError> {
        let text =
            value.fmt(Format::DateTime).map_err(|error| SerdeError::write_failed(error.to_string()))?;
        self.text(schema, &text)
    }

    fn write_document(&mut self, _: &Schema<'_>, _: &Document) -> Result<(), SerdeError> {
        Err(SerdeError::unsupported("awsQuery has no documents"))
    }

    fn write_null(&mut self, _: &Schema<'_>) -> Result<(), SerdeError> {
        Ok(())
    }
}
