//! The rules of DynamoDB, synchronous and without I/O: attribute values, numbers, keys, expressions, projections.
//!
//! Nothing here knows the wire's shapes. The operations turn the shapes into these values, run the rules inside their
//! transaction, and turn the outcome back.

pub mod draft;
pub mod expression;
pub mod failure;
pub mod key;
#[cfg(test)]
mod literal;
pub mod number;
pub mod projection;
pub mod value;

pub use draft::{Draft, Nesting};
pub use key::{ItemKey, KeyAttribute, KeyKind, KeySchema};
pub use number::Number;
pub use value::{AttributeValue, Binary, Item};
