//! XML written by schema, as awsQuery's answers have it.
//!
//! A writer knows the place it writes to: members of a structure are named by themselves, elements of a list and
//! entries of a map by the list or the map. Attributes are written by a first pass over a structure that has any.

use super::text;
use crate::schema::Schema;
use crate::schema::serde::{SerdeError, SerializableStruct, ShapeSerializer};
use crate::{Blob, DateTime, Document};
use aws_smithy_schema::traits::TimestampFormat;

/// The name of a member in awsQuery and in XML: its own XML name, or, of a flattened list, the name of its elements;
/// else the member's name.
pub(super) fn wire_name<'s>(member: &'s Schema<'_>) -> &'s str {
    if let Some(name) = member.xml_name() {
        return name.value();
    }
    let of_elements = match member.xml_flattened() && member.is_list() {
        true => member.member().and_then(Schema::xml_name),
        false => None,
    };
    of_elements.map_or_else(|| member.member_name().unwrap_or_default(), |name| name.value())
}

/// Appends text with what XML reserves escaped as AWS does it; quotes and carriage returns are escaped everywhere.
pub(super) fn escape(out: &mut String, text: &str) {
    let mut from = 0;
    for (at, byte) in text.bytes().enumerate() {
        let escaped = match byte {
            b'&' => "&amp;",
            b'<' => "&lt;",
            b'>' => "&gt;",
            b'"' => "&quot;",
            b'\r' => "&#xD;",
            b'\t' | b'\n' | 0x20.. => continue,
            _ => "",
        };
        out.push_str(&text[from..at]);
        from = at + 1;
        if escaped.is_empty() {
            // a control character: XML 1.0 cannot have it, so its reference is the most that can be said
            out.push_str(&format!("&#x{byte:X};"));
        } else {
            out.push_str(escaped);
        }
    }
    out.push_str(&text[from..]);
}

/// Appends `<name>text</name>`.
pub(super) fn element(out: &mut String, name: &str, text: &str) {
    let inside = open(out, name, None);
    escape(out, text);
    close(out, name, inside);
}

/// Appends the members of a structure, without an element around them.
pub(super) fn members(out: &mut String, value: &dyn SerializableStruct) -> Result<(), SerdeError> {
    value.serialize_members(&mut XmlWriter { out, place: Place::Struct })
}

/// Opens an element. The position where its content starts goes to [`close`].
pub(super) fn open(out: &mut String, name: &str, schema: Option<&Schema<'_>>) -> usize {
    open_tag(out, name, schema);
    out.push('>');
    out.len()
}

fn open_tag(out: &mut String, name: &str, schema: Option<&Schema<'_>>) {
    out.push('<');
    out.push_str(name);
    if let Some(namespace) = schema.and_then(Schema::xml_namespace) {
        out.push_str(" xmlns");
        if let Some(prefix) = namespace.prefix() {
            out.push(':');
            out.push_str(prefix);
        }
        attribute_value(out, namespace.uri());
    }
}

/// Closes an element; one without content becomes `<name/>`.
pub(super) fn close(out: &mut String, name: &str, inside: usize) {
    if out.len() == inside {
        out.pop();
        out.push_str("/>");
        return;
    }
    out.push_str("</");
    out.push_str(name);
    out.push('>');
}

/// Appends `="text"`.
pub(super) fn attribute_value(out: &mut String, text: &str) {
    out.push_str("=\"");
    escape(out, text);
    out.push('"');
}

/// Writes one structure's members, one list's elements or one map's entries.
struct XmlWriter<'a> {
    out: &'a mut String,
    place: Place<'a>,
}

/// Writes the content of a list or map, by its schema; a flattened one is told the name of its elements.
type Fill<'f> = &'f dyn Fn(&mut String, &Schema<'_>, Option<&str>) -> Result<(), SerdeError>;

/// What the next value is.
enum Place<'a> {
    /// A member, named by its schema.
    Struct,
    /// An attribute of the structure whose tag is open; members that are none are passed over.
    Attributes,
    /// An element of a list.
    List { name: &'a str, element: Option<&'a Schema<'a>> },
    /// A key or a value of a map, in turn.
    Map {
        map: &'a Schema<'a>,
        /// The name of the entries, of a flattened map its own.
        entry: &'a str,
        is_flattened: bool,
        key_written: bool,
    },
}

impl<'a> XmlWriter<'a> {
    /// The name of the next value's element, or nothing where it is to be passed over.
    fn name<'s>(&self, schema: &'s Schema<'_>) -> Option<&'s str>
    where
        'a: 's,
    {
        match self.place {
            Place::Struct => (!schema.xml_attribute()).then(|| wire_name(schema)),
            Place::Attributes => None,
            Place::List { name, .. } => Some(name),
            Place::Map { map, .. } => {
                Some(map.member().and_then(Schema::xml_name).map_or("value", |name| name.value()))
            }
        }
    }

    /// The schema that says most of the next value: callers may pass a plain one for elements.
    fn detailed<'s>(&self, schema: &'s Schema<'s>) -> &'s Schema<'s>
    where
        'a: 's,
    {
        let of_container = match self.place {
            Place::List { element, .. } => element,
            Place::Map { map, .. } => map.member(),
            Place::Struct | Place::Attributes => None,
        };
        of_container.unwrap_or(schema)
    }

    fn after_value(&mut self) {
        if let Place::Map { entry, key_written, .. } = &mut self.place {
            *key_written = false;
            self.out.push_str("</");
            self.out.push_str(entry);
            self.out.push('>');
        }
    }

    fn text(&mut self, schema: &Schema<'_>, value: &str) -> Result<(), SerdeError> {
        match &mut self.place {
            Place::Attributes => {
                if schema.xml_attribute() {
                    self.out.push(' ');
                    self.out.push_str(wire_name(schema));
                    attribute_value(self.out, value);
                }
                return Ok(());
            }
            Place::Map { map, entry, is_flattened, key_written } if !*key_written => {
                *key_written = true;
                open(self.out, entry, is_flattened.then_some(*map));
                let name = map.key().and_then(Schema::xml_name).map_or("key", |name| name.value());
                let inside = open(self.out, name, map.key());
                escape(self.out, value);
                close(self.out, name, inside);
                return Ok(());
            }
            _ => {}
        }
        let Some(name) = self.name(schema) else { return Ok(()) };
        let inside = open(self.out, name, Some(schema));
        escape(self.out, value);
        close(self.out, name, inside);
        self.after_value();
        Ok(())
    }

    /// Writes a list or map: its element, where it is not flattened, around what `fill` writes.
    fn container(&mut self, schema: &Schema<'_>, fill: Fill<'_>) -> Result<(), SerdeError> {
        let Some(name) = self.name(schema) else { return Ok(()) };
        let detailed = self.detailed(schema);
        if matches!(self.place, Place::Struct) && schema.xml_flattened() {
            return fill(self.out, detailed, Some(name));
        }
        let inside = open(self.out, name, Some(schema));
        fill(self.out, detailed, None)?;
        close(self.out, name, inside);
        self.after_value();
        Ok(())
    }
}

impl ShapeSerializer for XmlWriter<'_> {
    fn write_struct(
        &mut self,
        schema: &Schema<'_>,
        value: &dyn SerializableStruct,
    ) -> Result<(), SerdeError> {
        let Some(name) = self.name(schema) else { return Ok(()) };
        open_tag(self.out, name, Some(schema));
        if value.schema().members().iter().any(|member| member.xml_attribute()) {
            value.serialize_members(&mut XmlWriter { out: self.out, place: Place::Attributes })?;
        }
        self.out.push('>');
        let inside = self.out.len();
        members(self.out, value)?;
        close(self.out, name, inside);
        self.after_value();
        Ok(())
    }

    fn write_list(
        &mut self,
        schema: &Schema<'_>,
        write_elements: &dyn Fn(&mut dyn ShapeSerializer) -> Result<(), SerdeError>,
    ) -> Result<(), SerdeError> {
        self.container(schema, &|out, list, flattened| {
            let element = list.member();
            let own = element.and_then(Schema::xml_name).map_or("member", |name| name.value());
            let place = Place::List { name: flattened.unwrap_or(own), element };
            write_elements(&mut XmlWriter { out, place })
        })
    }

    fn write_map(
        &mut self,
        schema: &Schema<'_>,
        write_entries: &dyn Fn(&mut dyn ShapeSerializer) -> Result<(), SerdeError>,
    ) -> Result<(), SerdeError> {
        self.container(schema, &|out, map, flattened| {
            let (entry, is_flattened) = (flattened.unwrap_or("entry"), flattened.is_some());
            let place = Place::Map { map, entry, is_flattened, key_written: false };
            write_entries(&mut XmlWriter { out, place })
        })
    }

    text::writes_scalars_as_text!();

    fn write_string(&mut self, schema: &Schema<'_>, value: &str) -> Result<(), SerdeError> {
        self.text(schema, value)
    }

    fn write_blob(&mut self, schema: &Schema<'_>, value: Blob) -> Result<(), SerdeError> {
        self.text(schema, &text::encode_blob(value.as_ref()))
    }

    fn write_timestamp(&mut self, schema: &Schema<'_>, value: &DateTime) -> Result<(), SerdeError> {
        let text = text::encode_timestamp(value, self.detailed(schema), TimestampFormat::DateTime)?;
        self.text(schema, &text)
    }

    fn write_document(&mut self, _: &Schema<'_>, _: &Document) -> Result<(), SerdeError> {
        Err(SerdeError::unsupported("XML has no documents"))
    }

    fn write_null(&mut self, schema: &Schema<'_>) -> Result<(), SerdeError> {
        // absent in a structure; in a sparse list or map an empty element holds its place
        match self.place {
            Place::Struct | Place::Attributes => Ok(()),
            Place::List { .. } | Place::Map { .. } => self.text(schema, ""),
        }
    }
}
