//! The structures, unions and errors, and how they are read and written.

use super::{Context, GENERATED, literal, message_member, message_name, optional_literal};
use crate::codegen::model::{Reference, Shape};
use crate::codegen::names;
use anyhow::Result;
use std::fmt::Write;

/// A member as it is generated.
struct Member {
    field: String,
    /// The type inside the `Option`.
    rust_type: String,
    boxed: bool,
    sensitive: bool,
    /// The sentence of an error: a plain `String`, read but not written.
    is_message: bool,
}

/// The file of the structures.
pub(super) fn structures(context: &Context<'_>) -> Result<String> {
    let mut out = head("The structures and unions", context);
    for (name, shape) in &context.pruned.structures {
        let members = members(context, name, shape, None)?;
        out.push_str(&structure(name, &members, shape.sensitive));
    }
    Ok(out)
}

/// The file of the errors.
pub(super) fn errors(context: &Context<'_>) -> Result<String> {
    let mut out = head("The errors", context);
    for (name, shape) in &context.pruned.errors {
        let message = message_member(shape);
        let mut members = members(context, name, shape, message)?;
        if message.is_none() {
            // stands behind the members of the schema, which does not have it
            members.push(Member {
                field: "message".to_owned(),
                rust_type: "String".to_owned(),
                boxed: false,
                sensitive: false,
                is_message: true,
            });
        }
        out.push_str(&structure(name, &members, shape.sensitive));
        out.push_str(&error(name, shape, members.len() > 1));
    }
    Ok(out)
}

fn head(what: &str, context: &Context<'_>) -> String {
    let siblings = if what == "The errors" { "use super::structures::*;\n" } else { "" };
    format!(
        "//! {what} of {}. {GENERATED}\n\n\
         #![allow(unused_imports, reason = \"which of them a model needs is its own affair\")]\n\n\
         use super::schemas;\n{siblings}\
         use mesh_wire::schema::Schema;\n\
         use mesh_wire::schema::serde::{{SerdeError, SerializableStruct, ShapeDeserializer, ShapeSerializer}};\n\
         use mesh_wire::shape::{{self, read, read_boxed, redacted, write, write_boxed}};\n\
         use mesh_wire::{{Blob, DateTime, Document, Fault, Map, Shape}};\n\
         use std::fmt;\n\n",
        context.name
    )
}

fn members(
    context: &Context<'_>,
    structure: &str,
    shape: &Shape,
    message: Option<&str>,
) -> Result<Vec<Member>> {
    let member = |(name, reference): &(String, Reference)| {
        let is_message = message == Some(name.as_str());
        Ok(Member {
            field: if is_message { "message".to_owned() } else { names::field(name) },
            rust_type: context.rust_type(reference)?,
            boxed: context.is_boxed(structure, name),
            sensitive: shape.sensitive || context.is_sensitive(reference)?,
            is_message,
        })
    };
    shape.members.iter().map(member).collect()
}

fn structure(name: &str, members: &[Member], sensitive: bool) -> String {
    let type_name = names::type_name(name);
    let redacts = sensitive || members.iter().any(|member| member.sensitive);
    let derives = if redacts { "Default, Clone, PartialEq" } else { "Debug, Default, Clone, PartialEq" };
    let mut out = format!("#[derive({derives})]\npub struct {type_name} {{\n");
    for Member { field, rust_type, boxed, is_message, .. } in members {
        let _ = match (is_message, boxed) {
            (true, _) => writeln!(out, "pub {field}: String,"),
            (_, true) => writeln!(out, "pub {field}: Option<Box<{rust_type}>>,"),
            (_, false) => writeln!(out, "pub {field}: Option<{rust_type}>,"),
        };
    }
    out.push_str("}\n\n");
    if redacts {
        out.push_str(&debug(&type_name, members));
    }
    out.push_str(&writing(name, &type_name, members));
    out.push_str(&reading(name, &type_name, members));
    out
}

fn debug(type_name: &str, members: &[Member]) -> String {
    let fields: String = members
        .iter()
        .map(|Member { field, sensitive, is_message, .. }| match *sensitive && !is_message {
            true => format!(".field({field:?}, &redacted(&self.{field}))"),
            false => format!(".field({field:?}, &self.{field})"),
        })
        .collect();
    format!(
        "impl fmt::Debug for {type_name} {{
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {{
                f.debug_struct({type_name:?}){fields}.finish()
            }}
        }}\n\n"
    )
}

fn writing(name: &str, type_name: &str, members: &[Member]) -> String {
    let constant = names::constant(name);
    let mut lines = String::new();
    let written: Vec<_> = members.iter().enumerate().filter(|(_, member)| !member.is_message).collect();
    for (position, (index, Member { field, boxed, .. })) in written.iter().enumerate() {
        let call = if *boxed { "write_boxed" } else { "write" };
        let end = if position + 1 == written.len() { "" } else { "?;" };
        let _ = writeln!(lines, "{call}(&self.{field}, &members[{index}], to){end}");
    }
    let (argument, body) = match written.is_empty() {
        true => ("_", "Ok(())".to_owned()),
        false => ("to", format!("let members = &schemas::MEMBERS_OF_{constant};\n{lines}")),
    };
    format!(
        "impl SerializableStruct for {type_name} {{
            fn schema(&self) -> &Schema<'_> {{
                &schemas::{constant}
            }}

            fn serialize_members(&self, {argument}: &mut dyn ShapeSerializer) -> Result<(), SerdeError> {{
                {body}
            }}
        }}\n\n"
    )
}

fn reading(name: &str, type_name: &str, members: &[Member]) -> String {
    let constant = names::constant(name);
    let mut arms = String::new();
    for (index, Member { field, boxed, is_message, .. }) in members.iter().enumerate() {
        let _ = match (is_message, boxed) {
            (true, _) => writeln!(arms, "{index} => out.{field} = from.read_string(member)?,"),
            (_, true) => writeln!(arms, "{index} => out.{field} = read_boxed(member, from)?,"),
            (_, false) => writeln!(arms, "{index} => out.{field} = read(member, from)?,"),
        };
    }
    let body = match members.is_empty() {
        true => format!(
            "shape::read_members(&schemas::{constant}, from, &mut |_, _, from| from.skip_value())?;
             Ok(Self::default())"
        ),
        false => format!(
            "let mut out = Self::default();
             shape::read_members(&schemas::{constant}, from, &mut |index, member, from| {{
                 match index {{
                     {arms}_ => from.skip_value()?,
                 }}
                 Ok(())
             }})?;
             Ok(out)"
        ),
    };
    format!(
        "impl Shape for {type_name} {{
            fn static_schema() -> &'static Schema<'static> {{
                &schemas::{constant}
            }}

            fn read(from: &mut dyn ShapeDeserializer) -> Result<Self, SerdeError> {{
                {body}
            }}
        }}\n\n"
    )
}

fn error(name: &str, shape: &Shape, has_members: bool) -> String {
    let facts = shape.error.clone().unwrap_or_default();
    let fault = shape.fault || facts.fault || facts.http_status_code.is_some_and(|status| status >= 500);
    let status = facts.http_status_code.unwrap_or(if fault { 500 } else { 400 });
    format!(
        "mesh_wire::error_shape! {{
            {type_name}, members: {has_members},
            code: {code},
            query_code: {query_code},
            namespace: {namespace},
            status: {status},
            fault: Fault::{fault},
            message_member: {message},
        }}\n\n",
        type_name = names::type_name(name),
        code = literal(name),
        query_code = literal(facts.code.as_deref().unwrap_or(name)),
        namespace = optional_literal(shape.namespace.as_deref()),
        fault = if fault { "Server" } else { "Client" },
        message = literal(message_name(shape)),
    )
}
