//! awsJson 1.0 and 1.1.

use super::rpc::{self, ErrorBody};
use super::{ReadInput, malformed};
use crate::schema::codec::Codec;
use crate::schema::prelude;
use crate::schema::serde::{SerdeError, SerializableStruct, ShapeSerializer};
use crate::{ApiError, OperationMeta, Protocol, ServiceMeta};
use aws_smithy_json::codec::{JsonCodec, JsonCodecSettings};
use bytes::Bytes;
use flate2::Crc;
use http::{HeaderName, HeaderValue};
use mesh_types::RequestId;
use std::sync::LazyLock;

/// Members go by their own names, moments are seconds, and the JSON is JSON: AWS's parser refuses what the grammar
/// does. A whole number may be written with a fraction.
static CODEC: LazyLock<JsonCodec> = LazyLock::new(|| {
    JsonCodec::new(
        JsonCodecSettings::builder()
            .use_json_name(false)
            .enforce_strictness(true)
            .strict_timestamp_formats(true)
            .allow_integral_float_numbers(true)
            .build(),
    )
});

static CRC32: HeaderName = HeaderName::from_static("x-amz-crc32");

/// Reads an input. A body without bytes is an input without members.
pub(super) fn decode(operation: &OperationMeta, body: &Bytes, read: ReadInput<'_>) -> Result<(), ApiError> {
    read(&mut CODEC.create_deserializer(body)).map_err(|_| malformed::error(operation.service, body, read))
}

/// Writes an output.
pub(super) fn encode(
    protocol: Protocol,
    service: &ServiceMeta,
    output: &dyn SerializableStruct,
    request_id: RequestId,
) -> Result<http::Response<Bytes>, SerdeError> {
    let body = write(output)?;
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
    let mut serializer = CODEC.create_serializer();
    // the schema of no member: the outermost value has no name
    serializer.write_struct(&prelude::UNIT, value)?;
    Ok(serializer.finish())
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
