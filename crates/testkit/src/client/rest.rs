//! restJson1: where the members of an input go, and where those of an output come from. What is in the body is sent
//! and shown as it is; the schema is asked for the outermost members alone.

use super::parse_json;
use super::query::ESCAPED;
use crate::json::Json;
use aws_smithy_types::date_time::Format;
use bytes::Bytes;
use http::request::Parts;
use mesh_wire::schema::{Schema, ShapeType};
use mesh_wire::{DateTime, OperationMeta};
use percent_encoding::utf8_percent_encode;

/// The request that asks this. Members may be called by their own names or by those in the body.
pub(super) fn request(meta: &OperationMeta, input: &Json) -> Result<(Parts, Bytes), String> {
    let Json::Object(members) = input else { return Err("an input is an object".to_owned()) };
    let (mut path, constant) = meta.http.path.split_once('?').map_or_else(
        || (meta.http.path.to_owned(), None),
        |(path, query)| (path.to_owned(), Some(query.to_owned())),
    );
    let mut query: Vec<String> = constant.into_iter().collect();
    let (mut body, mut payload) = (Vec::new(), None);
    let mut request = http::Request::builder().method(meta.http.method);
    for (name, value) in members {
        let Some(member) = find(meta.input, name) else {
            // sent all the same: a service must cope with what it does not know
            body.push((name.clone(), value.clone()));
            continue;
        };
        if member.http_label().is_some() {
            path = with_label(&path, member, &text(member, value)?);
        } else if let Some(query_name) = member.http_query() {
            for value in elements(value) {
                query.push(pair(query_name.value(), &text(member, value)?));
            }
        } else if member.http_query_params().is_some() {
            for (name, value) in entries(value) {
                for value in elements(value) {
                    query.push(pair(name, &text(member, value)?));
                }
            }
        } else if let Some(header) = member.http_header() {
            let texts: Result<Vec<_>, _> = elements(value).iter().map(|value| text(member, value)).collect();
            request = request.header(header.value(), texts?.join(", "));
        } else if let Some(prefix) = member.http_prefix_headers() {
            for (name, value) in entries(value) {
                request = request.header(format!("{}{name}", prefix.value()), text(member, value)?);
            }
        } else if member.http_payload().is_some() {
            payload = Some(match value {
                Json::String(text) => text.clone(),
                other => other.to_string(),
            });
        } else {
            body.push((wire_name(member).to_owned(), value.clone()));
        }
    }
    let target = if query.is_empty() { path } else { format!("{path}?{}", query.join("&")) };
    let body =
        payload.unwrap_or_else(|| match body.is_empty() && matches!(meta.http.method, "GET" | "DELETE") {
            true => String::new(),
            false => Json::Object(body).to_string(),
        });
    if !body.is_empty() {
        request = request.header("content-type", "application/json");
    }
    let (head, ()) = request.uri(target).body(()).map_err(|error| error.to_string())?.into_parts();
    Ok((head, Bytes::from(body)))
}

/// The members of an answer: the body's, and those that travel in its head.
pub(super) fn answer(meta: &OperationMeta, answer: &http::Response<Bytes>) -> Result<Option<Json>, String> {
    let payload = meta.output.members().iter().find(|member| member.http_payload().is_some());
    let bytes = answer.body();
    let mut members = match payload {
        Some(_) if bytes.is_empty() => Vec::new(),
        Some(member) => {
            let text = String::from_utf8_lossy(bytes).into_owned();
            let value = parse_json(bytes).unwrap_or(Json::String(text));
            vec![(wire_name(member).to_owned(), value)]
        }
        None if bytes.is_empty() => Vec::new(),
        None => match parse_json(bytes)? {
            Json::Object(members) => members,
            other => return Err(format!("the body is no object but {other}")),
        },
    };
    for member in meta.output.members() {
        if let Some(header) = member.http_header() {
            if let Some(value) = answer.headers().get(header.value()) {
                let text = String::from_utf8_lossy(value.as_bytes()).into_owned();
                members.push((wire_name(member).to_owned(), scalar(member, text)));
            }
        } else if let Some(prefix) = member.http_prefix_headers() {
            let named = answer.headers().iter().filter_map(|(name, value)| {
                let rest = name.as_str().strip_prefix(&prefix.value().to_ascii_lowercase())?;
                Some((rest.to_owned(), Json::String(String::from_utf8_lossy(value.as_bytes()).into_owned())))
            });
            let named: Vec<_> = named.collect();
            if !named.is_empty() {
                members.push((wire_name(member).to_owned(), Json::Object(named)));
            }
        } else if member.http_response_code().is_some() {
            let status = Json::Number(answer.status().as_u16().to_string());
            members.push((wire_name(member).to_owned(), status));
        }
    }
    Ok((!members.is_empty() || !bytes.is_empty()).then_some(Json::Object(members)))
}

fn wire_name<'s>(member: &'s Schema<'_>) -> &'s str {
    member.json_name().map_or_else(|| member.member_name().unwrap_or_default(), |name| name.value())
}

fn find<'s>(schema: &'s Schema<'_>, name: &str) -> Option<&'s Schema<'s>> {
    let is_called = |member: &&&Schema<'_>| member.member_name() == Some(name) || wire_name(member) == name;
    schema.members().iter().find(is_called).copied()
}

/// A path with one of its labels filled.
fn with_label(path: &str, member: &Schema<'_>, value: &str) -> String {
    let names = [
        member.member_name(),
        member.json_name().map(|name| name.value()),
        member.xml_name().map(|name| name.value()),
    ];
    for name in names.into_iter().flatten() {
        let greedy = value.split('/').map(|part| utf8_percent_encode(part, ESCAPED).to_string());
        let greedy = greedy.collect::<Vec<_>>().join("/");
        let filled = path
            .replace(&format!("{{{name}}}"), &utf8_percent_encode(value, ESCAPED).to_string())
            .replace(&format!("{{{name}+}}"), &greedy);
        if filled != path {
            return filled;
        }
    }
    path.to_owned()
}

fn pair(name: &str, value: &str) -> String {
    format!("{}={}", utf8_percent_encode(name, ESCAPED), utf8_percent_encode(value, ESCAPED))
}

/// The elements of an array; anything else is one.
fn elements(value: &Json) -> Vec<&Json> {
    match value {
        Json::Array(elements) => elements.iter().collect(),
        other => vec![other],
    }
}

fn entries(value: &Json) -> &[(String, Json)] {
    match value {
        Json::Object(members) => members,
        _ => &[],
    }
}

/// A scalar as the head of a request has it.
fn text(member: &Schema<'_>, value: &Json) -> Result<String, String> {
    match value {
        Json::Number(number) if member.shape_type() == ShapeType::Timestamp => {
            let seconds: f64 = number.parse().map_err(|_| format!("{number} is no moment"))?;
            let format = if member.http_header().is_some() { Format::HttpDate } else { Format::DateTime };
            DateTime::from_secs_f64(seconds).fmt(format).map_err(|error| error.to_string())
        }
        Json::String(text) | Json::Number(text) => Ok(text.clone()),
        Json::Bool(value) => Ok(value.to_string()),
        other => Err(format!("{other} cannot be sent as {}", member.member_name().unwrap_or_default())),
    }
}

/// A header's text as what the member is.
fn scalar(member: &Schema<'_>, text: String) -> Json {
    match member.shape_type() {
        ShapeType::Boolean => Json::Bool(text == "true"),
        ShapeType::Integer | ShapeType::Long | ShapeType::Short | ShapeType::Byte => Json::Number(text),
        _ => Json::String(text),
    }
}
