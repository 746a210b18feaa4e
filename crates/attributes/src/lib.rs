//! Attribute values and items of Amazon DynamoDB, on the wire and in the store.
//!
//! A value is read from a request straight into what the store keeps, and written to an answer from what it keeps: no
//! copy stands between them. So these types are the model's types, too, where the generated ones would be: see
//! `overlays/dynamodb.toml`.
//!
//! **Reading order.** [`value`] (values and items), [`number`] (decimals of 38 digits), [`failure`] (what is wrong with
//! them), [`given`] (what callers give: read, and wrong only when it is asked for), [`shown`] (what answers show).

pub mod failure;
pub mod given;
pub mod number;
mod schema;
pub mod shown;
pub mod value;

pub use failure::{INVALID, NumberFailure, SetKind, ValueFailure};
pub use given::Given;
pub use number::Number;
pub use shown::Shown;
pub use value::{AttributeValue, Attributes, Binary, Item, Kind};
