//! The wire's shapes: how they become values of the domain, and how those are shown. Attribute values and items are
//! the same in both.

pub(crate) mod capacity;
pub(crate) mod description;
pub(crate) mod expressions;

pub(crate) use expressions::Expressions;
