//! The attributes that a publisher gives to a message.

use super::failure::InvalidAttribute;
use crate::limits::{MAX_ATTRIBUTE_NAME_LENGTH, MAX_ATTRIBUTE_TYPE_LENGTH};
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The attributes of a message, by name.
pub type Attributes = BTreeMap<SmolStr, Attribute>;

/// One attribute of a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attribute {
    /// `String`, `String.Array`, `Number` or `Binary`, with the publisher's own label behind a dot if there is one.
    pub data_type: SmolStr,
    /// The value.
    pub value: AttributeValue,
}

/// The value of an attribute.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum AttributeValue {
    /// Of the types `String`, `String.Array` and `Number`.
    Text(Arc<str>),
    /// Of the type `Binary`.
    Binary(Arc<[u8]>),
}

impl AttributeValue {
    fn len(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Binary(bytes) => bytes.len(),
        }
    }
}

impl Attribute {
    /// An attribute as it was sent, its type known to be there.
    ///
    /// # Errors
    /// A name, a type or a value that no attribute can have.
    pub fn check(
        name: &str,
        data_type: &str,
        text: Option<String>,
        binary: Option<&[u8]>,
    ) -> Result<Self, InvalidAttribute> {
        check_name(name)?;
        if data_type.len() > MAX_ATTRIBUTE_TYPE_LENGTH {
            return Err(wrong(format!(
                "The message attribute '{name}' has a type that is longer than {MAX_ATTRIBUTE_TYPE_LENGTH} bytes."
            )));
        }
        let is_binary = match data_type.split_once('.').map_or(data_type, |(kind, _)| kind) {
            "String" | "Number" => false,
            "Binary" => true,
            _ => {
                return Err(wrong(format!(
                    "The message attribute '{name}' has an invalid message attribute type, the set of supported type \
                     prefixes is Binary, Number, and String."
                )));
            }
        };
        let (is_text_there, is_binary_there) = (text.is_some(), binary.is_some());
        let value = match is_binary {
            true => {
                binary.filter(|bytes| !bytes.is_empty()).map(|bytes| AttributeValue::Binary(bytes.into()))
            }
            false => text.filter(|text| !text.is_empty()).map(|text| AttributeValue::Text(text.into())),
        };
        let Some(value) = value else {
            let (field, is_other) =
                if is_binary { ("Binary", is_text_there) } else { ("String", is_binary_there) };
            return Err(wrong(match is_other {
                true => format!(
                    "The message attribute '{name}' with type '{data_type}' must use field '{field}'."
                ),
                false => format!(
                    "The message attribute '{name}' must contain non-empty message attribute value for message attribute \
                     type '{data_type}'."
                ),
            }));
        };
        if let AttributeValue::Text(text) = &value
            && data_type.starts_with("Number")
            && !text.parse::<f64>().is_ok_and(f64::is_finite)
        {
            return Err(wrong(format!("Could not cast message attribute '{name}' value to number.")));
        }
        Ok(Self { data_type: SmolStr::new(data_type), value })
    }

    /// What it adds to the size of a message, in bytes.
    pub fn size(&self, name: &str) -> usize {
        name.len() + self.data_type.len() + self.value.len()
    }
}

fn check_name(name: &str) -> Result<(), InvalidAttribute> {
    // AWS's sentence is not known; this one is ours.
    if name.is_empty() {
        return Err(wrong("The message attribute name must not be empty.".to_owned()));
    }
    if name.len() > MAX_ATTRIBUTE_NAME_LENGTH {
        return Err(wrong(format!(
            "Length of message attribute name must be less than {MAX_ATTRIBUTE_NAME_LENGTH} bytes."
        )));
    }
    if name.starts_with('.') || name.ends_with('.') {
        let place = if name.starts_with('.') { "starting" } else { "ending" };
        return Err(wrong(format!("Invalid message attribute name {place} with character '.' was found.")));
    }
    let is_name = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    if let Some(other) = name.chars().find(|c| !is_name(c)) {
        return Err(wrong(format!(
            "Invalid non-alphanumeric character '#x{:X}' was found in the message attribute name. Can only include \
             alphanumeric characters, hyphens, underscores, or dots.",
            u32::from(other)
        )));
    }
    if name.contains("..") {
        return Err(wrong("Message attribute name can not have successive '.' character.".to_owned()));
    }
    Ok(())
}

fn wrong(sentence: String) -> InvalidAttribute {
    InvalidAttribute { sentence }
}
