//! What sees every call before it runs.

use crate::Context;
use mesh_wire::schema::serde::SerializableStruct;
use mesh_wire::{ApiError, OperationMeta};

/// Sees every decoded call, from outside and from other services, before the model's constraints are checked: audit,
/// authorisation, faults, throttling.
pub trait Interceptor: Send + Sync + 'static {
    /// Lets the call pass or answers in its place.
    ///
    /// # Errors
    /// The answer.
    fn before(
        &self,
        cx: &Context,
        operation: &'static OperationMeta,
        input: &dyn SerializableStruct,
    ) -> Result<(), ApiError>;
}
