//! AWS's protocols, by schema: what turns the bytes of a request into an operation's input, and its output, or its
//! failure, into the bytes of an answer, in awsJson 1.0 and 1.1, awsQuery, restJson1 and rpcv2Cbor.
//!
//! Read [`shape`] and [`operation`] first: they are what the generated models implement. [`error`] says how an
//! operation fails, [`rules`] how a model's constraints are checked.

pub mod body;
pub mod check;
pub mod error;
pub mod operation;
#[cfg(test)]
mod probe;
pub mod protocol;
pub mod route;
pub mod rules;
pub mod shape;
pub mod sigv4;

pub use aws_smithy_schema as schema;
pub use error::{
    Answers, ApiError, ErrorMeta, ErrorShape, Failure, Fault, InternalFailure, Lists, ServiceUnavailable,
};
pub use mesh_types as types;
pub use operation::{Http, Operation, OperationMeta, Paginator, Protocol, Route, ServiceMeta};
pub use shape::{Blob, DateTime, Document, Map, Shape};
