//! restJson1: JSON bodies with HTTP bindings.

use super::ReadInput;
use crate::schema::serde::{SerdeError, SerializableStruct};
use crate::{ApiError, OperationMeta, Protocol, ServiceMeta};
use bytes::Bytes;
use http::request::Parts;
use mesh_types::RequestId;

/// Reads an input.
pub(super) fn decode(
    operation: &OperationMeta,
    request: &Parts,
    body: &Bytes,
    read: ReadInput<'_>,
) -> Result<(), ApiError> {
    unimplemented!()
}

/// Writes an output.
pub(super) fn encode(
    operation: &OperationMeta,
    output: &dyn SerializableStruct,
    request_id: RequestId,
) -> Result<http::Response<Bytes>, SerdeError> {
    unimplemented!()
}

/// Writes an error.
pub(super) fn encode_error(
    service: &ServiceMeta,
    error: &ApiError,
    request_id: RequestId,
) -> http::Response<Bytes> {
    unimplemented!()
}
