//! What the answers of awsJson and of rpcv2Cbor have in common: their head, and what an error says.

use crate::schema::serde::{SerdeError, SerializableStruct, ShapeSerializer};
use crate::schema::{Schema, ShapeId, ShapeType, prelude, shape_id};
use crate::{ApiError, ErrorMeta, Fault, ServiceMeta};
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderName, HeaderValue, Response, StatusCode};
use mesh_types::RequestId;
use std::borrow::Cow;

static REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");
static QUERY_ERROR: HeaderName = HeaderName::from_static("x-amzn-query-error");

/// An answer with its head.
pub(super) fn answer(
    status: u16,
    content_type: &'static str,
    body: Vec<u8>,
    request_id: RequestId,
) -> Response<Bytes> {
    let mut answer = Response::new(Bytes::from(body));
    *answer.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = answer.headers_mut();
    headers.reserve(4);
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    if let Ok(id) = HeaderValue::from_str(request_id.encode(&mut [0; 36])) {
        headers.insert(REQUEST_ID.clone(), id);
    }
    answer
}

/// Adds the header by which clients of a service that was awsQuery once find the code that they know.
pub(super) fn add_query_error(service: &ServiceMeta, meta: &ErrorMeta, answer: &mut Response<Bytes>) {
    if !service.query_compatible {
        return;
    }
    let fault = match meta.fault {
        Fault::Client => "Sender",
        Fault::Server => "Receiver",
    };
    if let Ok(value) = HeaderValue::from_str(&format!("{};{fault}", meta.query_code)) {
        answer.headers_mut().insert(QUERY_ERROR.clone(), value);
    }
}

/// The code with its namespace.
pub(super) fn qualified_code(service: &ServiceMeta, meta: &'static ErrorMeta) -> Cow<'static, str> {
    match meta.namespace.unwrap_or(service.error_namespace) {
        "" => Cow::Borrowed(meta.code),
        namespace => Cow::Owned(format!("{namespace}#{}", meta.code)),
    }
}

/// The members of an error's body: `__type`, the sentence if there is one, and what the model gives it beyond.
pub(super) struct ErrorBody<'a> {
    pub(super) code: &'a str,
    pub(super) error: &'a ApiError,
}

const MEMBER_ID: ShapeId<'static> = shape_id!("smithy.api", "String");
static TYPE: Schema<'static> = Schema::new_member(MEMBER_ID, ShapeType::String, "__type", 0);

impl SerializableStruct for ErrorBody<'_> {
    fn schema(&self) -> &Schema<'_> {
        &prelude::UNIT
    }

    fn serialize_members(&self, to: &mut dyn ShapeSerializer) -> Result<(), SerdeError> {
        to.write_string(&TYPE, self.code)?;
        let sentence = self.error.message();
        if !sentence.is_empty() {
            let name = self.error.meta().message_member;
            to.write_string(&Schema::new_member(MEMBER_ID, ShapeType::String, name, 1), sentence)?;
        }
        self.error.members().map_or(Ok(()), |members| members.serialize_members(to))
    }
}
