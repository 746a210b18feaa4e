//! What DynamoDB refuses, in its own sentences. Where nothing else is said a failure is answered as a
//! `ValidationException`.
//!
//! What PutItem, UpdateItem and DeleteItem refuse before they look for the table they say behind `1 validation error
//! detected: `; GetItem and Query say the same bare. See [`Invalid::in_envelope`].

use super::expression::{ExpressionFailure, PlaceholderFailure, RangeFailure};
use super::value::{Item, Kind};
use mesh_attributes::{INVALID, Shown};
use mesh_models::dynamodb;
use mesh_wire::{Failure, failure};
use std::error::Error;
use std::fmt;
use std::sync::Arc;

pub use mesh_attributes::{NumberFailure, SetKind, ValueFailure};

failure! {
    /// A request that is wrong, in AWS's sentence.
    Invalid {
        /// The sentence.
        sentence: String,
    } as dynamodb::ValidationException,
    "{sentence}"
}
failure! {
    /// There is no such table, as operations on items say it.
    NoSuchTable as dynamodb::ResourceNotFoundException,
    "Requested resource not found"
}
failure! {
    /// There is no such table, as operations on tables say it.
    TableNotFound {
        /// The table.
        name: String,
    } as dynamodb::ResourceNotFoundException,
    "Requested resource not found: Table: {name} not found"
}
failure! {
    /// There is a table of this name.
    TableExists {
        /// The table.
        name: String,
    } as dynamodb::ResourceInUseException,
    "Table already exists: {name}"
}
failure! {
    /// The table is protected against deletion.
    DeletionProtected as dynamodb::ValidationException,
    "Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first."
}
failure! {
    /// mesh-local does not serve this yet.
    NotServed {
        /// What: a member of the request, or a value of it.
        what: &'static str,
    } as dynamodb::ValidationException,
    "mesh-local does not serve {what} yet."
}

impl Invalid {
    /// A request that is wrong, in this sentence.
    pub fn new(sentence: impl Into<String>) -> Self {
        Self { sentence: sentence.into() }
    }

    /// Parameter values that are wrong, in these words.
    pub fn values(words: impl fmt::Display) -> Self {
        Self::new(format!("{INVALID}{words}"))
    }

    /// The same behind the words that writes of items put in front.
    #[must_use]
    pub fn in_envelope(self) -> Self {
        Self::new(format!("1 validation error detected: {}", self.sentence))
    }
}

/// Why a key, or an item or an expression with respect to the keys of its table, is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyFailure {
    /// An item lacks a key attribute.
    Missing {
        /// The key attribute.
        name: String,
    },
    /// An item's key attribute is of another type.
    Mismatch {
        /// The key attribute.
        name: String,
        /// What the schema says.
        expected: Kind,
        /// What the item has.
        actual: Kind,
    },
    /// A given key is not exactly the schema's attributes in the schema's types.
    NotTheSchema,
    /// A key attribute is an empty string or empty bytes.
    EmptyValue {
        /// The key attribute.
        name: String,
        /// `S` or `B`.
        kind: Kind,
    },
    /// The same, for a key of an index.
    EmptyIndexValue {
        /// The key attribute.
        name: String,
        /// `S` or `B`.
        kind: Kind,
        /// The index.
        index: String,
    },
    /// A partition key of more than 2048 bytes.
    HashTooLong,
    /// A sort key of more than 1024 bytes.
    RangeTooLong,
    /// An attribute that is a key of an index is of another type.
    IndexMismatch {
        /// The key attribute.
        name: String,
        /// What the index says.
        expected: Kind,
        /// What the item has.
        actual: Kind,
        /// The index.
        index: String,
    },
    /// An update names an attribute of the primary key.
    Immutable {
        /// The key attribute.
        name: String,
    },
    /// An expression looks inside an attribute of the primary key.
    NotScalar {
        /// The key attribute.
        name: String,
    },
    /// An expression looks inside an attribute of an index's key.
    IndexNotScalar {
        /// The key attribute.
        name: String,
    },
    /// The filter of a query looks at an attribute of the key.
    InFilter {
        /// The key attribute.
        name: String,
    },
    /// An update computes a value that cannot be the key of an index.
    IndexKeyUnsupported,
}

impl fmt::Display for KeyFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SCALARS: &str =
            "Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: ";
        const NOT_VALID: &str = "One or more parameter values are not valid. ";
        let empty = |kind: &Kind| if *kind == Kind::B { "binary" } else { "string" };
        match self {
            Self::Missing { name } => write!(f, "{INVALID}Missing the key {name} in the item"),
            Self::Mismatch { name, expected, actual } => {
                write!(f, "{INVALID}Type mismatch for key {name} expected: {expected} actual: {actual}")
            }
            Self::NotTheSchema => f.write_str("The provided key element does not match the schema"),
            Self::EmptyValue { name, kind } => {
                let kind = empty(kind);
                write!(
                    f,
                    "{NOT_VALID}The AttributeValue for a key attribute cannot contain an empty {kind} value. Key: {name}"
                )
            }
            Self::EmptyIndexValue { name, kind, index } => {
                let kind = empty(kind);
                write!(
                    f,
                    "{NOT_VALID}A value specified for a secondary index key is not supported. The AttributeValue for a key attribute cannot contain an empty {kind} value. IndexName: {index}, IndexKey: {name}"
                )
            }
            Self::HashTooLong => {
                write!(f, "{INVALID}Size of hashkey has exceeded the maximum size limit of2048 bytes")
            }
            Self::RangeTooLong => {
                write!(
                    f,
                    "{INVALID}Aggregated size of all range keys has exceeded the size limit of 1024 bytes"
                )
            }
            Self::IndexMismatch { name, expected, actual, index } => write!(
                f,
                "{INVALID}Type mismatch for Index Key {name} Expected: {expected} Actual: {actual} IndexName: {index}"
            ),
            Self::Immutable { name } => {
                write!(f, "{INVALID}Cannot update attribute {name}. This attribute is part of the key")
            }
            Self::NotScalar { name } => write!(f, "{SCALARS}Key: {name}"),
            Self::IndexNotScalar { name } => write!(f, "{SCALARS}IndexKey: {name}"),
            Self::InFilter { name } => write!(
                f,
                "Filter Expression can only contain non-primary key attributes: Primary key attribute: {name}"
            ),
            Self::IndexKeyUnsupported => f.write_str(
                "The update expression attempted to update the secondary index key to unsupported type",
            ),
        }
    }
}

/// Why the key conditions of a query are refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyConditionFailure {
    /// An operator or a function that has no place in a key condition: `OR`, `<>`, `contains`.
    Operator(&'static str),
    /// A function's value is compared.
    Nested,
    /// `BETWEEN` or `begins_with` with something else in front.
    KeyNotFirst(&'static str),
    /// Two attributes in one condition.
    ManyNames,
    /// A document path.
    NestedAttribute,
    /// No attribute in a condition.
    NoName,
    /// Two conditions on one attribute.
    Repeated,
    /// Conditions on more attributes than the key has.
    TooMany {
        /// How many.
        given: usize,
        /// How many attributes the key has.
        defined: usize,
    },
    /// No condition on this key attribute.
    Missed {
        /// The key attribute.
        name: String,
    },
    /// The partition key is not compared with `=`, or there is no sort key to compare.
    Unsupported,
    /// A value of another type than the key's.
    Type,
}

impl fmt::Display for KeyConditionFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const CONDITION: &str = "Invalid condition in KeyConditionExpression: ";
        match self {
            Self::Operator(name) => write!(f, "Invalid operator used in KeyConditionExpression: {name}"),
            Self::Nested => f.write_str("KeyConditionExpressions cannot contain nested operations"),
            Self::KeyNotFirst(name) => {
                write!(f, "{CONDITION}{name} operator must have the key attribute as its first operand")
            }
            Self::ManyNames => write!(f, "{CONDITION}Multiple attribute names used in one condition"),
            Self::NestedAttribute => {
                f.write_str("KeyConditionExpressions cannot have conditions on nested attributes")
            }
            Self::NoName => write!(f, "{CONDITION}No key attribute specified"),
            Self::Repeated => f.write_str(
                "Invalid KeyConditionExpression: KeyConditionExpressions must only contain one condition per key",
            ),
            Self::TooMany { given, defined } => write!(
                f,
                "The number of query conditions ({given}) exceeds the number of key attributes defined in the schema ({defined})"
            ),
            Self::Missed { name } => write!(f, "Query condition missed key schema element: {name}"),
            Self::Unsupported => f.write_str("Query key condition not supported"),
            Self::Type => write!(f, "{INVALID}Condition parameter type does not match schema type"),
        }
    }
}

/// Why an update cannot be done to this item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UpdateFailure {
    /// An operand is not in the item.
    MissingOperand,
    /// What holds the updated path is not there, or is no map or list.
    InvalidPath,
    /// An operand has a type that cannot be worked with.
    OperandType,
    /// A sum is no number that can be kept.
    Number(NumberFailure),
}

impl From<NumberFailure> for UpdateFailure {
    fn from(failure: NumberFailure) -> Self {
        Self::Number(failure)
    }
}

impl fmt::Display for UpdateFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::MissingOperand => {
                "The provided expression refers to an attribute that does not exist in the item"
            }
            Self::InvalidPath => "The document path provided in the update expression is invalid for update",
            Self::OperandType => "An operand in the update expression has an incorrect data type",
            Self::Number(failure) => return failure.fmt(f),
        })
    }
}

/// A condition does not hold. Answered as `ConditionalCheckFailedException`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ConditionFailed {
    /// The item that was found, where the caller wants to see it.
    pub found: Option<Arc<Item>>,
}

impl fmt::Display for ConditionFailed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("The conditional request failed")
    }
}

macro_rules! invalid {
    ($($failure:ty),*) => {$(
        impl Error for $failure {}

        impl Failure for $failure {
            type Shape = dynamodb::ValidationException;
        }

        impl From<$failure> for Invalid {
            fn from(failure: $failure) -> Self {
                Self::new(failure.to_string())
            }
        }
    )*};
}
invalid!(KeyFailure, KeyConditionFailure, UpdateFailure, ExpressionFailure, PlaceholderFailure, RangeFailure);

impl Failure for ConditionFailed {
    type Shape = dynamodb::ConditionalCheckFailedException;

    fn into_shape(self) -> Self::Shape {
        let message = self.to_string();
        dynamodb::ConditionalCheckFailedException { message, item: self.found.map(Shown::from) }
    }
}

impl From<ValueFailure> for Invalid {
    fn from(failure: ValueFailure) -> Self {
        Self::new(failure.to_string())
    }
}
