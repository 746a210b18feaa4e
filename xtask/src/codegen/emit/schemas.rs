//! The static schemas: how each member is called and where it travels in each protocol.

use super::{Context, GENERATED, literal};
use crate::codegen::model::{Reference, Shape, XmlNamespace};
use crate::codegen::names;
use anyhow::{Context as _, Result, bail};
use std::fmt::Write;

/// The file of the schemas.
pub(super) fn file(context: &Context<'_>) -> Result<String> {
    let mut out = format!(
        "//! The schemas of {}: how each member is called and where it travels. {GENERATED}\n\n\
         #![allow(unused_imports, reason = \"which of them a model needs is its own affair\")]\n\n\
         use mesh_wire::schema::traits::TimestampFormat;\n\
         use mesh_wire::schema::{{Schema, ShapeId, ShapeType, shape_id}};\n\
         use mesh_wire::shape::{{member, structure, union}};\n\n",
        context.name
    );
    for name in &context.pruned.containers {
        out.push_str(&container(context, name)?);
    }
    for (name, shape) in context.pruned.structures.iter().chain(&context.pruned.errors) {
        out.push_str(&structure(context, name, shape).with_context(|| format!("shape {name}"))?);
    }
    Ok(out)
}

/// The schemas of a list's elements, or of a map's keys and values. The list and the map themselves are members.
fn container(context: &Context<'_>, name: &str) -> Result<String> {
    let shape = context.model.shape(name)?;
    let constant = names::constant(name);
    let parts = [
        ("member", "ELEMENT_OF", &shape.member),
        ("key", "KEY_OF", &shape.key),
        ("value", "VALUE_OF", &shape.value),
    ];
    let mut out = String::new();
    for (index, (part, prefix, reference)) in parts.into_iter().enumerate() {
        let Some(reference) = reference else { continue };
        let of = shape_id(context, name);
        let schema = member(context, &of, part, index.saturating_sub(1), reference, Use::Element)?;
        let _ = writeln!(out, "static {prefix}_{constant}: Schema<'static> = {schema};\n");
    }
    Ok(out)
}

fn structure(context: &Context<'_>, name: &str, shape: &Shape) -> Result<String> {
    let constant = names::constant(name);
    let mut members = String::new();
    for (index, (member_name, reference)) in shape.members.iter().enumerate() {
        let payload = shape.payload.as_ref() == Some(member_name);
        let place = if payload { Use::Payload } else { Use::Member };
        let schema = member(context, "OF", member_name, index, reference, place)
            .with_context(|| format!("member {member_name}"))?;
        let _ = writeln!(members, "{schema},");
    }
    let id = shape_id(context, name);
    let mut traits = String::new();
    if let Some(namespace) = &shape.xml_namespace {
        traits.push_str(&xml_namespace(namespace));
    }
    if shape.sensitive {
        traits.push_str(".with_sensitive()");
    }
    let maker = if shape.union { "union" } else { "structure" };
    let count = shape.members.0.len();
    if count == 0 {
        return Ok(format!(
            "pub(super) static {constant}: Schema<'static> = {maker}({id}, &[]){traits};\n\n"
        ));
    }
    Ok(format!(
        "pub(super) static MEMBERS_OF_{constant}: [Schema<'static>; {count}] = {{
            const OF: ShapeId<'static> = {id};
            [{members}]
        }};
        static REFERENCES_OF_{constant}: [&Schema<'static>; {count}] = MEMBERS_OF_{constant}.each_ref();
        pub(super) static {constant}: Schema<'static> = {maker}({id}, &REFERENCES_OF_{constant}){traits};\n\n"
    ))
}

fn shape_id(context: &Context<'_>, name: &str) -> String {
    format!("shape_id!(\"com.amazonaws.{}\", {})", context.name, literal(name))
}

/// What a schema describes.
#[derive(Clone, Copy, PartialEq)]
enum Use {
    Member,
    /// The member that is the HTTP body.
    Payload,
    /// An element, key or value.
    Element,
}

fn member(
    context: &Context<'_>,
    of: &str,
    name: &str,
    index: usize,
    reference: &Reference,
    place: Use,
) -> Result<String> {
    let shape = context.model.target(reference)?;
    let kind = shape_type(shape)?;
    let mut out = format!("member({of}, {}, ShapeType::{kind}, {index})", literal(name));
    match shape.kind.as_str() {
        "list" => {
            let _ = write!(out, ".with_list_member(&ELEMENT_OF_{})", names::constant(&reference.shape));
        }
        "map" => {
            let container = names::constant(&reference.shape);
            let _ = write!(out, ".with_map_members(&KEY_OF_{container}, &VALUE_OF_{container})");
        }
        _ => {}
    }
    if context.is_sensitive(reference)? {
        out.push_str(".with_sensitive()");
    }
    out.push_str(&bindings(context, name, reference, place)?);
    if place == Use::Payload {
        out.push_str(".with_http_payload()");
    }
    if let Some(format) = reference.timestamp_format.as_ref().or(shape.timestamp_format.as_ref()) {
        let _ = write!(out, ".with_timestamp_format(TimestampFormat::{})", timestamp_format(format)?);
    }
    if reference.flattened || shape.flattened {
        out.push_str(".with_xml_flattened()");
    }
    if reference.xml_attribute {
        out.push_str(".with_xml_attribute()");
    }
    if let Some(namespace) = reference.xml_namespace.as_ref().or(shape.xml_namespace.as_ref()) {
        out.push_str(&xml_namespace(namespace));
    }
    if reference.jsonvalue {
        out.push_str(".with_media_type(\"application/json\")");
    }
    if reference.host_label {
        out.push_str(".with_host_label()");
    }
    if reference.streaming || shape.streaming {
        out.push_str(".with_streaming()");
    }
    Ok(out)
}

/// Names and places on the wire.
fn bindings(context: &Context<'_>, name: &str, reference: &Reference, place: Use) -> Result<String> {
    let location_name = reference.location_name.as_deref();
    let given = location_name.unwrap_or(name);
    let mut out = match reference.location.as_deref() {
        // the path's label is the member's own name: routes are rewritten so
        Some("uri") => return Ok(".with_http_label()".to_owned()),
        Some("header") => format!(".with_http_header({})", literal(given)),
        Some("headers") => {
            format!(".with_http_prefix_headers({})", literal(location_name.unwrap_or_default()))
        }
        Some("statusCode") => return Ok(".with_http_response_code()".to_owned()),
        Some("querystring") if context.model.target(reference)?.kind == "map" => {
            ".with_http_query_params()".to_owned()
        }
        Some("querystring") => format!(".with_http_query({})", literal(given)),
        Some(other) => bail!("location {other} is not known"),
        None => String::new(),
    };
    if reference.location.is_some() {
        return Ok(out);
    }
    let speaks_json = context.model.metadata.protocol.contains("json");
    let json_name = location_name.filter(|renamed| speaks_json && place != Use::Element && *renamed != name);
    if let Some(json_name) = json_name {
        let _ = write!(out, ".with_json_name({})", literal(json_name));
    }
    let xml_name = reference.xml_name.as_deref().or(location_name.filter(|_| !speaks_json));
    if let Some(xml_name) = xml_name.filter(|xml_name| *xml_name != name) {
        let _ = write!(out, ".with_xml_name({})", literal(xml_name));
    }
    Ok(out)
}

fn shape_type(shape: &Shape) -> Result<&'static str> {
    Ok(match shape.kind.as_str() {
        "structure" if shape.document => "Document",
        "structure" if shape.union => "Union",
        "structure" => "Structure",
        "list" => "List",
        "map" => "Map",
        "string" | "character" => "String",
        "blob" => "Blob",
        "boolean" => "Boolean",
        "integer" => "Integer",
        "long" => "Long",
        "float" => "Float",
        "double" => "Double",
        "timestamp" => "Timestamp",
        other => bail!("shapes of type {other} are not generated yet"),
    })
}

fn timestamp_format(format: &str) -> Result<&'static str> {
    Ok(match format {
        "iso8601" => "DateTime",
        "unixTimestamp" => "EpochSeconds",
        "rfc822" => "HttpDate",
        other => bail!("timestamp format {other} is not known"),
    })
}

fn xml_namespace(namespace: &XmlNamespace) -> String {
    let (uri, prefix) = match namespace {
        XmlNamespace::Plain(uri) => (uri, None),
        XmlNamespace::Full { uri, prefix } => (uri, prefix.as_deref()),
    };
    format!(".with_xml_namespace({}, {})", literal(uri), super::optional_literal(prefix))
}
