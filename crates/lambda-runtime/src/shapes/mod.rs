//! What several operations have in common on the wire: members from it to the domain, and a function's description back.

mod configuration;
mod description;
pub(crate) mod members;

pub(crate) use configuration::Configuration;
pub(crate) use description::Described;
pub(crate) use members::refuse;
