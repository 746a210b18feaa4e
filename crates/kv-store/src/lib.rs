//! (in progress)

pub mod domain;
