//! awsJson 1.0 and 1.1.
//!
//! Reader and writer are our own: those of `aws-smithy-json` take a third to a half more time for items of a kilobyte,
//! and their errors do not say what AWS says.

mod number;
pub(super) mod reader;
mod text;
mod writer;

use super::rpc::{self, ErrorBody};
use super::{ReadInput, is_unit};
use crate::schema::prelude;
use crate::schema::serde::{SerdeError, SerializableStruct, ShapeSerializer};
use crate::{ApiError, OperationMeta, Protocol, ServiceMeta};
use bytes::Bytes;
use flate2::Crc;
use http::{HeaderName, HeaderValue};
use mesh_types::RequestId;
use reader::Reader;
use writer::Writer;

static CRC32: HeaderName = HeaderName::from_static("x-amz-crc32");

/// Reads an input. A body without bytes is an input without members.
pub(super) fn decode(operation: &OperationMeta, body: &Bytes, read: ReadInput<'_>) -> Result<(), ApiError> {
    let mut reader = Reader::new(body, operation.service);
    read(&mut reader).map_err(|_| reader.into_error(operation.service))
}

/// Writes an output.
pub(super) fn encode(
    protocol: Protocol,
    service: &ServiceMeta,
    output: &dyn SerializableStruct,
    request_id: RequestId,
) -> Result<http::Response<Bytes>, SerdeError> {
    // AWS's services answer an operation that has no output with no body, though with a content type.
    let body = if is_unit(output) { Vec::new() } else { write(output)? };
    let checksum = checksum(service, &body);
    let mut answer = rpc::answer(200, content_type(protocol), body, request_id);
    add_checksum(checksum, &mut answer);
    Ok(answer)
}

/// Writes an error.
pub(super) fn encode_error(
    protocol: Protocol,
    service: &ServiceMeta,
    error: &ApiError,
    request_id: RequestId,
) -> http::Response<Bytes> {
    let meta = error.meta();
    let qualified;
    let code = match protocol {
        // the code alone, as every service of that version writes it
        Protocol::AwsJson11 => meta.code,
        _ => {
            qualified = rpc::qualified_code(service, meta);
            &qualified
        }
    };
    let body = write(&ErrorBody { code, error }).unwrap_or_default();
    let checksum = checksum(service, &body);
    let mut answer = rpc::answer(meta.status, content_type(protocol), body, request_id);
    rpc::add_query_error(service, meta, &mut answer);
    add_checksum(checksum, &mut answer);
    answer
}

fn write(value: &dyn SerializableStruct) -> Result<Vec<u8>, SerdeError> {
    let mut writer = Writer::new();
    // the schema of no member: the outermost value has no name
    writer.write_struct(&prelude::UNIT, value)?;
    Ok(writer.finish())
}

fn content_type(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::AwsJson11 => "application/x-amz-json-1.1",
        _ => "application/x-amz-json-1.0",
    }
}

/// The checksum of an answer's body, of the services that send one: DynamoDB and its streams. AWS's Go SDK compares.
fn checksum(service: &ServiceMeta, body: &[u8]) -> Option<u32> {
    service.target_prefix.starts_with("DynamoDB").then(|| {
        let mut crc = Crc::new();
        crc.update(body);
        crc.sum()
    })
}

fn add_checksum(checksum: Option<u32>, answer: &mut http::Response<Bytes>) {
    if let Some(checksum) = checksum {
        answer.headers_mut().insert(CRC32.clone(), HeaderValue::from(checksum));
    }
}

#[cfg(test)]
mod tests;
