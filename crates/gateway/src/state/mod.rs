//! What is stored.

pub mod directory;
pub mod http;
pub mod rest;
