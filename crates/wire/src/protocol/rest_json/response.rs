//! Where the members of an output or an error go in a restJson1 answer: status, headers, payload, body.

use super::{CODEC, json};
use crate::error::ErrorMembers;
use crate::protocol::text;
use crate::schema::codec::Codec;
use crate::schema::serde::{SerdeError, SerializableStruct, ShapeSerializer};
use crate::schema::{Schema, ShapeId, ShapeType, prelude, shape_id};
use crate::{ApiError, Blob, DateTime, Document, Fault};
use aws_smithy_schema::traits::TimestampFormat;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use mesh_types::RequestId;
use std::cell::RefCell;

/// What of an answer is not its JSON body.
pub(super) struct Head {
    status: StatusCode,
    headers: HeaderMap,
    payload: Option<(Bytes, HeaderValue)>,
    /// Whether a member `Type` went to the body.
    wrote_type: bool,
}

impl Head {
    pub(super) fn new(status: StatusCode) -> Self {
        Self { status, headers: HeaderMap::with_capacity(4), payload: None, wrote_type: false }
    }

    /// The answer, with this JSON body where no member is the payload.
    pub(super) fn answer(mut self, body: Bytes, request_id: RequestId) -> http::Response<Bytes> {
        let (mut body, content_type) =
            self.payload.unwrap_or((body, HeaderValue::from_static("application/json")));
        if matches!(self.status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED) {
            body = Bytes::new();
        }
        if !body.is_empty() {
            self.headers.entry(header::CONTENT_TYPE).or_insert(content_type);
        }
        if let Ok(id) = HeaderValue::from_str(request_id.encode(&mut [0; 36])) {
            self.headers.insert("x-amzn-requestid", id);
        }
        let mut answer = http::Response::new(body);
        *answer.status_mut() = self.status;
        *answer.headers_mut() = self.headers;
        answer
    }

    /// Sets a header. A value that no header can hold is left out.
    fn header(&mut self, name: &str, value: &str) {
        let name = HeaderName::from_bytes(name.as_bytes());
        let value = HeaderValue::from_str(value).or_else(|_| HeaderValue::from_bytes(value.as_bytes()));
        if let (Ok(name), Ok(value)) = (name, value) {
            self.headers.insert(name, value);
        }
    }

    fn payload(&mut self, member: &Schema<'_>, bytes: Bytes, content_type: &'static str) {
        let own = member.media_type().and_then(|media| HeaderValue::from_str(media.value()).ok());
        self.payload = Some((bytes, own.unwrap_or(HeaderValue::from_static(content_type))));
    }
}

/// An output as its JSON body alone; its other members go to the head.
pub(super) struct BodyMembers<'a> {
    pub(super) output: &'a dyn SerializableStruct,
    pub(super) head: &'a RefCell<Head>,
}

impl SerializableStruct for BodyMembers<'_> {
    fn schema(&self) -> &Schema<'_> {
        self.output.schema()
    }

    fn serialize_members(&self, serializer: &mut dyn ShapeSerializer) -> Result<(), SerdeError> {
        self.output.serialize_members(&mut Splitter { body: Some(serializer), head: self.head })
    }
}

/// An error as its JSON body: its sentence, then its members.
pub(super) struct ErrorBody<'a> {
    pub(super) error: &'a ApiError,
    pub(super) head: &'a RefCell<Head>,
}

const MESSAGE_ID: ShapeId<'static> = shape_id!("smithy.api", "String");

impl ErrorBody<'_> {
    /// Lambda's errors have a `Type`: whose fault it is. Known by the schema, and filled where the service did not.
    fn missing_type<'e>(&self, members: &'e dyn ErrorMembers) -> Option<&'e Schema<'e>> {
        let member = members.schema().member_schema("Type")?;
        (member.is_string() && !self.head.borrow().wrote_type).then_some(member)
    }
}

impl SerializableStruct for ErrorBody<'_> {
    fn schema(&self) -> &Schema<'_> {
        &prelude::UNIT
    }

    fn serialize_members(&self, serializer: &mut dyn ShapeSerializer) -> Result<(), SerdeError> {
        let meta = self.error.meta();
        if !self.error.message().is_empty() {
            let message = Schema::new_member(MESSAGE_ID, ShapeType::String, meta.message_member, 0);
            serializer.write_string(&message, self.error.message())?;
        }
        let Some(members) = self.error.members() else { return Ok(()) };
        members.serialize_members(&mut Splitter { body: Some(&mut *serializer), head: self.head })?;
        if let Some(member) = self.missing_type(members) {
            serializer.write_string(member, if meta.fault == Fault::Client { "User" } else { "Service" })?;
        }
        Ok(())
    }
}

/// Sends each member of a structure to the head or to the body.
pub(super) struct Splitter<'a> {
    /// Absent where one member is the whole body.
    pub(super) body: Option<&'a mut dyn ShapeSerializer>,
    pub(super) head: &'a RefCell<Head>,
}

/// What a member is bound to.
enum Target<'s> {
    Header(&'s str),
    Prefix(&'s str),
    Status,
    Payload,
    Body,
}

fn target<'s>(schema: &'s Schema<'_>) -> Target<'s> {
    if let Some(name) = schema.http_header() {
        Target::Header(name.value())
    } else if let Some(prefix) = schema.http_prefix_headers() {
        Target::Prefix(prefix.value())
    } else if schema.http_response_code().is_some() {
        Target::Status
    } else if schema.http_payload().is_some() {
        Target::Payload
    } else {
        Target::Body
    }
}

impl Splitter<'_> {
    fn text(&mut self, schema: &Schema<'_>, value: &str) -> Result<(), SerdeError> {
        match target(schema) {
            Target::Header(name) => self.head.borrow_mut().header(name, value),
            Target::Status => {
                let status = value.parse().ok().and_then(|code| StatusCode::from_u16(code).ok());
                if let Some(status) = status {
                    self.head.borrow_mut().status = status;
                }
            }
            Target::Payload => {
                let bytes = Bytes::copy_from_slice(value.as_bytes());
                self.head.borrow_mut().payload(schema, bytes, "text/plain");
            }
            Target::Prefix(_) | Target::Body => {}
        }
        Ok(())
    }

    /// Writes to the body, or to a payload of its own.
    fn document(
        &mut self,
        schema: &Schema<'_>,
        write: &mut dyn FnMut(&Schema<'_>, &mut dyn ShapeSerializer) -> Result<(), SerdeError>,
    ) -> Result<(), SerdeError> {
        if schema.http_payload().is_some() {
            let mut serializer = CODEC.create_serializer();
            // without the member's name, which the payload does not have
            write(&prelude::DOCUMENT, &mut serializer)?;
            self.head.borrow_mut().payload(schema, Bytes::from(serializer.finish()), "application/json");
            return Ok(());
        }
        self.body.as_deref_mut().map_or(Ok(()), |body| write(schema, body))
    }
}

/// Forwards the scalars of the body as they are, so that numbers stay numbers.
macro_rules! splits {
    ($($write:ident($type:ty) as $text:expr;)*) => {
        $(fn $write(&mut self, schema: &Schema<'_>, value: $type) -> Result<(), SerdeError> {
            match (target(schema), self.body.as_deref_mut()) {
                (Target::Body, Some(body)) => body.$write(schema, value),
                _ => self.text(schema, &$text(value)),
            }
        })*
    };
}

fn number<N: Into<aws_smithy_types::primitive::Encoder>>(value: N) -> String {
    value.into().encode().to_owned()
}

impl ShapeSerializer for Splitter<'_> {
    fn write_struct(
        &mut self,
        schema: &Schema<'_>,
        value: &dyn SerializableStruct,
    ) -> Result<(), SerdeError> {
        if schema.http_payload().is_some() {
            let bytes = json(value.schema(), value)?;
            self.head.borrow_mut().payload(schema, bytes, "application/json");
            return Ok(());
        }
        self.body.as_deref_mut().map_or(Ok(()), |body| body.write_struct(schema, value))
    }

    fn write_list(
        &mut self,
        schema: &Schema<'_>,
        write_elements: &dyn Fn(&mut dyn ShapeSerializer) -> Result<(), SerdeError>,
    ) -> Result<(), SerdeError> {
        let Target::Header(name) = target(schema) else {
            return self.document(schema, &mut |schema, body| body.write_list(schema, write_elements));
        };
        let mut list = HeaderTexts { container: schema, keys: None, written: Vec::new() };
        write_elements(&mut list)?;
        let written: Vec<_> = list.written.into_iter().map(|(_, text)| text).collect();
        self.head.borrow_mut().header(name, &written.join(", "));
        Ok(())
    }

    fn write_map(
        &mut self,
        schema: &Schema<'_>,
        write_entries: &dyn Fn(&mut dyn ShapeSerializer) -> Result<(), SerdeError>,
    ) -> Result<(), SerdeError> {
        let Target::Prefix(prefix) = target(schema) else {
            return self.document(schema, &mut |schema, body| body.write_map(schema, write_entries));
        };
        let mut map = HeaderTexts { container: schema, keys: Some(None), written: Vec::new() };
        write_entries(&mut map)?;
        for (key, text) in map.written {
            self.head.borrow_mut().header(&format!("{prefix}{key}"), &text);
        }
        Ok(())
    }

    splits! {
        write_boolean(bool) as |value: bool| value.to_string();
        write_byte(i8) as |value: i8| value.to_string();
        write_short(i16) as |value: i16| value.to_string();
        write_integer(i32) as |value: i32| value.to_string();
        write_long(i64) as |value: i64| value.to_string();
        write_float(f32) as number;
        write_double(f64) as number;
        write_big_integer(&aws_smithy_types::BigInteger) as |value: &aws_smithy_types::BigInteger| value.as_ref().to_owned();
        write_big_decimal(&aws_smithy_types::BigDecimal) as |value: &aws_smithy_types::BigDecimal| value.as_ref().to_owned();
    }

    fn write_string(&mut self, schema: &Schema<'_>, value: &str) -> Result<(), SerdeError> {
        match (target(schema), self.body.as_deref_mut()) {
            (Target::Body, Some(body)) => {
                self.head.borrow_mut().wrote_type |= schema.member_name() == Some("Type");
                body.write_string(schema, value)
            }
            (Target::Header(_), _) if schema.media_type().is_some() => {
                self.text(schema, &text::encode_blob(value.as_bytes()))
            }
            _ => self.text(schema, value),
        }
    }

    fn write_blob(&mut self, schema: &Schema<'_>, value: Blob) -> Result<(), SerdeError> {
        match (target(schema), self.body.as_deref_mut()) {
            (Target::Body, Some(body)) => body.write_blob(schema, value),
            (Target::Payload, _) => {
                let bytes = Bytes::from(value.into_inner());
                self.head.borrow_mut().payload(schema, bytes, "application/octet-stream");
                Ok(())
            }
            _ => self.text(schema, &text::encode_blob(value.as_ref())),
        }
    }

    fn write_timestamp(&mut self, schema: &Schema<'_>, value: &DateTime) -> Result<(), SerdeError> {
        match (target(schema), self.body.as_deref_mut()) {
            (Target::Body, Some(body)) => body.write_timestamp(schema, value),
            _ => {
                let text = text::encode_timestamp(value, schema, TimestampFormat::HttpDate)?;
                self.text(schema, &text)
            }
        }
    }

    fn write_document(&mut self, schema: &Schema<'_>, value: &Document) -> Result<(), SerdeError> {
        self.document(schema, &mut |schema, body| body.write_document(schema, value))
    }

    fn write_null(&mut self, schema: &Schema<'_>) -> Result<(), SerdeError> {
        match (target(schema), self.body.as_deref_mut()) {
            (Target::Body, Some(body)) => body.write_null(schema),
            _ => Ok(()),
        }
    }
}

/// The elements of a list, or the entries of a map, as texts of headers.
struct HeaderTexts<'a> {
    container: &'a Schema<'a>,
    /// Present in a map: the key whose value is next.
    keys: Option<Option<String>>,
    written: Vec<(String, String)>,
}

impl HeaderTexts<'_> {
    fn text(&mut self, _: &Schema<'_>, value: &str) -> Result<(), SerdeError> {
        match &mut self.keys {
            None => self.written.push((String::new(), value.to_owned())),
            Some(key) => match key.take() {
                None => *key = Some(value.to_owned()),
                Some(key) => self.written.push((key, value.to_owned())),
            },
        }
        Ok(())
    }
}

impl ShapeSerializer for HeaderTexts<'_> {
    text::writes_scalars_as_text!();

    fn write_struct(&mut self, _: &Schema<'_>, _: &dyn SerializableStruct) -> Result<(), SerdeError> {
        Err(SerdeError::unsupported("a header has no structures"))
    }

    fn write_list(
        &mut self,
        _: &Schema<'_>,
        _: &dyn Fn(&mut dyn ShapeSerializer) -> Result<(), SerdeError>,
    ) -> Result<(), SerdeError> {
        Err(SerdeError::unsupported("a header has no nested lists"))
    }

    fn write_map(
        &mut self,
        _: &Schema<'_>,
        _: &dyn Fn(&mut dyn ShapeSerializer) -> Result<(), SerdeError>,
    ) -> Result<(), SerdeError> {
        Err(SerdeError::unsupported("a header has no maps"))
    }

    fn write_string(&mut self, schema: &Schema<'_>, value: &str) -> Result<(), SerdeError> {
        let in_list = self.keys.is_none();
        if in_list && value.contains([',', '"']) {
            let escaped = value.replace('\\', r"\\").replace('"', "\\\"");
            return self.text(schema, &format!("\"{escaped}\""));
        }
        self.text(schema, value)
    }

    fn write_blob(&mut self, schema: &Schema<'_>, value: Blob) -> Result<(), SerdeError> {
        self.text(schema, &text::encode_blob(value.as_ref()))
    }

    fn write_timestamp(&mut self, schema: &Schema<'_>, value: &DateTime) -> Result<(), SerdeError> {
        let detailed = self.container.member().unwrap_or(schema);
        let text = text::encode_timestamp(value, detailed, TimestampFormat::HttpDate)?;
        self.text(schema, &text)
    }

    fn write_document(&mut self, _: &Schema<'_>, _: &Document) -> Result<(), SerdeError> {
        Err(SerdeError::unsupported("a header has no documents"))
    }

    fn write_null(&mut self, _: &Schema<'_>) -> Result<(), SerdeError> {
        if let Some(key) = &mut self.keys {
            *key = None;
        }
        Ok(())
    }
}
