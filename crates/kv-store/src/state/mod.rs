//! What is stored.

pub mod directory;
pub mod table;
