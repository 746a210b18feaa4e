//! The suites of cases as they lie in botocore's source archive, and what each case needs to run: its operation.

use crate::model::{Model, Structure};
use mesh_wire::rules::{ConstraintStyle, Rules};
use mesh_wire::{Http, OperationMeta, Protocol, ServiceMeta};
use serde_json::Value as Json;
use std::path::{Path, PathBuf};

/// The version of botocore that the models are generated from.
const VERSION: &str = "1.44.5";

/// The directory of the cases, where the archive has been fetched. Absent, it is said loudly, and with
/// `MESH_REQUIRE_PROTOCOL_CASES=1` it is a failure.
#[expect(clippy::disallowed_methods, reason = "a test is told by its environment that skipping is no option")]
pub(crate) fn directory() -> Option<PathBuf> {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("the target directory is above it");
    let directory = target.join(format!("protocol-cases/botocore-{VERSION}/tests/unit/protocols"));
    if directory.is_dir() {
        return Some(directory);
    }
    println!("SKIPPED: protocol cases: run cargo xtask ci once ({} is missing)", directory.display());
    let is_required = std::env::var("MESH_REQUIRE_PROTOCOL_CASES").is_ok_and(|value| value == "1");
    assert!(!is_required, "the protocol cases are required and missing");
    None
}

/// Which way a case goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    /// A request, and what it says.
    Input,
    /// A result, and the answer it becomes.
    Output,
}

impl Direction {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Input => "input",
            Self::Output => "output",
        }
    }
}

/// One case.
pub(crate) struct Case {
    /// `suite/direction/id`, unique.
    pub(crate) name: String,
    pub(crate) protocol: Protocol,
    pub(crate) model: &'static Model,
    pub(crate) operation: &'static OperationMeta,
    pub(crate) input: &'static Structure,
    pub(crate) output: &'static Structure,
    pub(crate) json: Json,
}

/// All cases of a suite and direction.
pub(crate) fn cases(directory: &Path, suite: &str, direction: Direction) -> Vec<Case> {
    let path = directory.join(direction.name()).join(format!("{suite}.json"));
    let file = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let groups: Json = serde_json::from_str(&file).expect("the archive holds JSON");
    let mut all = Vec::new();
    for group in groups.as_array().expect("a suite is a list") {
        let model = Model::new(group["shapes"].clone(), text(&group["metadata"]["protocol"]));
        let service = service(&group["metadata"]);
        for json in group["cases"].as_array().expect("a group has cases") {
            let id = json["id"].as_str().expect("a case has an id");
            let name = format!("{suite}/{}/{id}", direction.name());
            all.push(case(name, model, service, json));
        }
    }
    all
}

fn case(name: String, model: &'static Model, service: &'static ServiceMeta, json: &Json) -> Case {
    let given = &json["given"];
    let structure = |key: &str| match text(&given[key]["shape"]) {
        "" => Structure::empty(),
        name => model.structure(name),
    };
    let (input, output) = (structure("input"), structure("output"));
    let operation = text(&given["name"]);
    let token = input_token(model, text(&given["input"]["shape"]));
    // models name it; the cases leave it out and expect what the models say
    let wrapper: &'static str = format!("{operation}Result").leak();
    let meta = OperationMeta {
        service,
        name: operation,
        http: Http {
            method: text(&given["http"]["method"]),
            path: text(&given["http"]["requestUri"]),
            success: given["http"]["responseCode"].as_u64().map_or(200, |code| code as u16),
        },
        input: input.schema,
        output: output.schema,
        rules: &Rules { members: &[] },
        result_wrapper: given["output"].is_object().then_some(wrapper),
        idempotency_token: token,
        paginator: None,
    };
    let protocol = service.protocols[0];
    Case { name, protocol, model, operation: Box::leak(Box::new(meta)), input, output, json: json.clone() }
}

fn input_token(model: &'static Model, input: &str) -> Option<&'static str> {
    let members = model.shape(input)["members"].as_object()?;
    members.iter().find(|(_, member)| member["idempotencyToken"] == true).map(|(name, _)| name.as_str())
}

/// A text that lives as long as the tests; empty where there is none.
fn text(json: &Json) -> &'static str {
    json.as_str().unwrap_or_default().to_owned().leak()
}

fn service(metadata: &Json) -> &'static ServiceMeta {
    let protocol = match (text(&metadata["protocol"]), text(&metadata["jsonVersion"])) {
        ("json", "1.0") => Protocol::AwsJson10,
        ("json", _) => Protocol::AwsJson11,
        ("query", _) => Protocol::AwsQuery,
        ("rest-json", _) => Protocol::RestJson1,
        ("smithy-rpc-v2-cbor", _) => Protocol::RpcV2Cbor,
        (other, _) => panic!("unknown protocol {other}"),
    };
    Box::leak(Box::new(ServiceMeta {
        name: "cases",
        signing_name: "cases",
        endpoint_prefix: "cases",
        api_version: text(&metadata["apiVersion"]),
        target_prefix: text(&metadata["targetPrefix"]),
        error_namespace: "mesh.cases",
        xml_namespace: text(&metadata["xmlNamespace"]),
        protocols: vec![protocol].leak(),
        query_compatible: metadata.get("awsQueryCompatible").is_some(),
        query_error_detail: false,
        constraint_style: ConstraintStyle::Coral,
        routes: &[],
    }))
}
