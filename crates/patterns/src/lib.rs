//! Event patterns: SNS filter policies, Lambda filter criteria, EventBridge rules.
//!
//! AWS has one language for all three, with other operators and limits in each: a [`Dialect`]. A text is read once into a
//! [`FilterPolicy`]; what is wrong with it is told in AWS's sentences ([`PolicyError`]). A policy is asked about the
//! attributes of a message, without an allocation, or about a [`Document`], which is read once however many policies are
//! asked. What does not match says on which key, and which value was seen: a [`Mismatch`].
//!
//! **How it matches.** An alternative (`$or`) is multiplied out, so a policy is a list of rules of which one must match
//! whole. The keys of a rule form a tree that is walked beside the document: the cost follows the policy, not the document.
//! A dot in a key is a step, in policies and in documents. An array stands for each of its elements, and keys
//! under the same array must match within the same element.
//!
//! **Reading order.** [`dialect`], [`policy`] (the compiled form and how it is asked), [`pattern`] (one condition),
//! [`document`], [`mismatch`], then how a policy is read: [`failure`], `compile`, `operators`, and below them `json` (a
//! reader that knows where it is, as AWS's sentences tell it), `number`, `address`, `wildcard`.
//!
//! **Deviates.** Where a rule asks for the absence of one key and the presence of another under one array, both are asked
//! of the same element; AWS's engine looks for the absent key in the elements that are settled when its turn comes, and turns
//! go by the alphabet.

mod address;
mod compile;
pub mod dialect;
pub mod document;
pub mod failure;
mod json;
pub mod mismatch;
mod number;
mod operators;
pub mod pattern;
pub mod policy;
mod wildcard;

#[cfg(test)]
mod json_tests;
#[cfg(test)]
mod policy_tests;
#[cfg(test)]
mod reference_tests;

pub use dialect::Dialect;
pub use document::Document;
pub use failure::PolicyError;
pub use mismatch::Mismatch;
pub use policy::{Attribute, AttributeKind, FilterPolicy};
