//! What comparisons, functions and assignments work on: paths, values, and calls of functions.

use super::super::value::{AttributeValue, Kind};
use super::Path;

/// A function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Function {
    AttributeExists,
    AttributeNotExists,
    AttributeType,
    BeginsWith,
    Contains,
    Size,
    IfNotExists,
    ListAppend,
    Unknown,
}

impl Function {
    /// The function with this name, in this very case.
    pub(super) fn of(name: &str) -> Self {
        match name {
            "attribute_exists" => Self::AttributeExists,
            "attribute_not_exists" => Self::AttributeNotExists,
            "attribute_type" => Self::AttributeType,
            "begins_with" => Self::BeginsWith,
            "contains" => Self::Contains,
            "size" => Self::Size,
            "if_not_exists" => Self::IfNotExists,
            "list_append" => Self::ListAppend,
            _ => Self::Unknown,
        }
    }

    /// Its name.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::AttributeExists => "attribute_exists",
            Self::AttributeNotExists => "attribute_not_exists",
            Self::AttributeType => "attribute_type",
            Self::BeginsWith => "begins_with",
            Self::Contains => "contains",
            Self::Size => "size",
            Self::IfNotExists => "if_not_exists",
            Self::ListAppend => "list_append",
            Self::Unknown => "",
        }
    }

    /// How many operands it takes.
    pub(super) fn operands(self) -> usize {
        match self {
            Self::AttributeExists | Self::AttributeNotExists | Self::Size => 1,
            _ => 2,
        }
    }

    /// Whether it belongs in updates; the others belong in conditions.
    pub(super) fn is_for_updates(self) -> bool {
        matches!(self, Self::IfNotExists | Self::ListAppend)
    }
}

/// What a comparison, a function or an assignment works on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Operand {
    Path(Path),
    Value(AttributeValue),
    Call(Call),
    /// A `:value` that is not given. No expression that has one is ever evaluated.
    Undefined,
}

/// A function and its operands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Call {
    pub(super) function: Function,
    pub(super) operands: Vec<Operand>,
}

impl Operand {
    /// Its type, where the expression alone tells.
    pub(super) fn kind(&self) -> Option<Kind> {
        match self {
            Self::Value(value) => Some(value.kind()),
            Self::Call(call) if call.function == Function::Size => Some(Kind::N),
            _ => None,
        }
    }
}
