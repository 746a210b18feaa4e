//! rpcv2Cbor, and awsJson 1.1 with CBOR bodies.

mod millis;
mod reader;

use super::rpc::{self, ErrorBody};
use super::{ReadInput, is_unit, malformed};
use crate::schema::codec::{Codec, FinishSerializer};
use crate::schema::prelude;
use crate::schema::serde::{SerdeError, SerializableStruct, ShapeSerializer};
use crate::{ApiError, OperationMeta, Protocol, ServiceMeta};
use aws_smithy_cbor::codec::{CborCodec, CborCodecSettings};
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderName, HeaderValue};
use mesh_types::RequestId;
use std::sync::LazyLock;

static CODEC: LazyLock<CborCodec> =
    LazyLock::new(|| CborCodec::new(CborCodecSettings::default().use_definite_lengths(true)));

static SMITHY_PROTOCOL: HeaderName = HeaderName::from_static("smithy-protocol");

/// Reads an input. A body without bytes is an input without members.
pub(super) fn decode(
    protocol: Protocol,
    operation: &OperationMeta,
    body: &Bytes,
    read: ReadInput<'_>,
) -> Result<(), ApiError> {
    let result = read(&mut reader::Reader::new(body, protocol == Protocol::AwsCbor11));
    // what AWS says of a broken CBOR body, if anything, is not known
    result.map_err(|_| malformed::error(operation.service, String::new()))
}

/// Writes an output.
pub(super) fn encode(
    protocol: Protocol,
    output: &dyn SerializableStruct,
    request_id: RequestId,
) -> Result<http::Response<Bytes>, SerdeError> {
    if protocol == Protocol::RpcV2Cbor && is_unit(output) {
        let mut answer = answer(protocol, 200, Vec::new(), request_id);
        answer.headers_mut().remove(CONTENT_TYPE);
        return Ok(answer);
    }
    Ok(answer(protocol, 200, write(protocol, output)?, request_id))
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
        Protocol::AwsCbor11 => meta.code,
        _ => {
            qualified = rpc::qualified_code(service, meta);
            &qualified
        }
    };
    let body = write(protocol, &ErrorBody { code, error }).unwrap_or_default();
    let mut answer = answer(protocol, meta.status, body, request_id);
    rpc::add_query_error(service, meta, &mut answer);
    answer
}

fn write(protocol: Protocol, value: &dyn SerializableStruct) -> Result<Vec<u8>, SerdeError> {
    let mut serializer = CODEC.create_serializer();
    match protocol {
        Protocol::AwsCbor11 => millis::Writer(&mut serializer).write_struct(&prelude::UNIT, value)?,
        _ => serializer.write_struct(&prelude::UNIT, value)?,
    }
    Ok(serializer.finish())
}

fn answer(protocol: Protocol, status: u16, body: Vec<u8>, request_id: RequestId) -> http::Response<Bytes> {
    if protocol == Protocol::AwsCbor11 {
        return rpc::answer(status, "application/x-amz-cbor-1.1", body, request_id);
    }
    let mut answer = rpc::answer(status, "application/cbor", body, request_id);
    answer.headers_mut().insert(SMITHY_PROTOCOL.clone(), HeaderValue::from_static("rpc-v2-cbor"));
    answer
}

#[cfg(test)]
mod tests;
