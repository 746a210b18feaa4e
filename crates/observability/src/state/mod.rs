//! What is stored.

pub mod directory;
pub mod log_group;
