//! What is stored.

pub mod roles;
pub mod sessions;
