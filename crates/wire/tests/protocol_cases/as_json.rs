//! Values from the JSON in which the cases give them, and back into JSON, in one canonical form, to be compared.

use crate::model::{Member, Structure, Target};
use crate::value::{Record, Value};
use aws_smithy_types::Number;
use mesh_wire::{Blob, DateTime, Document};
use serde_json::{Map, Value as Json, json};

/// A structure as a case gives it. Members that are null are absent.
pub(crate) fn record(structure: &'static Structure, json: &Json) -> Record {
    let mut record = Record::empty(structure);
    for (index, member) in structure.members.iter().enumerate() {
        let given = member.schema.member_name().map_or(&Json::Null, |name| &json[name]);
        record.members[index] = match &member.target {
            Target::Document => {
                json.get(member.schema.member_name().unwrap_or_default()).map(|it| value(member, it))
            }
            _ if given.is_null() => None,
            _ => Some(value(member, given)),
        };
    }
    record
}

#[expect(clippy::cast_possible_truncation, reason = "single precision is what the shape holds")]
fn value(member: &Member, json: &Json) -> Value {
    let text = || json.as_str().unwrap_or_else(|| panic!("{json} is no string")).to_owned();
    match &member.target {
        Target::Document => Value::Document(document(json)),
        _ if json.is_null() => Value::Null,
        Target::Structure(model, name) => Value::Structure(record(model.structure(name), json)),
        Target::List(element) => {
            let all = json.as_array().unwrap_or_else(|| panic!("{json} is no list"));
            Value::List(all.iter().map(|json| value(element, json)).collect())
        }
        Target::Map { value: element, .. } => {
            let all = json.as_object().unwrap_or_else(|| panic!("{json} is no map"));
            Value::Map(all.iter().map(|(name, json)| (name.clone(), value(element, json))).collect())
        }
        Target::Boolean => Value::Boolean(json.as_bool().unwrap_or_else(|| panic!("{json} is no boolean"))),
        Target::Integer | Target::Long => {
            Value::Integer(json.as_i64().unwrap_or_else(|| panic!("{json} is no integer")))
        }
        Target::Float => Value::Float(f64::from(float(json) as f32)),
        Target::Double => Value::Float(float(json)),
        Target::Text => Value::Text(text()),
        Target::Blob => Value::Blob(Blob::new(text())),
        // no case is finer than a millisecond, which a float of this size cannot hold exactly
        Target::Timestamp => Value::Timestamp(DateTime::from_millis((float(json) * 1e3).round() as i64)),
    }
}

/// A number, or one of the three that JSON has no numbers for.
fn float(json: &Json) -> f64 {
    match json.as_str() {
        Some(text) => text.parse().unwrap_or_else(|_| panic!("{json} is no number")),
        None => json.as_f64().unwrap_or_else(|| panic!("{json} is no number")),
    }
}

fn document(json: &Json) -> Document {
    match json {
        Json::Null => Document::Null,
        Json::Bool(value) => Document::Bool(*value),
        Json::Number(number) => Document::Number(match (number.as_u64(), number.as_i64()) {
            (Some(value), _) => Number::PosInt(value),
            (None, Some(value)) => Number::NegInt(value),
            (None, None) => Number::Float(float(json)),
        }),
        Json::String(text) => Document::String(text.clone()),
        Json::Array(all) => Document::Array(all.iter().map(document).collect()),
        Json::Object(all) => {
            Document::Object(all.iter().map(|(name, it)| (name.clone(), document(it))).collect())
        }
    }
}

/// The canonical form of a structure.
pub(crate) fn canonical(record: &Record) -> Json {
    let mut all = Map::new();
    for (value, member) in record.members.iter().zip(&record.structure.members) {
        let name = member.schema.member_name().unwrap_or_default();
        all.extend(value.as_ref().map(|value| (name.to_owned(), canonical_value(value, member))));
    }
    Json::Object(all)
}

fn canonical_value(value: &Value, member: &Member) -> Json {
    let element = match &member.target {
        Target::List(element) | Target::Map { value: element, .. } => element,
        _ => member,
    };
    match value {
        Value::Null => Json::Null,
        Value::Boolean(value) => json!(value),
        Value::Integer(value) => json!(value),
        Value::Float(value) if value.is_finite() => json!(value),
        Value::Float(value) => json!(value.to_string()),
        Value::Text(text) => json!(text),
        Value::Blob(blob) => json!(String::from_utf8_lossy(blob.as_ref())),
        Value::Timestamp(moment) => json!(format!("{}.{:09}", moment.secs(), moment.subsec_nanos())),
        Value::Document(document) => canonical_document(document),
        Value::List(all) => all.iter().map(|value| canonical_value(value, element)).collect(),
        Value::Map(all) => {
            all.iter().map(|(name, value)| (name.clone(), canonical_value(value, element))).collect()
        }
        Value::Structure(record) => canonical(record),
    }
}

fn canonical_document(document: &Document) -> Json {
    match document {
        Document::Null => Json::Null,
        Document::Bool(value) => json!(value),
        Document::Number(Number::PosInt(value)) => json!(value),
        Document::Number(Number::NegInt(value)) => json!(value),
        Document::Number(Number::Float(value)) => json!(value),
        Document::String(text) => json!(text),
        Document::Array(all) => all.iter().map(canonical_document).collect(),
        Document::Object(all) => {
            all.iter().map(|(name, value)| (name.clone(), canonical_document(value))).collect()
        }
    }
}
