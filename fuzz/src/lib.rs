//! What the fuzz targets share: an operation whose input has members of every kind in every place, and a way to feed
//! bytes to it. The shapes are in `probe.json`, in botocore's form.

#[expect(dead_code, reason = "the protocol cases ask more of a model than the targets do")]
#[path = "../../crates/wire/tests/protocol_cases/model.rs"]
mod model;
#[path = "../../crates/wire/tests/protocol_cases/value.rs"]
mod value;

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderName, HeaderValue, Request};
use mesh_wire::rules::{ConstraintStyle, Rules};
use mesh_wire::{Http, OperationMeta, Protocol, ServiceMeta, protocol};
use model::{Model, Structure};
use std::sync::LazyLock;
use value::Record;

static PROBE: LazyLock<(&Structure, OperationMeta)> = LazyLock::new(|| operation("Probe", "json"));
static QUERY_PROBE: LazyLock<(&Structure, OperationMeta)> = LazyLock::new(|| operation("Probe", "query"));
static REST_PROBE: LazyLock<(&Structure, OperationMeta)> =
    LazyLock::new(|| operation("RestProbe", "rest-json"));

static SERVICE: ServiceMeta = ServiceMeta {
    name: "probe",
    signing_name: "probe",
    endpoint_prefix: "probe",
    api_version: "2020-01-01",
    target_prefix: "Probe",
    error_namespace: "mesh.probe",
    xml_namespace: "",
    protocols: &[Protocol::AwsJson11, Protocol::AwsQuery, Protocol::RestJson1, Protocol::RpcV2Cbor],
    query_compatible: false,
    query_error_detail: false,
    constraint_style: ConstraintStyle::Coral,
    routes: &[],
};

fn operation(input: &'static str, protocol: &str) -> (&'static Structure, OperationMeta) {
    let shapes = serde_json::from_str(include_str!("probe.json")).expect("the probe is JSON");
    let structure = Model::new(shapes, protocol).structure(input);
    let meta = OperationMeta {
        service: &SERVICE,
        name: "Probe",
        http: Http { method: "POST", path: "/probe/{Label}/{Number}/{Rest+}?constant=1", success: 200 },
        input: structure.schema,
        output: structure.schema,
        rules: &Rules { members: &[] },
        result_wrapper: None,
        idempotency_token: None,
        paginator: None,
    };
    (structure, meta)
}

/// Reads an input from a body alone.
pub fn decode_body(protocol: Protocol, body: &[u8]) {
    decode(protocol, &request("/", &[]), body);
}

/// Reads an input from a request: a line with its target, lines with its headers, an empty line, its body. What no HTTP
/// stack would hand on is passed over.
pub fn decode_request(protocol: Protocol, data: &[u8]) {
    let Some((request, body)) = split(data) else { return };
    decode(protocol, &request, body);
}

/// The head of a request and its body, as [`decode_request`] takes them.
pub fn split(data: &[u8]) -> Option<(Parts, &[u8])> {
    let end = data.windows(2).position(|pair| pair == b"\n\n")?;
    let mut lines = data[..end].split(|byte| *byte == b'\n');
    let target = std::str::from_utf8(lines.next()?).ok()?;
    target.parse::<http::Uri>().ok()?;
    let headers: Vec<_> = lines
        .filter_map(|line| {
            let colon = line.iter().position(|byte| *byte == b':')?;
            let name = HeaderName::from_bytes(&line[..colon]).ok()?;
            Some((name, HeaderValue::from_bytes(&line[colon + 1..]).ok()?))
        })
        .collect();
    Some((request(target, &headers), &data[end + 2..]))
}

fn request(target: &str, headers: &[(HeaderName, HeaderValue)]) -> Parts {
    let mut request = Request::post(target).body(()).expect("the target was read before");
    request.headers_mut().extend(headers.iter().cloned());
    request.into_parts().0
}

fn decode(protocol: Protocol, request: &Parts, body: &[u8]) {
    let (structure, meta) = match protocol {
        Protocol::RestJson1 => &*REST_PROBE,
        Protocol::AwsQuery => &*QUERY_PROBE,
        _ => &*PROBE,
    };
    let mut read = None;
    let body = Bytes::copy_from_slice(body);
    let result = protocol::decode_with(protocol, meta, request, &body, &mut |from| {
        read = Some(Record::read(structure, from)?);
        Ok(())
    });
    // what was read can be written
    if let (Ok(()), Some(record)) = (result, read) {
        let id = mesh_types::RequestId::from_random(0);
        let _ = protocol::encode_with(Protocol::AwsJson11, meta, &record, id);
    }
}
