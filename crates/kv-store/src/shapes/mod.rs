//! The wire's shapes: how they become values of the domain, and how those are shown.

pub(crate) mod capacity;
pub(crate) mod description;
pub(crate) mod expressions;
pub(crate) mod values;

pub(crate) use expressions::Expressions;
pub(crate) use values::{read_item, write_item};
