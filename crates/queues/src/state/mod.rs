//! What is stored.

pub mod directory;
mod message_indexes;
mod older;
pub mod queue;
mod tally;

pub use message_indexes::MessageIndexes;
pub use tally::Tally;
