//! What AWS says of a JSON body that does not parse, or that has a value of another type than its member.
//!
//! A body is read up to the first value that does not fit, and that one is worded as the service does. Broken JSON has
//! no sentence at all.
//!
//! Facts: the sentences of DynamoDB and the older ones are those that its public emulators test against AWS itself;
//! the newer ones were measured on Athena, SES and SQS; `class com.amazon.coral...` is also in a recorded answer of
//! API Gateway (2025).

use crate::error::common;
use crate::{ApiError, ServiceMeta};
use std::borrow::Cow;
use std::fmt::Write;

/// The answer to a body that cannot be read, with what is said of it.
pub(super) fn error(service: &ServiceMeta, sentence: String) -> ApiError {
    let meta = if service.query_compatible { &common::SERIALIZATION_QUERY } else { &common::SERIALIZATION };
    ApiError::new(meta, sentence)
}

/// How a service words it: AWS's framework has changed over the years, and DynamoDB has a parser of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wording {
    /// `STRING_VALUE can not be converted to an Integer`
    Tokens,
    /// `class java.lang.String can not be converted to an Integer`
    Classes,
    /// `STRING_VALUE cannot be converted to Integer`
    Dynamo,
}

impl Wording {
    pub(super) fn of(service: &ServiceMeta) -> Self {
        match service.name {
            "dynamodb" | "dynamodbstreams" => Self::Dynamo,
            "kinesis" | "apigateway" => Self::Classes,
            _ => Self::Tokens,
        }
    }
}

/// What stands in the body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Found {
    Text(String),
    Whole,
    Decimal,
    True,
    False,
    List,
    Structure,
}

/// What the model wants there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Expected<'a> {
    Text,
    Integer,
    Long,
    Float,
    Double,
    Boolean,
    Blob,
    Timestamp,
    List,
    Map,
    Structure(&'a str),
}

/// Where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// The member of a structure.
    Member,
    /// An element of a list, or a value of a map.
    Element,
}

/// Why a string is no base64.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum BrokenBase64 {
    Length(usize),
    Character(char),
    LastCharacter,
}

impl BrokenBase64 {
    /// Looks for the fault. `None` where there is none.
    fn find(text: &str) -> Option<Self> {
        if !text.len().is_multiple_of(4) {
            return Some(Self::Length(text.len()));
        }
        let digits = text.strip_suffix("==").or(text.strip_suffix('=')).unwrap_or(text);
        let is_digit = |c: char| c.is_ascii_alphanumeric() || c == '+' || c == '/';
        if let Some(other) = digits.chars().find(|&c| !is_digit(c)) {
            return Some(Self::Character(other));
        }
        // bits that belong to no byte must be zero
        let spare = match digits.len() % 4 {
            2 => "AQgw",
            3 => "AEIMQUYcgkosw048",
            _ => return None,
        };
        (!digits.ends_with(|c| spare.contains(c))).then_some(Self::LastCharacter)
    }
}

/// AWS's sentence for a value that is not what the model wants. `java_type` names the wanted type where it is a
/// structure, a list or a map.
pub(super) fn mismatch(
    wording: Wording,
    found: &Found,
    expected: Expected<'_>,
    place: Place,
    java_type: &str,
) -> String {
    match wording {
        Wording::Dynamo => dynamo_mismatch(found, expected, place, java_type),
        Wording::Tokens | Wording::Classes => framework_mismatch(wording, found, expected),
    }
}

fn framework_mismatch(wording: Wording, found: &Found, expected: Expected<'_>) -> String {
    match (found, expected) {
        (Found::List, _) => return "Start of list found where not expected".to_owned(),
        (Found::Structure, _) => return "Start of structure or map found where not expected.".to_owned(),
        (_, Expected::List) => return "Expected list or null".to_owned(),
        (_, Expected::Map) => return "Expected map or null".to_owned(),
        (_, Expected::Structure(_)) => return "Expected null".to_owned(),
        (Found::Text(text), Expected::Boolean) if wording == Wording::Classes => {
            return format!("'{}' can not be converted to an Boolean", text.to_uppercase());
        }
        (Found::Text(text), Expected::Blob) => {
            let mut sentence = format!("'{text}' can not be converted to a Blob: ");
            append_broken_base64(&mut sentence, text, false);
            return sentence;
        }
        _ => {}
    }
    let value = match wording {
        Wording::Classes => class(found),
        _ => token(found, "NUMBER_VALUE"),
    };
    let wanted = match (expected, wording) {
        (Expected::Timestamp, _) => "milliseconds since epoch",
        (Expected::Blob, _) => "a Blob",
        // the older framework has but one article
        (Expected::Text, Wording::Classes) => "an String",
        (Expected::Text, _) => "a String",
        (Expected::Long, Wording::Classes) => "an Long",
        (Expected::Long, _) => "a Long",
        (Expected::Float, Wording::Classes) => "an Float",
        (Expected::Float, _) => "a Float",
        (Expected::Double, Wording::Classes) => "an Double",
        (Expected::Double, _) => "a Double",
        (Expected::Boolean, Wording::Classes) => "an Boolean",
        (Expected::Boolean, _) => "a Boolean",
        _ => "an Integer",
    };
    format!("{value} can not be converted to {wanted}")
}

fn dynamo_mismatch(found: &Found, expected: Expected<'_>, place: Place, java_type: &str) -> String {
    let is_container = matches!(expected, Expected::List | Expected::Map);
    match (found, expected) {
        (Found::Structure, _) => "Start of structure or map found where not expected".to_owned(),
        (Found::List, Expected::Structure(_)) => format!("Unrecognized collection type class {java_type}"),
        (Found::List, Expected::Map) => {
            format!("Unrecognized collection type java.util.Map<java.lang.String, {java_type}>")
        }
        (Found::List, _) => format!("Unrecognized collection type class {}", java_class(expected)),
        _ if is_container && place == Place::Element => CAST.to_owned(),
        (_, Expected::Structure(_)) if place == Place::Element => {
            "Unexpected value type in payload".to_owned()
        }
        _ if is_container || matches!(expected, Expected::Structure(_)) => "Unexpected field type".to_owned(),
        (Found::Text(_), Expected::Boolean) => "Unexpected token received from parser".to_owned(),
        (Found::Text(text), Expected::Blob) => {
            let mut sentence = String::new();
            append_broken_base64(&mut sentence, text, true);
            sentence
        }
        (_, Expected::Blob) => "only base-64-encoded strings are convertible to bytes".to_owned(),
        _ => {
            let class = java_class(expected);
            let name = class.rsplit('.').next().unwrap_or(class);
            format!("{} cannot be converted to {name}", token(found, "DECIMAL_VALUE"))
        }
    }
}

/// What DynamoDB's parser says of a scalar in the place of a list within a list or map.
const CAST: &str = "class sun.reflect.generics.reflectiveObjects.ParameterizedTypeImpl cannot be cast to class \
java.lang.Class (sun.reflect.generics.reflectiveObjects.ParameterizedTypeImpl and java.lang.Class are in module \
java.base of loader 'bootstrap')";

fn append_broken_base64(sentence: &mut String, text: &str, is_dynamo: bool) {
    // writing to a string does not fail
    let _ = match BrokenBase64::find(text) {
        Some(BrokenBase64::Length(length)) => {
            write!(sentence, "Base64 encoded length is expected a multiple of 4 bytes but found: {length}")
        }
        Some(BrokenBase64::Character(c)) if !(is_dynamo && c == '=') => {
            write!(sentence, "Invalid Base64 character: '{c}'")
        }
        _ => write!(sentence, "Invalid last non-pad Base64 character dectected"),
    };
}

/// The parser's name of a token.
fn token(found: &Found, decimal: &'static str) -> &'static str {
    match found {
        Found::Text(_) => "STRING_VALUE",
        Found::Whole => "NUMBER_VALUE",
        Found::Decimal => decimal,
        Found::True => "TRUE_VALUE",
        Found::False => "FALSE_VALUE",
        Found::List => "START_ARRAY",
        Found::Structure => "START_OBJECT",
    }
}

/// The Java class in which the older framework holds a token's value.
fn class(found: &Found) -> &'static str {
    match found {
        Found::Text(_) => "class java.lang.String",
        Found::True | Found::False => "class java.lang.Boolean",
        _ => "class com.amazon.coral.value.json.numbers.TruncatingBigNumber",
    }
}

/// The Java class that a member is.
fn java_class(expected: Expected<'_>) -> &'static str {
    match expected {
        Expected::Text => "java.lang.String",
        Expected::Integer => "java.lang.Integer",
        Expected::Long => "java.lang.Long",
        Expected::Float => "java.lang.Float",
        Expected::Double => "java.lang.Double",
        Expected::Boolean => "java.lang.Boolean",
        Expected::Blob => "java.nio.ByteBuffer",
        Expected::Timestamp => "java.util.Date",
        Expected::List => "java.util.List",
        Expected::Map => "java.util.Map",
        Expected::Structure(_) => "java.lang.Object",
    }
}

/// The Java type of a wanted value, as generic types are printed.
pub(super) fn java_type<'a>(expected: Expected<'_>, namespace: &str) -> Cow<'a, str> {
    match expected {
        Expected::Structure(name) => Cow::Owned(format!("{namespace}.{name}")),
        other => Cow::Borrowed(java_class(other)),
    }
}

#[cfg(test)]
mod tests;
