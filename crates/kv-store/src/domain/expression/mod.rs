//! Expressions: `UpdateExpression`, `ConditionExpression`, `FilterExpression`, `KeyConditionExpression` and
//! `ProjectionExpression`.
//!
//! `token` cuts the text, `parser` reads what all grammars share, `condition`, `update` and `projection` read their own.
//! A parse resolves placeholders at once, so what it returns borrows nothing, and `evaluate` and `apply` need only an
//! item. Syntax errors speak first; of all other faults the one that AWS checks first is answered, whatever their
//! order in the text (`parser::Matter`).
//!
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.html>

mod apply;
mod condition;
mod evaluate;
mod fault;
mod key_condition;
mod operand;
mod parser;
mod path;
mod placeholder;
mod projection;
mod reserved;
mod token;
mod update;

pub use apply::Updated;
pub use condition::Condition;
pub use fault::{ExpressionFailure, ExpressionKind, Fault, PlaceholderFailure};
pub use key_condition::{KeyConditions, KeyRange, KeyTerm, KeyTest, RangeFailure};
pub use path::{Path, Step};
pub use placeholder::Placeholders;
pub use projection::Projection;
pub use update::UpdateExpression;
