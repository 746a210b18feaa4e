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
    let id = match shape.is_unit {
        true => "shape_id!(\"smithy.api\", \"Unit\")".to_owned(),
        false => shape_id(context, name),
    };
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
    // a shape's own namespace is for where it is the root
    if let Some(namespace) = &reference.xml_namespace {
        out.push_str(&xml_namespace(namespace));
    }
    let json_value = reference.jsonvalue.then_some("application/json");
    if let Some(media_type) = reference.media_type.as_deref().or(json_value) {
        let _ = write!(out, ".with_media_type({})", literal(media_type));
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
    // said even where it is the member's own: a flattened list without it goes by the name of its elements
    let is_needed = is_flattened_list(context, reference)?;
    if let Some(xml_name) = xml_name.filter(|xml_name| is_needed || *xml_name != name) {
        let _ = write!(out, ".with_xml_name({})", literal(xml_name));
    }
    Ok(out)
}

fn is_flattened_list(context: &Context<'_>, reference: &Reference) -> Result<bool> {
    let shape = context.model.target(reference)?;
    Ok(shape.kind == "list" && (reference.flattened || shape.flattened))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codegen::model::Model;
    use crate::codegen::overlay::Overlay;
    use crate::codegen::prune::prune;
    use crate::codegen::settings::{All, Operations};

    /// The schemas of an operation `Do` with this input, in awsQuery.
    fn schemas(members: &str) -> String {
        let model: Model = serde_json::from_str(&format!(
            r#"{{"metadata": {{"apiVersion": "1", "endpointPrefix": "probe", "protocol": "query",
                              "serviceFullName": "Probe"}},
                "operations": {{"Do": {{"http": {{"method": "POST", "requestUri": "/"}},
                                       "input": {{"shape": "In"}}}}}},
                "shapes": {{
                    "In": {{"type": "structure", "members": {{{members}}}}},
                    "Named": {{"type": "list", "member": {{"shape": "Text", "locationName": "Item"}}}},
                    "Inner": {{"type": "structure", "members": {{}}, "xmlNamespace": "urn:inner"}},
                    "Text": {{"type": "string"}}}}}}"#
        ))
        .expect("a model");
        let overlay = "[service]\nreason = \"r\"\nconstraint_style = \"Coral\"\n";
        let overlay = Overlay::parse(overlay).expect("an overlay");
        let pruned = prune(&model, &Operations::All(All::All)).expect("operations");
        file(&Context { name: "probe", model: &model, pruned: &pruned, overlay: &overlay }).expect("schemas")
    }

    fn member_line<'s>(schemas: &'s str, member: &str) -> &'s str {
        let begin = format!("member(OF, \"{member}\"");
        schemas.lines().find(|line| line.contains(&begin)).expect("the member is there")
    }

    #[test]
    fn a_flattened_list_says_its_own_name_even_where_it_is_the_members() {
        let text = schemas(
            r#""Names": {"shape": "Named", "flattened": true, "locationName": "Names"},
               "Items": {"shape": "Named", "flattened": true},
               "Plain": {"shape": "Named", "locationName": "Plain"}"#,
        );
        assert!(member_line(&text, "Names").contains(".with_xml_name(\"Names\")"), "{text}");
        // named by its elements
        assert!(!member_line(&text, "Items").contains("with_xml_name"), "{text}");
        assert!(!member_line(&text, "Plain").contains("with_xml_name"), "{text}");
        assert!(text.contains(".with_xml_name(\"Item\")"), "{text}");
    }

    #[test]
    fn a_member_has_its_own_namespace_and_not_that_of_its_shape() {
        let text = schemas(
            r#""Own": {"shape": "Inner", "xmlNamespace": {"uri": "urn:own", "prefix": "p"}},
               "None": {"shape": "Inner"}"#,
        );
        assert!(
            member_line(&text, "Own").contains(".with_xml_namespace(\"urn:own\", Some(\"p\"))"),
            "{text}"
        );
        assert!(!member_line(&text, "None").contains("with_xml_namespace"), "{text}");
        assert!(text.contains("structure(shape_id!(\"com.amazonaws.probe\", \"Inner\"), &[]).with_xml_namespace(\"urn:inner\", None)"), "{text}");
    }

    #[test]
    fn what_an_operation_does_not_have_is_the_unit() {
        let text = schemas("");
        assert!(
            text.contains("DO_OUTPUT: Schema<'static> = structure(shape_id!(\"smithy.api\", \"Unit\"), &[])"),
            "{text}"
        );
        assert!(text.contains("shape_id!(\"com.amazonaws.probe\", \"DoInput\")"), "{text}");
    }
}
