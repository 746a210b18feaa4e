//! What is stored.

pub mod directory;
pub mod event_config;
pub mod function;
pub mod mappings;
