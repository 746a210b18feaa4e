//! restJson1: JSON bodies with HTTP bindings.

mod request;
mod response;
mod values;

use super::{ReadInput, is_unit};
use crate::schema::codec::Codec;
use crate::schema::serde::{SerdeError, SerializableStruct, ShapeSerializer};
use crate::{ApiError, ErrorMeta, Fault, OperationMeta, ServiceMeta};
use aws_smithy_json::codec::{JsonCodec, JsonCodecSettings};
use bytes::Bytes;
use http::request::Parts;
use http::{HeaderValue, StatusCode};
use mesh_types::RequestId;
use std::cell::RefCell;
use std::sync::LazyLock;

/// The codec of bodies: members by their JSON names, moments as seconds unless the schema says otherwise.
static CODEC: LazyLock<JsonCodec> = LazyLock::new(|| JsonCodec::new(JsonCodecSettings::default()));

/// A request that is not what its members are.
static SERIALIZATION: ErrorMeta = ErrorMeta {
    code: "SerializationException",
    query_code: "SerializationException",
    namespace: None,
    status: 400,
    fault: Fault::Client,
    message_member: "message",
};

/// Reads an input.
pub(super) fn decode(
    operation: &OperationMeta,
    request: &Parts,
    body: &Bytes,
    read: ReadInput<'_>,
) -> Result<(), ApiError> {
    let mut source = values::Source::Request(request::Bindings { operation, request, body });
    read(&mut source).map_err(|error| {
        let sentence = match error {
            SerdeError::InvalidInput { message, .. }
            | SerdeError::TypeMismatch { message, .. }
            | SerdeError::Custom { message, .. } => message,
            other => other.to_string(),
        };
        ApiError::new(&SERIALIZATION, sentence)
    })
}

/// Writes an output.
pub(super) fn encode(
    operation: &OperationMeta,
    output: &dyn SerializableStruct,
    request_id: RequestId,
) -> Result<http::Response<Bytes>, SerdeError> {
    let status = StatusCode::from_u16(operation.http.success).unwrap_or(StatusCode::OK);
    let head = RefCell::new(response::Head::new(status));
    let schema = output.schema();
    let is_bound = schema.members().iter().any(|member| member.has_http_response_binding());
    let is_payload = schema.members().iter().any(|member| member.http_payload().is_some());
    let body = if is_payload {
        output.serialize_members(&mut response::Splitter { body: None, head: &head })?;
        Bytes::new()
    } else if is_unit(output) {
        Bytes::new()
    } else if is_bound {
        json(schema, &response::BodyMembers { output, head: &head })?
    } else {
        json(schema, output)?
    };
    Ok(head.into_inner().answer(body, request_id))
}

/// One structure as JSON.
fn json(schema: &crate::schema::Schema<'_>, value: &dyn SerializableStruct) -> Result<Bytes, SerdeError> {
    let mut serializer = CODEC.create_serializer();
    serializer.write_struct(schema, value)?;
    Ok(Bytes::from(serializer.finish()))
}

/// Writes an error.
pub(super) fn encode_error(
    _: &ServiceMeta,
    error: &ApiError,
    request_id: RequestId,
) -> http::Response<Bytes> {
    let meta = error.meta();
    let status = StatusCode::from_u16(meta.status).unwrap_or(StatusCode::BAD_REQUEST);
    let head = RefCell::new(response::Head::new(status));
    let members = response::ErrorBody { error, head: &head };
    let body = json(members.schema(), &members).unwrap_or_default();
    let mut answer = head.into_inner().answer(body, request_id);
    if let Ok(code) = HeaderValue::from_str(meta.code) {
        answer.headers_mut().insert("x-amzn-errortype", code);
    }
    answer
}

#[cfg(test)]
mod tests;
