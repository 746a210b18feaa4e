//! What is wrong with an expression, in AWS's sentences.

use super::super::failure::ValueFailure;
use super::super::value::Kind;
use std::fmt;

/// The parameter an expression came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExpressionKind {
    /// `UpdateExpression`.
    Update,
    /// `ConditionExpression`.
    Condition,
    /// `FilterExpression`.
    Filter,
    /// `KeyConditionExpression`.
    KeyCondition,
    /// `ProjectionExpression`.
    Projection,
}

impl fmt::Display for ExpressionKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Update => "UpdateExpression",
            Self::Condition => "ConditionExpression",
            Self::Filter => "FilterExpression",
            Self::KeyCondition => "KeyConditionExpression",
            Self::Projection => "ProjectionExpression",
        })
    }
}

/// An expression is refused: which, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpressionFailure {
    /// The parameter.
    pub kind: ExpressionKind,
    /// What is wrong with it.
    pub fault: Fault,
}

impl fmt::Display for ExpressionFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Invalid {}: {}", self.kind, self.fault)
    }
}

/// What is wrong with an expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// No text.
    Empty,
    /// More than 4096 bytes.
    TooLong {
        /// How many.
        size: usize,
    },
    /// A token where the grammar has no place for it.
    Syntax {
        /// The token.
        token: String,
        /// It with its neighbours.
        near: String,
    },
    /// More than 300 operators; reading ends at the 301st.
    TooManyOperators,
    /// Parentheses directly within parentheses.
    RedundantParentheses,
    /// No function has this name.
    UnknownFunction(String),
    /// The function has no place in this kind of expression.
    ForeignFunction {
        /// `an update` or `a condition`.
        place: &'static str,
        /// The function.
        name: &'static str,
    },
    /// The function's value has no place here.
    MisusedFunction(&'static str),
    /// A name that only a placeholder can stand for.
    ReservedWord(String),
    /// A `#name` that is not given.
    UndefinedName(String),
    /// A `:value` that is not given.
    UndefinedValue(String),
    /// A path of more than 32 elements.
    PathTooDeep {
        /// How many.
        levels: usize,
    },
    /// An index beyond 2147483647.
    ListIndex(String),
    /// `IN` with more than 100 values to choose from.
    TooManyChoices {
        /// How many.
        count: usize,
    },
    /// A function with too many or too few operands.
    OperandCount {
        /// The function.
        name: &'static str,
        /// How many it got.
        count: usize,
    },
    /// An operand of a type that the operator or function does not take.
    OperandType {
        /// The operator or function.
        name: &'static str,
        /// The type, or the set of all of them for what has none yet.
        kind: &'static str,
    },
    /// A value of a type that `ADD` or `DELETE` does not take.
    ActionType {
        /// `ADD` or `DELETE`.
        action: &'static str,
        /// The type of the value.
        kind: Kind,
    },
    /// A function got something else than the path it needs.
    NeedsPath(&'static str),
    /// `attribute_type` with a type that does not exist.
    UnknownType(String),
    /// Both operands are the same path.
    SameOperands {
        /// The operator or function.
        name: &'static str,
        /// The path.
        path: String,
    },
    /// `BETWEEN` with bounds of two types, as AWS shows them.
    BoundTypes {
        /// The lower bound.
        lower: String,
        /// The upper bound.
        upper: String,
    },
    /// `BETWEEN` with the greater bound first.
    BoundOrder {
        /// The lower bound.
        lower: String,
        /// The upper bound.
        upper: String,
    },
    /// Two paths of which one holds the other.
    Overlap(String, String),
    /// Two paths that take the same value for a list and for a map.
    Conflict(String, String),
    /// A section that comes twice.
    RepeatedSection(&'static str),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const OPERAND_TYPE: &str = "Incorrect operand type for operator or function; operator";
        const REWRITE: &str = "with each other; must remove or rewrite one of these paths";
        const BETWEEN: &str = "The BETWEEN operator requires";
        match self {
            Self::Empty => f.write_str("The expression can not be empty;"),
            Self::TooLong { size } => {
                write!(f, "Expression size has exceeded the maximum allowed size; expression size: {size}")
            }
            Self::Syntax { token, near } => write!(f, "Syntax error; token: \"{token}\", near: \"{near}\""),
            Self::TooManyOperators => {
                f.write_str("The expression contains too many operators; operator count: 301")
            }
            Self::RedundantParentheses => f.write_str("The expression has redundant parentheses;"),
            Self::UnknownFunction(name) => write!(f, "Invalid function name; function: {name}"),
            Self::ForeignFunction { place, name } => {
                write!(f, "The function is not allowed in {place} expression; function: {name}")
            }
            Self::MisusedFunction(name) => {
                write!(
                    f,
                    "The function is not allowed to be used this way in an expression; function: {name}"
                )
            }
            Self::ReservedWord(word) => {
                write!(f, "Attribute name is a reserved keyword; reserved keyword: {word}")
            }
            Self::UndefinedName(name) => write!(
                f,
                "An expression attribute name used in the document path is not defined; attribute name: {name}"
            ),
            Self::UndefinedValue(name) => write!(
                f,
                "An expression attribute value used in expression is not defined; attribute value: {name}"
            ),
            Self::PathTooDeep { levels } => {
                write!(f, "The document path has too many nesting levels; nesting levels: {levels}")
            }
            Self::ListIndex(index) => {
                write!(f, "List index is not within the allowable range; index: [{index}]")
            }
            Self::TooManyChoices { count } => {
                write!(f, "The IN operator is provided with too many operands; number of operands: {count}")
            }
            Self::OperandCount { name, count } => write!(
                f,
                "Incorrect number of operands for operator or function; operator or function: {name}, number of operands: {count}"
            ),
            Self::OperandType { name, kind } => {
                write!(f, "{OPERAND_TYPE} or function: {name}, operand type: {kind}")
            }
            Self::ActionType { action, kind } => {
                write!(f, "{OPERAND_TYPE}: {action}, operand type: {}", long_name(*kind))
            }
            Self::NeedsPath(name) => {
                write!(f, "Operator or function requires a document path; operator or function: {name}")
            }
            Self::UnknownType(name) => write!(
                f,
                "Invalid attribute type name found; type: {name}, valid types: {{B,NULL,SS,BOOL,L,BS,N,NS,S,M}}"
            ),
            Self::SameOperands { name, path } => write!(
                f,
                "The first operand must be distinct from the remaining operands for this operator or function; operator: {name}, first operand: {path}"
            ),
            Self::BoundTypes { lower, upper } => write!(
                f,
                "{BETWEEN} same data type for lower and upper bounds; lower bound operand: AttributeValue: {lower}, upper bound operand: AttributeValue: {upper}"
            ),
            Self::BoundOrder { lower, upper } => write!(
                f,
                "{BETWEEN} upper bound to be greater than or equal to lower bound; lower bound operand: AttributeValue: {lower}, upper bound operand: AttributeValue: {upper}"
            ),
            Self::Overlap(one, two) => {
                write!(f, "Two document paths overlap {REWRITE}; path one: {one}, path two: {two}")
            }
            Self::Conflict(one, two) => {
                write!(f, "Two document paths conflict {REWRITE}; path one: {one}, path two: {two}")
            }
            Self::RepeatedSection(name) => {
                write!(f, "The \"{name}\" section can only be used once in an update expression;")
            }
        }
    }
}

/// The names that AWS gives to types when it speaks of `ADD` and `DELETE`.
fn long_name(kind: Kind) -> &'static str {
    match kind {
        Kind::S => "STRING",
        Kind::N => "NUMBER",
        Kind::B => "BINARY",
        Kind::Bool => "BOOLEAN",
        Kind::Null => "NULL",
        Kind::L => "LIST",
        Kind::M => "MAP",
        Kind::Ss => "STRING_SET",
        Kind::Ns => "NUMBER_SET",
        Kind::Bs => "BINARY_SET",
    }
}

/// What is wrong with `ExpressionAttributeNames` or `ExpressionAttributeValues`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PlaceholderFailure {
    /// Names are given, but none.
    NoNames,
    /// Values are given, but none.
    NoValues,
    /// A name's key is not `#` and letters, digits, underscores.
    NameKey(String),
    /// A value's key is not `:` and letters, digits, underscores.
    ValueKey(String),
    /// A value is wrong in itself.
    Value {
        /// Its key.
        key: String,
        /// What is wrong with it.
        failure: ValueFailure,
    },
    /// Names that no expression uses.
    UnusedNames(Vec<String>),
    /// Values that no expression uses.
    UnusedValues(Vec<String>),
}

impl fmt::Display for PlaceholderFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const NAMES: &str = "ExpressionAttributeNames";
        const VALUES: &str = "ExpressionAttributeValues";
        match self {
            Self::NoNames => write!(f, "{NAMES} must not be empty"),
            Self::NoValues => write!(f, "{VALUES} must not be empty"),
            Self::NameKey(key) => write!(f, "{NAMES} contains invalid key: Syntax error; key: \"{key}\""),
            Self::ValueKey(key) => write!(f, "{VALUES} contains invalid key: Syntax error; key: \"{key}\""),
            Self::Value { key, failure } => {
                write!(f, "{VALUES} contains invalid value: {failure} for key {key}")
            }
            Self::UnusedNames(keys) => {
                write!(f, "Value provided in {NAMES} unused in expressions: keys: {{{}}}", keys.join(", "))
            }
            Self::UnusedValues(keys) => {
                write!(f, "Value provided in {VALUES} unused in expressions: keys: {{{}}}", keys.join(", "))
            }
        }
    }
}
