//! The plain values of mesh-local: who (account), where (region, ARN), when (timestamp), and which request.
//!
//! Nothing here does I/O, reads a clock or draws randomness. Every other crate depends on this one.

mod access_key;
mod account;
mod arn;
mod hexadecimal;
mod label;
mod need;
mod region;
mod request_id;
mod span;
mod timestamp;

pub use access_key::{IssuedKey, UniverseHandle};
pub use account::{AccountId, InvalidAccountId};
pub use arn::{Arn, InvalidArn};
pub use hexadecimal::hexadecimal;
pub use label::is_label;
pub use need::Need;
pub use region::{InvalidRegion, Region};
pub use request_id::RequestId;
pub use span::{InvalidSpan, Span};
pub use timestamp::Timestamp;
