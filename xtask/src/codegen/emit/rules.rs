//! The rules: presence, length, range, pattern, enumeration. What has no rule is left out, so that the checker need not
//! walk it.

use super::{Context, GENERATED, literal, optional_literal};
use crate::codegen::model::{Reference, Shape};
use crate::codegen::names;
use anyhow::{Result, bail};
use std::collections::BTreeSet;
use std::fmt::Write;

/// The file of the rules: one static for each structure that an input reaches and that has any.
pub(super) fn file(context: &Context<'_>) -> Result<String> {
    let mut out = format!(
        "//! The rules of {}: what the model demands of inputs. {GENERATED}\n\n\
         #![allow(unused_imports, reason = \"which of them a model needs is its own affair\")]\n\n\
         use mesh_wire::rules::{{Bounds, MemberRule, Rule, Rules}};\n\n",
        context.name
    );
    let ruled = ruled(context)?;
    let unruled = |operation: &String| !ruled.contains(format!("{operation}Input").as_str());
    if context.pruned.operations.iter().any(unruled) {
        out.push_str(
            "/// The rules of an input that has none.\n\
             pub(super) static NONE: Rules = Rules { members: &[] };\n\n",
        );
    }
    for name in reached(context).into_iter().filter(|name| ruled.contains(name)) {
        let shape = &context.pruned.structures[name];
        let mut members = String::new();
        for (member, reference) in shape.members.iter() {
            let required = shape.required.contains(member);
            let value = rule(context, reference, &ruled)?.unwrap_or_else(|| "Rule::Free".to_owned());
            let _ = writeln!(members, "MemberRule {{ required: {required}, value: {value} }},");
        }
        let constant = names::constant(name);
        let _ = writeln!(out, "pub(super) static {constant}: Rules = Rules {{ members: &[{members}] }};\n");
    }
    Ok(out)
}

/// The path of the rules of an operation's input.
pub(super) fn of_input(context: &Context<'_>, input: &str) -> Result<String> {
    let constant = match ruled(context)?.contains(input) {
        true => names::constant(input),
        false => "NONE".to_owned(),
    };
    Ok(format!("&rules::{constant}"))
}

/// The structures that inputs reach.
fn reached<'a>(context: &'a Context<'_>) -> BTreeSet<&'a str> {
    let inputs = context.pruned.operations.iter().map(|operation| format!("{operation}Input"));
    let mut pending: Vec<String> = inputs.collect();
    let mut seen: BTreeSet<String> = BTreeSet::new();
    while let Some(name) = pending.pop() {
        let shape = context.pruned.structures.get(&name).or_else(|| context.model.shapes.get(&name));
        let Some(shape) = shape.filter(|shape| !shape.is_free) else { continue };
        if seen.insert(name) {
            let inner = [&shape.member, &shape.key, &shape.value].into_iter().flatten();
            let members = shape.members.iter().map(|(_, reference)| reference);
            pending.extend(members.chain(inner).map(|reference| reference.shape.clone()));
        }
    }
    context.pruned.structures.keys().map(String::as_str).filter(|name| seen.contains(*name)).collect()
}

/// The structures that have a rule somewhere: the least set, so that recursion alone makes none.
fn ruled<'a>(context: &'a Context<'_>) -> Result<BTreeSet<&'a str>> {
    let mut ruled = BTreeSet::new();
    loop {
        let before = ruled.len();
        for (name, shape) in context.pruned.structures.iter().filter(|(_, shape)| !shape.is_free) {
            let mut any = !shape.required.is_empty();
            for (_, reference) in shape.members.iter() {
                any |= rule(context, reference, &ruled)?.is_some();
            }
            if any {
                ruled.insert(name.as_str());
            }
        }
        if ruled.len() == before {
            return Ok(ruled);
        }
    }
}

/// The rule of a reference's values, if there is one.
fn rule(context: &Context<'_>, reference: &Reference, ruled: &BTreeSet<&str>) -> Result<Option<String>> {
    let shape = context.model.target(reference)?;
    if shape.is_free {
        return Ok(None);
    }
    let bounds = bounds(shape)?;
    let inner = |reference: &Option<Reference>| -> Result<Option<String>> {
        reference.as_ref().map_or(Ok(None), |reference| rule(context, reference, ruled))
    };
    let or_free = |rule: Option<String>| rule.unwrap_or_else(|| "Rule::Free".to_owned());
    Ok(match shape.kind.as_str() {
        "structure" if shape.document => None,
        "structure" => ruled
            .contains(reference.shape.as_str())
            .then(|| format!("Rule::Struct(&{})", names::constant(&reference.shape))),
        "list" => {
            let element = inner(&shape.member)?;
            let needed = bounds.is_some() || element.is_some();
            needed.then(|| format!("Rule::List({}, &{})", or_none(bounds), or_free(element)))
        }
        "map" => {
            let (key, value) = (inner(&shape.key)?, inner(&shape.value)?);
            let needed = bounds.is_some() || key.is_some() || value.is_some();
            needed.then(|| format!("Rule::Map({}, &{}, &{})", or_none(bounds), or_free(key), or_free(value)))
        }
        "string" | "character" => text(shape, bounds),
        "blob" => bounds.map(|bounds| format!("Rule::Blob({bounds})")),
        "integer" | "long" | "float" | "double" => bounds.map(|bounds| format!("Rule::Number({bounds})")),
        _ => None,
    })
}

fn text(shape: &Shape, bounds: Option<String>) -> Option<String> {
    if bounds.is_none() && shape.pattern.is_none() && shape.enumeration.is_empty() {
        return None;
    }
    let values: Vec<String> = shape.enumeration.iter().map(|value| literal(value)).collect();
    Some(format!(
        "Rule::Text {{ length: {}, pattern: {}, one_of: &[{}] }}",
        or_none(bounds),
        optional_literal(shape.pattern.as_deref()),
        values.join(", ")
    ))
}

fn or_none(bounds: Option<String>) -> String {
    bounds.unwrap_or_else(|| "Bounds::NONE".to_owned())
}

fn bounds(shape: &Shape) -> Result<Option<String>> {
    if shape.min.is_none() && shape.max.is_none() {
        return Ok(None);
    }
    Ok(Some(format!("Bounds {{ min: {}, max: {} }}", bound(shape.min)?, bound(shape.max)?)))
}

fn bound(bound: Option<f64>) -> Result<String> {
    match bound {
        None => Ok("None".to_owned()),
        // a whole number in these bounds is exact in both types
        Some(bound) if bound.fract() == 0.0 && bound.abs() < 9e15 => Ok(format!("Some({bound:.0})")),
        // the greatest i64, which is how models say that there is no bound
        Some(bound) if bound.abs() > 9.2e18 => Ok("None".to_owned()),
        Some(bound) => bail!("{bound} as a bound cannot be written"),
    }
}
