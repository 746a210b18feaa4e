//! What several operations have in common on the wire: members from it to the domain, and descriptions back.

mod configuration;
mod description;
pub(crate) mod event_config;
mod mapping;
pub(crate) mod members;

pub(crate) use configuration::Configuration;
pub(crate) use description::Described;
pub(crate) use event_config::DescribedEventConfig;
pub(crate) use mapping::{DescribedMapping, MappingMembers, unsupported};
pub(crate) use members::refuse;
