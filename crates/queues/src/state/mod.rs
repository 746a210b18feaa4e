//! What is stored.

pub mod directory;
pub mod queue;
