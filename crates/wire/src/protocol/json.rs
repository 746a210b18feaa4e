//! awsJson 1.0 and 1.1.

use super::ReadInput;
use crate::schema::serde::{SerdeError, SerializableStruct};
use crate::{ApiError, OperationMeta, Protocol, ServiceMeta};
use bytes::Bytes;
use http::request::Parts;
use mesh_types::RequestId;

/// Reads an input.
pub(super) fn decode(operation: &OperationMeta, body: &Bytes, read: ReadInput<'_>) -> Result<(), ApiError> {
    unimplemented!()
}

/// Writes an output.
pub(super) fn encode(
    protocol: Protocol,
    output: &dyn SerializableStruct,
    request_id: RequestId,
) -> Result<http::Response<Bytes>, SerdeError> {
    unimplemented!()
}

/// Writes an error.
pub(super) fn encode_error(
    protocol: Protocol,
    service: &ServiceMeta,
    error: &ApiError,
    request_id: RequestId,
) -> http::Response<Bytes> {
    unimplemented!()
}
