//! `overlays/<service>.toml`: what a service does on the wire and its model does not say, each entry with its reason.

use super::model::{ErrorTrait, Model, Operation, Ordered, Reference, Shape};
use anyhow::{Context, Result, bail};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;

/// An overlay file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Overlay {
    /// What holds for the whole service.
    pub(super) service: Service,
    /// Names in awsQuery and XML.
    #[serde(default)]
    wire: Vec<Wire>,
    /// Codes and statuses of the model's errors.
    #[serde(default)]
    errors: Vec<Errors>,
    /// Errors that every operation may answer.
    #[serde(default)]
    common: Vec<Common>,
    /// Shapes whose constraints are not checked.
    #[serde(default)]
    rules: Vec<Rules>,
    /// Content types of payloads.
    #[serde(default)]
    media: Vec<Media>,
    /// Shapes that are types written by hand.
    #[serde(default)]
    types: Vec<Types>,
}

/// What holds for the whole service.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Service {
    reason: String,
    /// The style of constraint errors: `Coral`, `CoralParameter`, `Presence`, `CoralQuery` or `Gateway`.
    pub(super) constraint_style: String,
    /// The namespace of error codes in bodies.
    #[serde(default)]
    pub(super) error_namespace: String,
    /// awsQuery errors end in an empty `<Detail/>`.
    #[serde(default)]
    pub(super) query_error_detail: bool,
    /// Protocols beyond those that the model lists.
    #[serde(default)]
    pub(super) protocols: Vec<String>,
    /// Replaces the namespace of awsQuery answers.
    xml_namespace: Option<String>,
    /// Operations that have an output wrap it as `<Operation>Result` in awsQuery.
    #[serde(default)]
    result_wrappers: bool,
}

/// Names in awsQuery and XML.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    reason: String,
    /// The elements of list shapes.
    #[serde(default)]
    lists: BTreeMap<String, String>,
    /// Key and value of map shapes.
    #[serde(default)]
    maps: BTreeMap<String, (String, String)>,
    /// Members, written `Shape.Member`.
    #[serde(default)]
    members: BTreeMap<String, String>,
}

/// Codes and statuses of the model's errors.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Errors {
    reason: String,
    shapes: BTreeMap<String, ErrorFacts>,
}

/// Errors that every operation of the service may answer, or those that are named. An error that the model lacks is
/// added to it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Common {
    reason: String,
    /// All where absent.
    operations: Option<Vec<String>>,
    shapes: BTreeMap<String, ErrorFacts>,
}

/// Shapes whose constraints are not checked, because the service does it itself and in words of its own.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rules {
    reason: String,
    free: Vec<String>,
}

/// The content type of an answer whose payload is a member, written `Shape.Member`, where it is not the usual one.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Media {
    reason: String,
    members: BTreeMap<String, String>,
}

/// Shapes whose values are types that are written by hand: their paths. Such a structure has its schema there, too.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Types {
    reason: String,
    shapes: BTreeMap<String, String>,
}

/// How an error is answered; what is absent stays as the model has it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ErrorFacts {
    /// The code in awsQuery.
    query_code: Option<String>,
    status: Option<u16>,
    /// The namespace in front of the code, where it is not the service's own.
    namespace: Option<String>,
    /// The member with the sentence, of an error that the model lacks.
    message_member: Option<String>,
    #[serde(default)]
    server_fault: bool,
}

impl Overlay {
    /// Reads the overlay of a service. Every service has one: the style of its errors stands in no model.
    pub(super) fn read(root: &Path, service: &str) -> Result<Self> {
        let path = format!("overlays/{service}.toml");
        let text =
            std::fs::read_to_string(root.join(&path)).with_context(|| format!("{path} cannot be read"))?;
        Self::parse(&text).with_context(|| format!("{path} is not understood"))
    }

    pub(super) fn parse(text: &str) -> Result<Self> {
        let overlay: Self = toml::from_str(text)?;
        let reasons = overlay.wire.iter().map(|entry| &entry.reason);
        let reasons = reasons.chain(overlay.errors.iter().map(|entry| &entry.reason));
        let reasons = reasons.chain(overlay.common.iter().map(|entry| &entry.reason));
        let reasons = reasons.chain(overlay.rules.iter().map(|entry| &entry.reason));
        let reasons = reasons.chain(overlay.media.iter().map(|entry| &entry.reason));
        let mut reasons = reasons.chain(overlay.types.iter().map(|entry| &entry.reason));
        if overlay.service.reason.trim().is_empty() || reasons.any(|reason| reason.trim().is_empty()) {
            bail!("an entry gives no reason");
        }
        Ok(overlay)
    }

    /// Corrects the model. What an entry speaks of must be there, so that an overlay does not outlive its cause.
    pub(super) fn apply(&self, model: &mut Model) -> Result<()> {
        for wire in &self.wire {
            wire.apply(model)?;
        }
        for (name, facts) in self.errors.iter().flat_map(|errors| &errors.shapes) {
            let shape = model.shapes.get_mut(name).with_context(|| format!("there is no error {name}"))?;
            facts.apply(shape);
        }
        for common in &self.common {
            common.apply(model)?;
        }
        for name in self.rules.iter().flat_map(|rules| &rules.free) {
            model.shapes.get_mut(name).with_context(|| format!("there is no shape {name}"))?.is_free = true;
        }
        for (path, media_type) in self.media.iter().flat_map(|media| &media.members) {
            member(model, path)?.media_type = Some(media_type.clone());
        }
        for (name, path) in self.types.iter().flat_map(|types| &types.shapes) {
            let shape = model.shapes.get_mut(name).with_context(|| format!("there is no shape {name}"))?;
            shape.rust_type = Some(path.clone());
        }
        if let Some(namespace) = &self.service.xml_namespace {
            model.metadata.xml_namespace = Some(namespace.clone());
        }
        if self.service.result_wrappers {
            for (name, operation) in &mut model.operations {
                if let Some(output) = &mut operation.output {
                    output.result_wrapper = Some(format!("{name}Result"));
                }
            }
        }
        Ok(())
    }
}

impl Common {
    fn apply(&self, model: &mut Model) -> Result<()> {
        for (name, facts) in &self.shapes {
            if !model.shapes.contains_key(name) {
                let shape = facts.new_shape(model)?;
                model.shapes.insert(name.clone(), shape);
            }
            if let Some(shape) = model.shapes.get_mut(name) {
                facts.apply(shape);
            }
            let Some(operations) = &self.operations else {
                model.operations.values_mut().for_each(|operation| add_error(operation, name));
                continue;
            };
            for operation in operations {
                let listed = model.operations.get_mut(operation);
                add_error(listed.with_context(|| format!("there is no operation {operation}"))?, name);
            }
        }
        Ok(())
    }
}

impl Wire {
    fn apply(&self, model: &mut Model) -> Result<()> {
        for (name, element) in &self.lists {
            let member = model.shapes.get_mut(name).and_then(|shape| shape.member.as_mut());
            member.with_context(|| format!("there is no list {name}"))?.xml_name = Some(element.clone());
        }
        for (name, (key, value)) in &self.maps {
            let shape = model.shapes.get_mut(name).with_context(|| format!("there is no map {name}"))?;
            shape.key.as_mut().with_context(|| format!("{name} is no map"))?.xml_name = Some(key.clone());
            shape.value.as_mut().with_context(|| format!("{name} is no map"))?.xml_name = Some(value.clone());
        }
        for (path, name) in &self.members {
            member(model, path)?.xml_name = Some(name.clone());
        }
        Ok(())
    }
}

/// The member that `Shape.Member` names.
fn member<'m>(model: &'m mut Model, path: &str) -> Result<&'m mut Reference> {
    let (shape, member) = path.split_once('.').with_context(|| format!("{path}: Shape.Member wanted"))?;
    let member = model.shapes.get_mut(shape).and_then(|shape| shape.members.get_mut(member));
    member.with_context(|| format!("there is no member {path}"))
}

impl ErrorFacts {
    fn apply(&self, shape: &mut Shape) {
        shape.exception = true;
        shape.fault |= self.server_fault;
        let error = shape.error.get_or_insert_with(ErrorTrait::default);
        error.code = self.query_code.clone().or(error.code.take());
        error.http_status_code = self.status.or(error.http_status_code);
        shape.namespace = self.namespace.clone().or(shape.namespace.take());
    }

    /// An error of no more than a sentence.
    fn new_shape(&self, model: &mut Model) -> Result<Shape> {
        const SENTENCE: &str = "CommonErrorMessage";
        let text = Shape { kind: "string".to_owned(), ..Shape::default() };
        if model.shapes.entry(SENTENCE.to_owned()).or_insert_with(|| text.clone()) != &text {
            bail!("the model has a shape {SENTENCE} of its own");
        }
        let name = self.message_member.as_deref().unwrap_or("message");
        let members = Ordered(vec![(name.to_owned(), Reference::to(SENTENCE))]);
        Ok(Shape { kind: "structure".to_owned(), members, ..Shape::default() })
    }
}

fn add_error(operation: &mut Operation, name: &str) {
    if !operation.errors.iter().any(|error| error.shape == name) {
        operation.errors.push(Reference::to(name));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codegen::prune::tests::model;

    const SERVICE: &str = "[service]\nreason = \"r\"\nconstraint_style = \"Coral\"\nresult_wrappers = true\n";

    fn applied(entries: &str) -> Result<Model> {
        let mut model = model();
        Overlay::parse(&format!("{SERVICE}{entries}"))?.apply(&mut model)?;
        Ok(model)
    }

    #[test]
    fn names_of_lists_and_members_are_set() -> Result<()> {
        let entries = "[[wire]]\nreason = \"r\"\nlists = { Names = \"Name\" }\nmembers = { \"PutRequest.Names\" = \"N\" }";
        let mut model = applied(entries)?;
        assert_eq!(model.shapes["Names"].member.as_ref().and_then(|m| m.xml_name.as_deref()), Some("Name"));
        let member = model.shapes.get_mut("PutRequest").and_then(|shape| shape.members.get_mut("Names"));
        assert_eq!(member.and_then(|member| member.xml_name.as_deref()), Some("N"));
        Ok(())
    }

    #[test]
    fn common_errors_are_added_and_every_operation_lists_them_once() -> Result<()> {
        let entries = "[[common]]\nreason = \"r\"\nshapes = { Throttled = { status = 429 }, Missing = { query_code = \"X\" } }";
        let model = applied(entries)?;
        let listed: Vec<_> =
            model.operations["Put"].errors.iter().map(|error| error.shape.as_str()).collect();
        assert_eq!(listed, ["Missing", "Throttled"]);
        assert_eq!(model.shapes["Throttled"].error.as_ref().and_then(|e| e.http_status_code), Some(429));
        assert_eq!(model.shapes["Missing"].error.as_ref().and_then(|e| e.code.as_deref()), Some("X"));
        Ok(())
    }

    #[test]
    fn outputs_are_wrapped_where_the_overlay_says_so() -> Result<()> {
        let model = applied("")?;
        let wrapper = |name: &str| model.operations[name].output.as_ref()?.result_wrapper.clone();
        assert_eq!(wrapper("Get").as_deref(), Some("GetResult"));
        assert_eq!(wrapper("Put"), None);
        Ok(())
    }

    #[test]
    fn shapes_are_freed_of_their_rules_and_payloads_get_a_content_type() -> Result<()> {
        let entries = "[[rules]]\nreason = \"r\"\nfree = [\"Names\"]\n\
            [[media]]\nreason = \"r\"\nmembers = { \"PutRequest.Secret\" = \"text/plain\" }";
        let mut model = applied(entries)?;
        assert!(model.shapes["Names"].is_free && !model.shapes["Name"].is_free);
        assert_eq!(member(&mut model, "PutRequest.Secret")?.media_type.as_deref(), Some("text/plain"));
        Ok(())
    }

    #[test]
    fn an_entry_must_have_a_reason_and_a_cause() {
        assert!(applied("[[wire]]\nreason = \" \"").is_err());
        assert!(applied("[[wire]]\nreason = \"r\"\nlists = { Gone = \"Name\" }").is_err());
        assert!(applied("[[errors]]\nreason = \"r\"\nshapes = { Gone = {} }").is_err());
        assert!(applied("[[rules]]\nreason = \"r\"\nfree = [\"Gone\"]").is_err());
        assert!(applied("[[rules]]\nreason = \"\"\nfree = [\"Names\"]").is_err());
        assert!(applied("[[types]]\nreason = \"r\"\nshapes = { Gone = \"a::B\" }").is_err());
        assert!(applied("[[media]]\nreason = \"r\"\nmembers = { \"PutRequest.Gone\" = \"x/y\" }").is_err());
    }
}
