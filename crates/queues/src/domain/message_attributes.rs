//! The attributes that a sender gives to a message.

use super::failure::InvalidParameter;
use crate::limits::{ATTRIBUTE_NAME_LENGTH, MAX_MESSAGE_ATTRIBUTES};
use md5::{Digest, Md5};
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The attributes of a message, by name.
pub type Attributes = BTreeMap<SmolStr, Attribute>;

/// One attribute of a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attribute {
    /// `String`, `Number` or `Binary`, with the sender's own label behind a dot if there is one.
    pub data_type: SmolStr,
    /// The value.
    pub value: AttributeValue,
}

/// The value of an attribute.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum AttributeValue {
    /// Of the types `String` and `Number`.
    Text(Arc<str>),
    /// Of the type `Binary`.
    Binary(Arc<[u8]>),
}

impl AttributeValue {
    fn bytes(&self) -> &[u8] {
        match self {
            Self::Text(text) => text.as_bytes(),
            Self::Binary(bytes) => bytes,
        }
    }
}

impl Attribute {
    /// An attribute as it was sent.
    ///
    /// # Errors
    /// A name, a type or a value that no attribute can have.
    pub fn check(
        name: &str,
        data_type: Option<&str>,
        text: Option<String>,
        binary: Option<&[u8]>,
    ) -> Result<Self, InvalidParameter> {
        check_name(name)?;
        let data_type = data_type.filter(|data_type| !data_type.is_empty());
        let Some(data_type) = data_type else {
            return Err(wrong(format!(
                "The message attribute '{name}' must contain non-empty message attribute type."
            )));
        };
        let value = match data_type.split('.').next() {
            Some("String" | "Number") => {
                text.filter(|text| !text.is_empty()).map(|text| AttributeValue::Text(text.into()))
            }
            Some("Binary") => {
                binary.filter(|bytes| !bytes.is_empty()).map(|bytes| AttributeValue::Binary(bytes.into()))
            }
            _ => {
                return Err(wrong(format!(
                    "The message attribute '{name}' has an invalid message attribute type, the set of supported type \
                     prefixes is Binary, Number, and String."
                )));
            }
        };
        let Some(value) = value else {
            return Err(wrong(format!(
                "The message attribute '{name}' must contain non-empty message attribute value for message attribute \
                 type '{data_type}'."
            )));
        };
        if data_type.starts_with("Number") && !is_number(value.bytes()) {
            return Err(wrong(format!(
                "Can't cast the value of message (user) attribute '{name}' to a number."
            )));
        }
        Ok(Self { data_type: SmolStr::new(data_type), value })
    }

    /// What it adds to the size of a message, in bytes.
    pub fn size(&self, name: &str) -> usize {
        name.len() + self.data_type.len() + self.value.bytes().len()
    }
}

/// More attributes than a message can have are refused.
///
/// # Errors
/// More than [`MAX_MESSAGE_ATTRIBUTES`].
pub(super) fn check_count(count: usize) -> Result<(), InvalidParameter> {
    if count <= MAX_MESSAGE_ATTRIBUTES {
        return Ok(());
    }
    Err(wrong(format!(
        "Number of message attributes [{count}] exceeds the allowed maximum [{MAX_MESSAGE_ATTRIBUTES}]."
    )))
}

/// The MD5 of attributes, as SDKs compute it to check what arrived: over each name, type and value in the order of the
/// names, each with its length before it.
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html>
pub fn digest<'a>(attributes: impl IntoIterator<Item = (&'a SmolStr, &'a Attribute)>) -> [u8; 16] {
    let mut md5 = Md5::new();
    let add = |md5: &mut Md5, bytes: &[u8]| {
        md5.update(u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes());
        md5.update(bytes);
    };
    for (name, attribute) in attributes {
        add(&mut md5, name.as_bytes());
        add(&mut md5, attribute.data_type.as_bytes());
        md5.update([match attribute.value {
            AttributeValue::Text(_) => 1,
            AttributeValue::Binary(_) => 2,
        }]);
        add(&mut md5, attribute.value.bytes());
    }
    md5.finalize().into()
}

fn check_name(name: &str) -> Result<(), InvalidParameter> {
    let is_name = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.');
    if !ATTRIBUTE_NAME_LENGTH.contains(&name.len()) {
        return Err(wrong(format!(
            "Length of message attribute name must be between {} and {}.",
            ATTRIBUTE_NAME_LENGTH.start(),
            ATTRIBUTE_NAME_LENGTH.end()
        )));
    }
    let misplaced_dot = name.starts_with('.') || name.ends_with('.') || name.contains("..");
    if misplaced_dot || !name.bytes().all(is_name) {
        return Err(wrong(format!("The message attribute name '{name}' contains invalid characters.")));
    }
    let lower = name.to_ascii_lowercase();
    if lower.starts_with("aws.") || lower.starts_with("amazon.") {
        return Err(wrong(format!(
            "The message attribute name '{name}' must not start with a reserved prefix."
        )));
    }
    Ok(())
}

/// Digits with an optional sign, fraction and exponent.
fn is_number(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_ok_and(|text| {
        let begins = |c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.');
        text.starts_with(begins) && text.parse::<f64>().is_ok_and(f64::is_finite)
    })
}

fn wrong(sentence: String) -> InvalidParameter {
    InvalidParameter { sentence }
}
