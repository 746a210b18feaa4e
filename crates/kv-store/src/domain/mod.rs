//! The rules of DynamoDB, synchronous and without I/O: attribute values, numbers, keys, expressions, projections; and
//! what tables do with them.
//!
//! Values and items come from [`mesh_attributes`]. Nothing else here knows the wire's shapes, but for the names of errors. The operations turn the shapes into these values,
//! run the rules inside their transaction, and turn the outcome back.

pub mod capacity;
pub mod definition;
pub mod expression;
pub mod failure;
mod indexes;
pub mod key;
#[cfg(test)]
pub(crate) mod literal;
pub mod name;
pub mod projection;
pub mod query;
pub mod settings;
pub mod table;

pub use mesh_attributes::{AttributeValue, Binary, Item, Number, number, value};

pub use capacity::Consumed;
pub use definition::Definition;
pub use key::{ItemKey, KeyAttribute, KeyKind, KeySchema};
pub use name::{TableAddress, TableName};
pub use query::{Page, Query, Select};
pub use settings::{IndexSettings, TableSettings};
pub use table::{Guard, Written};
