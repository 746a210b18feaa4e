//! The operations, their error types, and the service with its routes.

use super::rules;
use super::{Context, GENERATED, literal, optional_literal};
use crate::codegen::model::{Operation, Paginator};
use crate::codegen::names;
use anyhow::{Context as _, Result, bail};
use std::collections::BTreeMap;
use std::fmt::Write;

/// The file `<service>.rs`.
pub(super) fn file(context: &Context<'_>) -> Result<String> {
    let metadata = &context.model.metadata;
    let mut out = format!(
        "//! {} ({}, {}). {GENERATED}\n\n",
        metadata.service_full_name, context.name, metadata.api_version
    );
    if context.pruned.operations.is_empty() {
        out.push_str("use mesh_wire::{OperationMeta, Protocol, Route, ServiceMeta};\n");
    } else {
        let paginates =
            context.pruned.operations.iter().any(|name| context.model.paginators.contains_key(name));
        let paginator = if paginates { "Paginator, " } else { "" };
        let _ = write!(
            out,
            "mod errors;\nmod rules;\nmod schemas;\nmod structures;\n\n\
             pub use errors::*;\npub use structures::*;\n\n\
             use mesh_wire::{{Http, Operation, OperationMeta, {paginator}Protocol, Route, ServiceMeta}};\n"
        );
    }
    out.push_str("use mesh_wire::rules::ConstraintStyle;\n\n");
    out.push_str(&service(context)?);
    let served = context.pruned.operations.iter().map(|name| format!("{name}::meta, ")).collect::<String>();
    let _ = write!(
        out,
        "/// The operations that are served, in the order of their names.\n\
         pub static OPERATIONS: &[fn() -> &'static OperationMeta] = &[{served}];\n\n"
    );
    for name in &context.pruned.operations {
        let operation = &context.model.operations[name];
        out.push_str(
            &self::operation(context, name, operation).with_context(|| format!("operation {name}"))?,
        );
    }
    Ok(out)
}

fn service(context: &Context<'_>) -> Result<String> {
    let metadata = &context.model.metadata;
    let mut routes = String::new();
    for (name, operation) in &context.model.operations {
        let (method, path) = (literal(&operation.http.method), literal(&path(context, operation)?));
        let _ = writeln!(routes, "Route {{ name: {}, method: {method}, path: {path} }},", literal(name));
    }
    Ok(format!(
        "/// The service.
        pub static SERVICE: ServiceMeta = ServiceMeta {{
            name: {name},
            signing_name: {signing_name},
            endpoint_prefix: {endpoint_prefix},
            api_version: {api_version},
            target_prefix: {target_prefix},
            error_namespace: {error_namespace},
            xml_namespace: {xml_namespace},
            protocols: &[{protocols}],
            query_compatible: {query_compatible},
            query_error_detail: {query_error_detail},
            constraint_style: ConstraintStyle::{style},
            routes: &[{routes}],
        }};\n\n",
        name = literal(context.name),
        signing_name = literal(metadata.signing_name.as_ref().unwrap_or(&metadata.endpoint_prefix)),
        endpoint_prefix = literal(&metadata.endpoint_prefix),
        api_version = literal(&metadata.api_version),
        target_prefix = literal(metadata.target_prefix.as_deref().unwrap_or_default()),
        error_namespace = literal(&context.overlay.service.error_namespace),
        xml_namespace = literal(metadata.xml_namespace.as_deref().unwrap_or_default()),
        protocols = protocols(context)?,
        query_compatible = metadata.aws_query_compatible.is_some(),
        query_error_detail = context.overlay.service.query_error_detail,
        style = style(&context.overlay.service.constraint_style)?,
    ))
}

fn style(style: &str) -> Result<&str> {
    match style {
        "Coral" | "CoralParameter" | "Presence" | "CoralQuery" | "Gateway" => Ok(style),
        other => bail!("constraint style {other} is not known"),
    }
}

fn protocols(context: &Context<'_>) -> Result<String> {
    let metadata = &context.model.metadata;
    let preferred = std::iter::once(&metadata.protocol);
    let listed = metadata.protocols.iter().flatten();
    let mut protocols: Vec<&str> = Vec::new();
    for protocol in preferred.chain(listed).chain(&context.overlay.service.protocols) {
        let name = match protocol.as_str() {
            "json" if metadata.json_version.as_deref() == Some("1.0") => "AwsJson10",
            "json" => "AwsJson11",
            "query" => "AwsQuery",
            "rest-json" => "RestJson1",
            "smithy-rpc-v2-cbor" => "RpcV2Cbor",
            "cbor-1.1" => "AwsCbor11",
            other => bail!("protocol {other} is not known"),
        };
        if !protocols.contains(&name) {
            protocols.push(name);
        }
    }
    let protocols: Vec<String> = protocols.iter().map(|name| format!("Protocol::{name}")).collect();
    Ok(protocols.join(", "))
}

fn operation(context: &Context<'_>, name: &str, operation: &Operation) -> Result<String> {
    let input = format!("{name}Input");
    let token = context.pruned.structures[&input].members.iter().find(|(_, member)| member.idempotency_token);
    let wrapper = operation.output.as_ref().and_then(|output| output.result_wrapper.as_deref());
    let errors: Vec<String> = operation.errors.iter().map(|error| names::type_name(&error.shape)).collect();
    let errors = errors.join(", ");
    Ok(format!(
        "#[derive(Debug, Clone, Copy)]
        pub struct {name};

        impl Operation for {name} {{
            type Input = {input};
            type Output = {name}Output;
            type Error = {name}Error;

            fn meta() -> &'static OperationMeta {{
                static META: OperationMeta = OperationMeta {{
                    service: &SERVICE,
                    name: {literal_name},
                    http: Http {{ method: {method}, path: {path}, success: {success} }},
                    input: &schemas::{input_schema},
                    output: &schemas::{output_schema},
                    rules: {rules},
                    result_wrapper: {wrapper},
                    idempotency_token: {token},
                    paginator: {paginator},
                }};
                &META
            }}{filler}
        }}

        mesh_wire::operation_error! {{
            /// What {name} answers when it fails.
            {name}Error lists {errors}
        }}\n\n",
        literal_name = literal(name),
        method = literal(&operation.http.method),
        path = literal(&path(context, operation)?),
        success = operation.http.response_code.unwrap_or(200),
        input_schema = names::constant(&input),
        output_schema = names::constant(&format!("{name}Output")),
        rules = rules::of_input(context, &input)?,
        wrapper = optional_literal(wrapper),
        token = optional_literal(token.map(|(name, _)| name.as_str())),
        filler = token.map(|(name, _)| filler(&names::field(name))).unwrap_or_default(),
        paginator = paginator(context.model.paginators.get(name))?,
    ))
}

/// What leads to the member that takes an idempotency token.
fn filler(field: &str) -> String {
    format!(
        "\n
            fn idempotency_token(input: &mut Self::Input) -> Option<&mut Option<String>> {{
                Some(&mut input.{field})
            }}"
    )
}

fn paginator(paginator: Option<&Paginator>) -> Result<String> {
    let Some(Paginator { input_token, output_token, limit_key, result_key }) = paginator else {
        return Ok("None".to_owned());
    };
    let (inputs, outputs) = (input_token.all(), output_token.all());
    if inputs.len() != outputs.len() {
        bail!("a paginator with {} input tokens and {} output tokens", inputs.len(), outputs.len());
    }
    let tokens = inputs.iter().zip(outputs).map(|(i, o)| format!("({i:?}, {o:?})"));
    let results = result_key.all().iter().map(|result| literal(result));
    Ok(format!(
        "Some(Paginator {{ tokens: &[{}], limit: {}, results: &[{}] }})",
        tokens.collect::<Vec<_>>().join(", "),
        optional_literal(limit_key.as_deref()),
        results.collect::<Vec<_>>().join(", ")
    ))
}

/// The path pattern, its labels named as the members that fill them.
fn path(context: &Context<'_>, operation: &Operation) -> Result<String> {
    let mut labels: BTreeMap<&str, &str> = BTreeMap::new();
    if let Some(input) = &operation.input {
        for (name, member) in context.model.target(input)?.members.iter() {
            if member.location.as_deref() == Some("uri") {
                labels.insert(member.location_name.as_deref().unwrap_or(name), name);
            }
        }
    }
    let mut out = String::new();
    let mut rest = operation.http.request_uri.as_str();
    while let Some((before, after)) = rest.split_once('{') {
        let (label, after) = after.split_once('}').context("a path pattern with an open label")?;
        let (label, greedy) = label.strip_suffix('+').map_or((label, ""), |label| (label, "+"));
        let member = labels.get(label).with_context(|| format!("no member fills the label {label}"))?;
        let _ = write!(out, "{before}{{{member}{greedy}}}");
        rest = after;
    }
    out.push_str(rest);
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codegen::model::Model;
    use crate::codegen::overlay::Overlay;
    use crate::codegen::prune::prune;
    use crate::codegen::settings::{All, Operations};

    #[test]
    fn a_member_for_an_idempotency_token_is_named_and_led_to() {
        let model: Model = serde_json::from_str(
            r#"{"metadata": {"apiVersion": "1", "endpointPrefix": "probe", "protocol": "json", "jsonVersion": "1.0",
                            "serviceFullName": "Probe", "targetPrefix": "Probe"},
                "operations": {"Do": {"name": "Do", "http": {"method": "POST", "requestUri": "/"},
                                      "input": {"shape": "In"}}},
                "shapes": {"In": {"type": "structure", "members": {
                               "Name": {"shape": "Text"},
                               "ClientToken": {"shape": "Text", "idempotencyToken": true}}},
                           "Text": {"type": "string"}}}"#,
        )
        .expect("a model");
        let overlay = "[service]\nreason = \"r\"\nconstraint_style = \"Coral\"\n";
        let overlay = Overlay::parse(overlay).expect("an overlay");
        let pruned = prune(&model, &Operations::All(All::All)).expect("operations");
        let context = Context { name: "probe", model: &model, pruned: &pruned, overlay: &overlay };
        let text = operation(&context, "Do", &model.operations["Do"]).expect("an operation");
        assert!(text.contains(r#"idempotency_token: Some("ClientToken")"#), "{text}");
        assert!(text.contains("Some(&mut input.client_token)"), "{text}");
    }
}
