//! One module per protocol, and what they have in common: a request's bytes become an operation's input, its output or
//! its error becomes an answer.
//!
//! The generic functions ([`decode`], [`encode`]) are thin; the work is done without type parameters, by schema
//! ([`decode_with`], [`encode_with`]), so that the protocols are compiled once and not once per operation.

pub mod cbor;
pub mod json;
mod malformed;
pub mod query;
pub mod rest_json;
mod rpc;
mod text;
mod xml;

use crate::schema::prelude;
use crate::schema::serde::{SerdeError, SerializableStruct, ShapeDeserializer};
use crate::{ApiError, Operation, OperationMeta, Protocol, ServiceMeta, Shape};
use bytes::Bytes;
use http::request::Parts;
use mesh_types::RequestId;

/// Reads an input from a deserializer. Called once, at most.
pub type ReadInput<'a> = &'a mut dyn FnMut(&mut dyn ShapeDeserializer) -> Result<(), SerdeError>;

/// Reads the input of `O` from a request that speaks `protocol`.
///
/// The path in `request` is the API's own: a universe's prefix has been taken off.
///
/// # Errors
/// AWS's answer to a body that does not parse, or to a member of the wrong type, in the service's own words.
pub fn decode<O: Operation>(protocol: Protocol, request: &Parts, body: &Bytes) -> Result<O::Input, ApiError> {
    let mut input = None;
    decode_with(protocol, O::meta(), request, body, &mut |from| {
        input = Some(O::Input::read(from)?);
        Ok(())
    })?;
    Ok(input.unwrap_or_default())
}

/// Writes the output of `O` as an answer in `protocol`.
pub fn encode<O: Operation>(
    protocol: Protocol,
    output: &O::Output,
    request_id: RequestId,
) -> http::Response<Bytes> {
    encode_with(protocol, O::meta(), output, request_id)
}

/// [`decode`] by schema alone.
///
/// # Errors
/// As [`decode`].
pub fn decode_with(
    protocol: Protocol,
    operation: &OperationMeta,
    request: &Parts,
    body: &Bytes,
    read: ReadInput<'_>,
) -> Result<(), ApiError> {
    match protocol {
        Protocol::AwsJson10 | Protocol::AwsJson11 => json::decode(operation, body, read),
        Protocol::RpcV2Cbor | Protocol::AwsCbor11 => cbor::decode(protocol, operation, body, read),
        Protocol::AwsQuery => query::decode(operation, request, body, read),
        Protocol::RestJson1 => rest_json::decode(operation, request, body, read),
    }
}

/// [`encode`] by schema alone. A failure to write is our own defect and is answered as `InternalFailure`.
pub fn encode_with(
    protocol: Protocol,
    operation: &OperationMeta,
    output: &dyn SerializableStruct,
    request_id: RequestId,
) -> http::Response<Bytes> {
    let answer = match protocol {
        Protocol::AwsJson10 | Protocol::AwsJson11 => {
            json::encode(protocol, operation.service, output, request_id)
        }
        Protocol::RpcV2Cbor | Protocol::AwsCbor11 => cbor::encode(protocol, output, request_id),
        Protocol::AwsQuery => query::encode(operation, output, request_id),
        Protocol::RestJson1 => rest_json::encode(operation, output, request_id),
    };
    answer.unwrap_or_else(|error| {
        encode_error(protocol, operation.service, &ApiError::internal(error), request_id)
    })
}

/// Whether this is no output at all, as against an output without members: the first has no body in the protocols that
/// tell them apart.
fn is_unit(output: &dyn SerializableStruct) -> bool {
    output.schema().shape_id().as_str() == prelude::UNIT.shape_id().as_str()
}

/// Writes an error as an answer in `protocol`: body, status, and the headers by which SDKs find its code.
pub fn encode_error(
    protocol: Protocol,
    service: &ServiceMeta,
    error: &ApiError,
    request_id: RequestId,
) -> http::Response<Bytes> {
    match protocol {
        Protocol::AwsJson10 | Protocol::AwsJson11 => json::encode_error(protocol, service, error, request_id),
        Protocol::RpcV2Cbor | Protocol::AwsCbor11 => cbor::encode_error(protocol, service, error, request_id),
        Protocol::AwsQuery => query::encode_error(service, error, request_id),
        Protocol::RestJson1 => rest_json::encode_error(service, error, request_id),
    }
}
