//! Where the members of an input are in a restJson1 request: path labels, query string, headers, payload, body.

use super::values::{Place, Source, Text};
use crate::OperationMeta;
use crate::protocol::json::reader::Reader;
use crate::protocol::query::pairs;
use crate::route;
use crate::schema::serde::{SerdeError, ShapeDeserializer};
use crate::schema::{Schema, ShapeType};
use bytes::Bytes;
use http::request::Parts;
use std::borrow::Cow;

/// Takes one member's value.
pub(super) type ConsumeMember<'c> =
    &'c mut dyn FnMut(&Schema<'_>, &mut dyn ShapeDeserializer) -> Result<(), SerdeError>;

/// A request and the operation it means.
#[derive(Clone, Copy)]
pub(super) struct Bindings<'a> {
    pub(super) operation: &'a OperationMeta,
    pub(super) request: &'a Parts,
    pub(super) body: &'a Bytes,
}

/// Whether a request carries the member outside its body.
fn is_bound(member: &Schema<'_>) -> bool {
    member.http_label().is_some()
        || member.http_query().is_some()
        || member.http_query_params().is_some()
        || member.http_header().is_some()
        || member.http_prefix_headers().is_some()
}

impl<'a> Bindings<'a> {
    /// Reads all members of the input.
    pub(super) fn read(self, schema: &Schema<'_>, consumer: ConsumeMember<'_>) -> Result<(), SerdeError> {
        let mut has_body_members = false;
        let mut payload = None;
        for member in schema.members() {
            if let Some(name) = member.http_query() {
                self.read_query(member, name.value(), consumer)?;
            } else if let Some(name) = member.http_header() {
                self.read_header(member, name.value(), consumer)?;
            } else if member.http_payload().is_some() {
                payload = Some(*member);
            } else if member.http_query_params().is_some() {
                self.read_query_params(member, consumer)?;
            } else if let Some(prefix) = member.http_prefix_headers() {
                self.read_prefix_headers(member, prefix.value(), consumer)?;
            } else if member.http_label().is_none() {
                has_body_members = true;
            }
        }
        self.read_labels(schema, consumer)?;
        match payload {
            Some(member) => self.read_payload(member, consumer),
            None if has_body_members => self.read_body(schema, consumer),
            None => Ok(()),
        }
    }

    fn read_labels(self, schema: &Schema<'_>, consumer: ConsumeMember<'_>) -> Result<(), SerdeError> {
        for (name, raw) in route::labels(self.operation.http.path, self.request.uri.path()) {
            let member = schema.members().iter().find(|member| {
                member.http_label().is_some()
                    && (member.member_name() == Some(name)
                        || member.json_name().is_some_and(|json| json.value() == name)
                        || member.xml_name().is_some_and(|xml| xml.value() == name))
            });
            if let Some(member) = member {
                consumer(member, &mut Source::Text(Text::one(route::decode(raw), Place::Uri)))?;
            }
        }
        Ok(())
    }

    fn query(self) -> &'a str {
        self.request.uri.query().unwrap_or_default()
    }

    fn read_query(
        self,
        member: &Schema<'_>,
        name: &str,
        consumer: ConsumeMember<'_>,
    ) -> Result<(), SerdeError> {
        let query = self.query().as_bytes();
        if member.is_list() {
            let all: Vec<_> =
                pairs::pairs(query).filter(|pair| pair.name == name).map(|pair| pair.value).collect();
            return match all.is_empty() {
                true => Ok(()),
                false => consumer(member, &mut Source::Text(Text { values: all, place: Place::Uri })),
            };
        }
        match pairs::find(query, name) {
            Some(text) if member.shape_type() == ShapeType::String || !text.is_empty() => {
                consumer(member, &mut Source::Text(Text::one(text, Place::Uri)))
            }
            _ => Ok(()),
        }
    }

    /// All parameters but the constant ones, those that other members name among them.
    fn read_query_params(self, member: &Schema<'_>, consumer: ConsumeMember<'_>) -> Result<(), SerdeError> {
        let (_, constant) = self.operation.http.path.split_once('?').unwrap_or_default();
        let is_constant = |name: &str| pairs::pairs(constant.as_bytes()).any(|pair| pair.name == name);
        let mut entries: Vec<(String, Text<'_>)> = Vec::new();
        for pair in pairs::pairs(self.query().as_bytes()).filter(|pair| !is_constant(&pair.name)) {
            match entries.iter_mut().find(|(name, _)| *name == pair.name) {
                Some((_, text)) => text.values.push(pair.value),
                None => entries.push((pair.name.into_owned(), Text::one(pair.value, Place::Uri))),
            }
        }
        match entries.is_empty() {
            true => Ok(()),
            false => consumer(member, &mut Source::Entries(entries)),
        }
    }

    fn read_header(
        self,
        member: &Schema<'_>,
        name: &str,
        consumer: ConsumeMember<'_>,
    ) -> Result<(), SerdeError> {
        let mut all = self.request.headers.get_all(name).iter().map(|value| header_text(value.as_bytes()));
        let Some(first) = all.next() else { return Ok(()) };
        let mut values = vec![first];
        if member.is_list() {
            values.extend(all);
        }
        consumer(member, &mut Source::Text(Text { values, place: Place::Header }))
    }

    fn read_prefix_headers(
        self,
        member: &Schema<'_>,
        prefix: &str,
        consumer: ConsumeMember<'_>,
    ) -> Result<(), SerdeError> {
        let mut entries = Vec::new();
        for (name, value) in &self.request.headers {
            let name = name.as_str();
            if name.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix)) {
                let text = Text::one(header_text(value.as_bytes()), Place::Header);
                entries.push((name[prefix.len()..].to_owned(), text));
            }
        }
        match entries.is_empty() {
            true => Ok(()),
            false => consumer(member, &mut Source::Entries(entries)),
        }
    }

    fn read_payload(self, member: &Schema<'_>, consumer: ConsumeMember<'_>) -> Result<(), SerdeError> {
        if self.body.is_empty() {
            return Ok(());
        }
        match member.shape_type() {
            ShapeType::Blob => consumer(member, &mut Source::Bytes(self.body)),
            ShapeType::String => {
                let text = String::from_utf8_lossy(self.body);
                consumer(member, &mut Source::Text(Text::one(text, Place::Payload)))
            }
            _ => {
                let mut body = Reader::with_json_names(self.body, self.operation.service);
                let read = consumer(member, &mut body).and_then(|()| body.expect_end());
                read.map_err(|_| SerdeError::invalid_input(body.into_sentence()))
            }
        }
    }

    fn read_body(self, schema: &Schema<'_>, consumer: ConsumeMember<'_>) -> Result<(), SerdeError> {
        if self.body.trim_ascii().is_empty() {
            return Ok(());
        }
        let mut body = Reader::with_json_names(self.body, self.operation.service);
        let read = body.read_struct(schema, &mut |member, value| {
            // what is bound elsewhere has no second spelling in the body
            if is_bound(member) { value.skip_value() } else { consumer(member, value) }
        });
        read.map_err(|_| SerdeError::invalid_input(body.into_sentence()))
    }
}

/// A header's value: UTF-8 where it is, else the bytes of Latin-1.
fn header_text(bytes: &[u8]) -> Cow<'_, str> {
    std::str::from_utf8(bytes)
        .map_or_else(|_| Cow::Owned(bytes.iter().map(|byte| char::from(*byte)).collect()), Cow::Borrowed)
}
