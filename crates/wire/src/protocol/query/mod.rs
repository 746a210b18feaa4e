//! awsQuery: form-encoded requests, XML answers.
//!
//! The pairs of body and query string count alike, so an operation may be called with GET.

pub(super) mod pairs;
mod reader;

use super::{ReadInput, xml};
use crate::schema::serde::{SerdeError, SerializableStruct};
use crate::{ApiError, ErrorMeta, Fault, OperationMeta, ServiceMeta};
use bytes::Bytes;
use http::request::Parts;
use http::{HeaderValue, StatusCode};
use mesh_types::RequestId;
use reader::Reader;
use std::borrow::Cow;

/// A parameter that cannot be what its member is.
static MALFORMED_INPUT: ErrorMeta = ErrorMeta {
    code: "MalformedInput",
    query_code: "MalformedInput",
    namespace: None,
    status: 400,
    fault: Fault::Client,
    message_member: "message",
};

/// The operation that a request names with `Action`, in its query string or its form-encoded body.
pub fn action<'a>(query: &'a str, body: &'a [u8]) -> Option<Cow<'a, str>> {
    parameter(query, body, "Action")
}

/// One top-level parameter: `Version`, say.
pub fn parameter<'a>(query: &'a str, body: &'a [u8], name: &str) -> Option<Cow<'a, str>> {
    pairs::find(query.as_bytes(), name).or_else(|| pairs::find(body, name))
}

/// Reads an input.
pub(super) fn decode(
    _: &OperationMeta,
    request: &Parts,
    body: &Bytes,
    read: ReadInput<'_>,
) -> Result<(), ApiError> {
    let query = request.uri.query().unwrap_or_default();
    let mut pairs = Vec::with_capacity(16);
    pairs.extend(pairs::pairs(body));
    pairs.extend(pairs::pairs(query.as_bytes()));
    read(&mut Reader::new(&mut pairs)).map_err(|error| ApiError::new(&MALFORMED_INPUT, sentence(error)))
}

/// The sentence alone, without the kind of error that its `Display` puts in front.
fn sentence(error: SerdeError) -> String {
    match error {
        SerdeError::InvalidInput { message, .. }
        | SerdeError::TypeMismatch { message, .. }
        | SerdeError::Custom { message, .. } => message,
        other => other.to_string(),
    }
}

/// Writes an output.
pub(super) fn encode(
    operation: &OperationMeta,
    output: &dyn SerializableStruct,
    request_id: RequestId,
) -> Result<http::Response<Bytes>, SerdeError> {
    let mut out = String::with_capacity(512);
    open_root(&mut out, operation.service, &[operation.name, "Response"]);
    match operation.result_wrapper {
        Some(wrapper) => {
            let inside = xml::open(&mut out, wrapper, None);
            xml::members(&mut out, output)?;
            xml::close(&mut out, wrapper, inside);
        }
        None => xml::members(&mut out, output)?,
    }
    out.push_str("<ResponseMetadata>");
    xml::element(&mut out, "RequestId", request_id.encode(&mut [0; 36]));
    out.push_str("</ResponseMetadata></");
    out.push_str(operation.name);
    out.push_str("Response>");
    let status = StatusCode::from_u16(operation.http.success).unwrap_or(StatusCode::OK);
    Ok(answer(status, out, request_id))
}

/// Writes an error.
pub(super) fn encode_error(
    service: &ServiceMeta,
    error: &ApiError,
    request_id: RequestId,
) -> http::Response<Bytes> {
    let meta = error.meta();
    let mut out = String::with_capacity(512);
    open_root(&mut out, service, &["ErrorResponse"]);
    out.push_str("<Error>");
    xml::element(&mut out, "Type", if meta.fault == Fault::Client { "Sender" } else { "Receiver" });
    xml::element(&mut out, "Code", meta.query_code);
    if !error.message().is_empty() {
        xml::element(&mut out, "Message", error.message());
    }
    let length = out.len();
    if error.members().is_some_and(|members| xml::members(&mut out, members).is_err()) {
        out.truncate(length);
    }
    if service.query_error_detail {
        out.push_str("<Detail/>");
    }
    out.push_str("</Error>");
    xml::element(&mut out, "RequestId", request_id.encode(&mut [0; 36]));
    out.push_str("</ErrorResponse>");
    let status = StatusCode::from_u16(meta.status).unwrap_or(StatusCode::BAD_REQUEST);
    answer(status, out, request_id)
}

fn open_root(out: &mut String, service: &ServiceMeta, name: &[&str]) {
    out.push('<');
    name.iter().for_each(|part| out.push_str(part));
    if !service.xml_namespace.is_empty() {
        out.push_str(" xmlns");
        xml::attribute_value(out, service.xml_namespace);
    }
    out.push('>');
}

fn answer(status: StatusCode, body: String, request_id: RequestId) -> http::Response<Bytes> {
    let mut answer = http::Response::new(Bytes::from(body));
    *answer.status_mut() = status;
    let headers = answer.headers_mut();
    headers.insert(http::header::CONTENT_TYPE, HeaderValue::from_static("text/xml"));
    if let Ok(id) = HeaderValue::from_str(request_id.encode(&mut [0; 36])) {
        headers.insert("x-amzn-requestid", id);
    }
    answer
}

#[cfg(test)]
mod tests;
