//! What is stored.

pub mod directory;
mod groups;
mod message_indexes;
pub mod moves;
mod older;
pub mod queue;
pub mod sent;
mod tally;

pub use groups::Groups;
pub use message_indexes::MessageIndexes;
pub use tally::Tally;
