//! What a generated structure is to the protocols.

use aws_smithy_schema::Schema;
use aws_smithy_schema::serde::{SerdeError, SerializableStruct, ShapeDeserializer};
use std::fmt::Debug;

pub use aws_smithy_types::{Blob, DateTime, Document};

/// A map of a model: string keys, in their order, because an answer's order must not depend on chance.
pub type Map<V> = std::collections::BTreeMap<String, V>;

/// A structure (or union) of a model: written by its `SerializableStruct`, read by [`Shape::read`].
///
/// Every member is an `Option`: whether a member was sent decides AWS's answer as often as its value does. A union is
/// a structure of which one member is present.
pub trait Shape: SerializableStruct + Debug + Default + Clone + Send + Sync + 'static {
    /// The schema of this structure.
    fn static_schema() -> &'static Schema<'static>;

    /// Reads the members that are there. Unknown members are skipped; null is absent.
    fn read(from: &mut dyn ShapeDeserializer) -> Result<Self, SerdeError>;
}
