//! What is wrong with a value or an item, in DynamoDB's own sentences.

use std::error::Error;
use std::fmt;

/// Why a text is no number, or a sum is none that can be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NumberFailure {
    /// No text at all.
    Empty,
    /// Not the text of a number.
    NotNumeric {
        /// What was sent.
        text: String,
    },
    /// More than 38 significant digits.
    TooManyDigits,
    /// Beyond 9.9...E+125, or a sum that 38 digits cannot hold.
    Overflow,
    /// Nearer to nought than 1E-130.
    Underflow,
}

impl fmt::Display for NumberFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // the colon stands there with nothing behind it
            Self::Empty => f.write_str("The parameter cannot be converted to a numeric value: "),
            Self::NotNumeric { text } => {
                write!(f, "The parameter cannot be converted to a numeric value: {text}")
            }
            Self::TooManyDigits => {
                f.write_str("Attempting to store more than 38 significant digits in a Number")
            }
            Self::Overflow => f.write_str(
                "Number overflow. Attempting to store a number with magnitude larger than supported range",
            ),
            Self::Underflow => f.write_str(
                "Number underflow. Attempting to store a number with magnitude smaller than supported range",
            ),
        }
    }
}

/// Why an attribute value, or a whole item, is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ValueFailure {
    /// None of the datatypes is set.
    NoDatatype,
    /// More than one of them is.
    ManyDatatypes,
    /// `NULL` with anything but true.
    NullNotTrue,
    /// A set without members.
    EmptySet(SetKind),
    /// A set that names a member twice: the members as AWS shows them.
    Duplicates(SetKind, Vec<String>),
    /// A number in it is none.
    Number(NumberFailure),
    /// Lists and maps within each other more than 32 levels deep.
    NestedTooDeep,
    /// An item of more than 400 KB is put.
    ItemTooLarge,
    /// An item grows beyond 400 KB by an update.
    UpdatedItemTooLarge,
}

/// The three kinds of sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SetKind {
    /// `SS`.
    Strings,
    /// `NS`.
    Numbers,
    /// `BS`.
    Binaries,
}

impl From<NumberFailure> for ValueFailure {
    fn from(failure: NumberFailure) -> Self {
        Self::Number(failure)
    }
}

/// What many of the sentences begin with.
pub const INVALID: &str = "One or more parameter values were invalid: ";

impl fmt::Display for ValueFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoDatatype => f.write_str(
                "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes",
            ),
            Self::ManyDatatypes => f.write_str(
                "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes",
            ),
            Self::NullNotTrue => {
                write!(f, "{INVALID}Null attribute value types must have the value of true")
            }
            Self::EmptySet(SetKind::Strings) => write!(f, "{INVALID}An string set  may not be empty"),
            Self::EmptySet(SetKind::Numbers) => write!(f, "{INVALID}An number set  may not be empty"),
            Self::EmptySet(SetKind::Binaries) => write!(f, "{INVALID}Binary sets should not be empty"),
            Self::Duplicates(SetKind::Strings, members) => {
                write!(f, "{INVALID}Input collection [\"{}\"] contains duplicates.", members.join("\", \""))
            }
            Self::Duplicates(SetKind::Numbers, _) => write!(f, "{INVALID}Input collection contains duplicates."),
            Self::Duplicates(SetKind::Binaries, members) => {
                let members = members.join("\",\"");
                write!(f, "{INVALID}Input collection [\"{members}\"]of type BS contains duplicates.")
            }
            Self::Number(failure) => failure.fmt(f),
            Self::NestedTooDeep => f.write_str(
                "Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported limit",
            ),
            Self::ItemTooLarge => f.write_str("Item size has exceeded the maximum allowed size"),
            Self::UpdatedItemTooLarge => {
                f.write_str("Item size to update has exceeded the maximum allowed size")
            }
        }
    }
}

impl Error for NumberFailure {}
impl Error for ValueFailure {}
