//! What is stored.

pub mod directory;
pub mod function;
pub mod mappings;
