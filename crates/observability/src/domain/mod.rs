//! The rules: synchronous, without I/O, told the time and the dice.

mod address;
mod batch;
pub mod failure;
pub mod filter;
mod log_group;
mod page;
mod reading;
mod token;

pub use address::{GroupAddress, arn, name_of};
pub use batch::{Batch, InputEvent, Rejected};
pub use filter::Filter;
pub use log_group::Put;
pub use page::{Cut, Page};
pub use reading::{Direction, Found, Reading, Selection, filter_events, read_stream};
pub use token::{EventToken, event_id, sequence_token};
