//! A model made at run time: the schemas that code generation would write for the shapes of a test suite, with beside
//! them what a schema does not say, the structure that a member targets.
//!
//! All of it is leaked: schemas are `'static` everywhere else, and a run of the tests makes a few hundred.

use mesh_wire::schema::traits::TimestampFormat;
use mesh_wire::schema::{Schema, ShapeId, ShapeType, intern_header_name};
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::sync::Mutex;

/// The shapes of one suite.
#[derive(Debug)]
pub(crate) struct Model {
    shapes: Json,
    /// Whether names in the model are JSON's, or else awsQuery's and XML's.
    speaks_json: bool,
    structures: Mutex<BTreeMap<&'static str, &'static Structure>>,
}

/// A structure or union.
#[derive(Debug)]
pub(crate) struct Structure {
    pub(crate) schema: &'static Schema<'static>,
    /// In the order of the schema's members.
    pub(crate) members: Vec<Member>,
}

/// A member of a structure, an element of a list, or a value of a map.
#[derive(Debug)]
pub(crate) struct Member {
    pub(crate) schema: &'static Schema<'static>,
    pub(crate) target: Target,
}

/// What a member holds.
#[derive(Debug)]
pub(crate) enum Target {
    Structure(&'static Model, &'static str),
    List(Box<Member>),
    Map { key: &'static Schema<'static>, value: Box<Member> },
    Boolean,
    Integer,
    Long,
    Float,
    Double,
    Text,
    Blob,
    Timestamp,
    Document,
}

fn leak(text: &str) -> &'static str {
    Box::leak(text.to_owned().into_boxed_str())
}

fn id(shape: &str) -> ShapeId<'static> {
    ShapeId::from_parts(leak(&format!("mesh.cases#{shape}")), "mesh.cases", leak(shape))
}

fn is_set(json: &Json, key: &str) -> bool {
    json[key].as_bool() == Some(true)
}

impl Structure {
    /// A structure without members: what an operation without input or output has.
    pub(crate) fn empty() -> &'static Self {
        let unit = ShapeId::from_parts("smithy.api#Unit", "smithy.api", "Unit");
        let schema = Box::leak(Box::new(Schema::new_struct(unit, ShapeType::Structure, &[])));
        Box::leak(Box::new(Self { schema, members: Vec::new() }))
    }
}

impl Model {
    pub(crate) fn new(shapes: Json, protocol: &str) -> &'static Self {
        let speaks_json = protocol.contains("json");
        Box::leak(Box::new(Self { shapes, speaks_json, structures: Mutex::default() }))
    }

    /// The shape as the model has it.
    pub(crate) fn shape(&self, name: &str) -> &Json {
        &self.shapes[name]
    }

    /// The names that keys of maps have in XML.
    pub(crate) fn key_names(&self) -> Vec<&str> {
        let shapes = self.shapes.as_object().into_iter().flat_map(|shapes| shapes.values());
        shapes.filter_map(|shape| shape["key"]["locationName"].as_str()).chain(["key"]).collect()
    }

    /// The structure of this name. Made when it is first asked for, so that shapes may recur.
    pub(crate) fn structure(&'static self, name: &'static str) -> &'static Structure {
        if let Some(known) = self.structures.lock().expect("no panic while it is held").get(name) {
            return known;
        }
        let made = Box::leak(Box::new(self.make_structure(name, &|_| true)));
        self.structures.lock().expect("no panic while it is held").insert(name, made);
        made
    }

    /// The structure of an error, which holds the members beyond the sentence.
    pub(crate) fn error(&'static self, name: &'static str) -> &'static Structure {
        let is_kept = |member: &str| !member.eq_ignore_ascii_case("message");
        Box::leak(Box::new(self.make_structure(name, &is_kept)))
    }

    fn make_structure(&'static self, name: &'static str, is_kept: &dyn Fn(&str) -> bool) -> Structure {
        let shape = self.shape(name);
        let names = shape["members"].as_object().into_iter().flatten().filter(|(member, _)| is_kept(member));
        let members: Vec<Member> = names
            .enumerate()
            .map(|(index, (member, reference))| {
                let mut made = self.member(name, leak(member), index, reference);
                if shape["payload"].as_str() == Some(member) {
                    made.0 = made.0.with_http_payload();
                }
                Member { schema: Box::leak(Box::new(made.0)), target: made.1 }
            })
            .collect();
        let schemas: Vec<_> = members.iter().map(|member| member.schema).collect();
        let kind = if is_set(shape, "union") { ShapeType::Union } else { ShapeType::Structure };
        let schema = Schema::new_struct(id(name), kind, schemas.leak());
        Structure { schema: Box::leak(Box::new(schema)), members }
    }

    fn nested(&'static self, owner: &str, name: &'static str, index: usize, reference: &Json) -> Member {
        let (schema, target) = self.member(owner, name, index, reference);
        Member { schema: Box::leak(Box::new(schema)), target }
    }

    fn member(
        &'static self,
        owner: &str,
        name: &'static str,
        index: usize,
        reference: &Json,
    ) -> (Schema<'static>, Target) {
        let target_name = leak(reference["shape"].as_str().expect("a member names its shape"));
        let shape = self.shape(target_name);
        let (kind, target) = self.target(target_name, shape);
        let mut schema = Schema::new_member(id(&format!("{owner}${name}")), kind, name, index);
        match &target {
            Target::List(element) => schema = schema.with_list_member(element.schema),
            Target::Map { key, value } => schema = schema.with_map_members(key, value.schema),
            _ => {}
        }
        (self.with_traits(schema, reference, shape), target)
    }

    fn target(&'static self, name: &'static str, shape: &Json) -> (ShapeType, Target) {
        let kind = shape["type"].as_str().expect("a shape has a type");
        match kind {
            "structure" if is_set(shape, "document") => (ShapeType::Document, Target::Document),
            "structure" if is_set(shape, "union") => (ShapeType::Union, Target::Structure(self, name)),
            "structure" => (ShapeType::Structure, Target::Structure(self, name)),
            "list" => {
                let element = self.nested(name, "member", 0, &shape["member"]);
                (ShapeType::List, Target::List(Box::new(element)))
            }
            "map" => {
                let key = self.nested(name, "key", 0, &shape["key"]).schema;
                let value = Box::new(self.nested(name, "value", 1, &shape["value"]));
                (ShapeType::Map, Target::Map { key, value })
            }
            "string" | "character" => (ShapeType::String, Target::Text),
            "boolean" => (ShapeType::Boolean, Target::Boolean),
            "integer" => (ShapeType::Integer, Target::Integer),
            "long" => (ShapeType::Long, Target::Long),
            "float" => (ShapeType::Float, Target::Float),
            "double" => (ShapeType::Double, Target::Double),
            "blob" => (ShapeType::Blob, Target::Blob),
            "timestamp" => (ShapeType::Timestamp, Target::Timestamp),
            other => panic!("shape {name} has the unknown type {other}"),
        }
    }

    /// Adds what the reference to a shape, and the shape itself, say of the wire.
    fn with_traits(&self, schema: Schema<'static>, reference: &Json, shape: &Json) -> Schema<'static> {
        let mut schema = self.with_location(schema, reference, shape);
        if is_set(reference, "flattened") || is_set(shape, "flattened") {
            schema = schema.with_xml_flattened();
        }
        if is_set(reference, "xmlAttribute") {
            schema = schema.with_xml_attribute();
        }
        if is_set(reference, "streaming") || is_set(shape, "streaming") {
            schema = schema.with_streaming();
        }
        if is_set(reference, "jsonvalue") {
            schema = schema.with_media_type("application/json");
        }
        if is_set(reference, "hostLabel") {
            schema = schema.with_host_label();
        }
        if is_set(shape, "sensitive") {
            schema = schema.with_sensitive();
        }
        match reference["timestampFormat"].as_str().or(shape["timestampFormat"].as_str()) {
            Some("iso8601") => schema = schema.with_timestamp_format(TimestampFormat::DateTime),
            Some("rfc822") => schema = schema.with_timestamp_format(TimestampFormat::HttpDate),
            Some("unixTimestamp") => schema = schema.with_timestamp_format(TimestampFormat::EpochSeconds),
            Some(other) => panic!("unknown timestamp format {other}"),
            None => {}
        }
        // the shape's own is for where it is the root
        let namespace = &reference["xmlNamespace"];
        if !namespace.is_null() {
            let uri = namespace.as_str().or(namespace["uri"].as_str()).expect("a namespace has a URI");
            schema = schema.with_xml_namespace(leak(uri), namespace["prefix"].as_str().map(leak));
        }
        schema
    }

    fn with_location(&self, schema: Schema<'static>, reference: &Json, shape: &Json) -> Schema<'static> {
        let name = reference["locationName"].as_str().map(leak);
        match reference["location"].as_str() {
            Some("header") => schema.with_http_header(intern_header_name(name.expect("a header has a name"))),
            Some("headers") => schema.with_http_prefix_headers(name.unwrap_or_default()),
            Some("querystring") if shape["type"] == "map" => schema.with_http_query_params(),
            Some("querystring") => schema.with_http_query(name.expect("a query parameter has a name")),
            Some("uri") => schema.with_http_label(),
            Some("statusCode") => schema.with_http_response_code(),
            Some(other) => panic!("unknown location {other}"),
            None => match name {
                Some(name) if self.speaks_json => schema.with_json_name(name),
                Some(name) => schema.with_xml_name(name),
                // The cases' models come from Smithy, where a flattened list is named by its member. In botocore's own
                // models it is named by its elements, which is what a schema without a name of its own means.
                None if is_set(reference, "flattened") => {
                    let name = schema.member_name().unwrap_or_default();
                    schema.with_xml_name(name)
                }
                None => schema,
            },
        }
    }
}
