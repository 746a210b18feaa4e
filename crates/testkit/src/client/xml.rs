//! XML answers: a tree of elements, read by schema.

use aws_smithy_types::date_time::Format;
use aws_smithy_types::{BigDecimal, BigInteger};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use mesh_wire::schema::Schema;
use mesh_wire::schema::serde::{SerdeError, ShapeDeserializer};
use mesh_wire::{Blob, DateTime, Document};
use quick_xml::events::Event;
use std::str::FromStr;

/// An element with its text or its children.
#[derive(Debug, Default)]
pub(super) struct Element {
    pub(super) name: String,
    pub(super) text: String,
    pub(super) children: Vec<Element>,
}

impl Element {
    /// The document's root.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, String> {
        let text = std::str::from_utf8(bytes).map_err(|error| error.to_string())?;
        let wrong = |error: &dyn std::fmt::Display| format!("{error} in {text}");
        let mut reader = quick_xml::Reader::from_str(text);
        let mut open = vec![Self::default()];
        let name = |name: quick_xml::name::QName<'_>| {
            let name: &str = name.as_ref();
            name.to_owned()
        };
        loop {
            let event = reader.read_event().map_err(|error| wrong(&error))?;
            match event {
                Event::Start(start) => open.push(Self { name: name(start.name()), ..Self::default() }),
                Event::Empty(start) => {
                    let element = Self { name: name(start.name()), ..Self::default() };
                    open.last_mut().ok_or("no element is open")?.children.push(element);
                }
                Event::End(_) => {
                    let element = open.pop().ok_or("no element is open")?;
                    open.last_mut().ok_or("no element is open")?.children.push(element);
                }
                Event::Text(said) => {
                    open.last_mut().ok_or("no element is open")?.text.push_str(&said);
                }
                Event::GeneralRef(reference) => {
                    let said = match reference.resolve_char_ref().map_err(|error| wrong(&error))? {
                        Some(character) => character.to_string(),
                        None => {
                            let known = quick_xml::escape::resolve_predefined_entity(&reference);
                            known
                                .ok_or_else(|| wrong(&format!("unknown reference {}", &*reference)))?
                                .to_owned()
                        }
                    };
                    open.last_mut().ok_or("no element is open")?.text.push_str(&said);
                }
                Event::Eof => break,
                _ => {}
            }
        }
        let mut document = open.pop().filter(|_| open.is_empty()).ok_or("an element is never closed")?;
        document.children.pop().ok_or_else(|| "no element".to_owned())
    }

    /// The first child of this name.
    pub(super) fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }
}

/// The name of a member in awsQuery.
pub(super) fn wire_name<'s>(member: &'s Schema<'_>) -> &'s str {
    if let Some(name) = member.xml_name() {
        return name.value();
    }
    let of_elements = member.member().filter(|_| member.xml_flattened() && member.is_list());
    let named = of_elements.and_then(Schema::xml_name);
    named.map_or_else(|| member.member_name().unwrap_or_default(), |name| name.value())
}

/// The names of the keys and values of a map.
pub(super) fn entry_names<'s>(map: &'s Schema<'_>) -> (&'s str, &'s str) {
    let key = map.key().and_then(Schema::xml_name).map_or("key", |name| name.value());
    (key, map.member().and_then(Schema::xml_name).map_or("value", |name| name.value()))
}

/// Reads an element, or all the elements of a flattened list or map.
pub(super) struct Reader<'a>(Vec<&'a Element>);

impl<'a> Reader<'a> {
    pub(super) fn of(element: &'a Element) -> Self {
        Self(vec![element])
    }

    fn text(&self) -> &'a str {
        self.0.first().map_or("", |element| &element.text)
    }

    fn number<N: FromStr>(&self) -> Result<N, SerdeError> {
        let text = self.text();
        text.parse().map_err(|_| SerdeError::invalid_input(format!("{text:?} is no number")))
    }

    fn parts(&self, is_flattened: bool) -> Vec<&'a Element> {
        match (is_flattened, self.0.first()) {
            (false, Some(element)) => element.children.iter().collect(),
            _ => self.0.clone(),
        }
    }
}

impl ShapeDeserializer for Reader<'_> {
    fn read_struct(
        &mut self,
        schema: &Schema<'_>,
        consumer: &mut dyn FnMut(&Schema<'_>, &mut dyn ShapeDeserializer) -> Result<(), SerdeError>,
    ) -> Result<(), SerdeError> {
        for member in schema.members() {
            let children = self.0.iter().flat_map(|element| &element.children);
            let found: Vec<_> = children.filter(|child| child.name == wire_name(member)).collect();
            if !found.is_empty() {
                consumer(member, &mut Reader(found))?;
            }
        }
        Ok(())
    }

    fn read_list(
        &mut self,
        schema: &Schema<'_>,
        consumer: &mut dyn FnMut(&mut dyn ShapeDeserializer) -> Result<(), SerdeError>,
    ) -> Result<(), SerdeError> {
        self.parts(schema.xml_flattened())
            .into_iter()
            .try_for_each(|element| consumer(&mut Reader::of(element)))
    }

    fn read_map(
        &mut self,
        schema: &Schema<'_>,
        consumer: &mut dyn FnMut(String, &mut dyn ShapeDeserializer) -> Result<(), SerdeError>,
    ) -> Result<(), SerdeError> {
        let (key, value) = entry_names(schema);
        for entry in self.parts(schema.xml_flattened()) {
            let (Some(key), Some(value)) = (entry.child(key), entry.child(value)) else {
                return Err(SerdeError::invalid_input(format!("{entry:?} is no entry of a map")));
            };
            consumer(key.text.clone(), &mut Reader::of(value))?;
        }
        Ok(())
    }

    fn read_boolean(&mut self, _: &Schema<'_>) -> Result<bool, SerdeError> {
        self.number()
    }

    fn read_byte(&mut self, _: &Schema<'_>) -> Result<i8, SerdeError> {
        self.number()
    }

    fn read_short(&mut self, _: &Schema<'_>) -> Result<i16, SerdeError> {
        self.number()
    }

    fn read_integer(&mut self, _: &Schema<'_>) -> Result<i32, SerdeError> {
        self.number()
    }

    fn read_long(&mut self, _: &Schema<'_>) -> Result<i64, SerdeError> {
        self.number()
    }

    fn read_float(&mut self, _: &Schema<'_>) -> Result<f32, SerdeError> {
        self.number()
    }

    fn read_double(&mut self, _: &Schema<'_>) -> Result<f64, SerdeError> {
        self.number()
    }

    fn read_big_integer(&mut self, _: &Schema<'_>) -> Result<BigInteger, SerdeError> {
        self.number()
    }

    fn read_big_decimal(&mut self, _: &Schema<'_>) -> Result<BigDecimal, SerdeError> {
        self.number()
    }

    fn read_string(&mut self, _: &Schema<'_>) -> Result<String, SerdeError> {
        Ok(self.text().to_owned())
    }

    fn read_blob(&mut self, _: &Schema<'_>) -> Result<Blob, SerdeError> {
        let bytes = BASE64_STANDARD.decode(self.text());
        bytes.map(Blob::new).map_err(|error| SerdeError::invalid_input(error.to_string()))
    }

    fn read_timestamp(&mut self, _: &Schema<'_>) -> Result<DateTime, SerdeError> {
        let moment = DateTime::from_str(self.text(), Format::DateTimeWithOffset);
        moment.map_err(|error| SerdeError::invalid_input(error.to_string()))
    }

    fn read_document(&mut self, _: &Schema<'_>) -> Result<Document, SerdeError> {
        Err(SerdeError::unsupported("XML has no documents"))
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
