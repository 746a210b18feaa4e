//! A case's request is read, and what was read is compared with what its sender meant.

use crate::as_json;
use crate::suite::Case;
use crate::value::Record;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use http::request::Parts;
use http::{HeaderName, HeaderValue, Request};
use mesh_wire::{Protocol, protocol};
use serde_json::{Value as Json, json};

/// Runs a case.
pub(crate) fn run(case: &Case) -> Result<(), String> {
    let body = body(case)?;
    let sent = &case.json["serialized"];
    let parts = request(
        sent["method"].as_str().unwrap_or("POST"),
        sent["uri"].as_str().unwrap_or("/"),
        &sent["headers"],
    )?;
    let read = decode(case, &parts, &body)?;
    let mut wanted = as_json::canonical(&as_json::record(case.input, &case.json["params"]));
    let mut got = as_json::canonical(&read);
    if case.protocol == Protocol::AwsQuery {
        [&mut wanted, &mut got].into_iter().for_each(without_empty_maps);
    }
    [&mut wanted, &mut got].into_iter().for_each(|json| without_empty_bindings(case, json));
    match got == wanted {
        true => Ok(()),
        false => Err(format!("expected {wanted:#}\ngot {got:#}")),
    }
}

/// awsQuery has no spelling for a map without entries: it is absent.
fn without_empty_maps(json: &mut Json) {
    match json {
        Json::Array(all) => all.iter_mut().for_each(without_empty_maps),
        Json::Object(all) => {
            all.values_mut().for_each(without_empty_maps);
            all.retain(|_, value| value.as_object().is_none_or(|value| !value.is_empty()));
        }
        _ => {}
    }
}

/// Lists and maps in query strings and headers have no spelling for being empty: they are absent.
fn without_empty_bindings(case: &Case, json: &mut Json) {
    let Some(members) = json.as_object_mut() else { return };
    for member in case.input.members.iter().map(|member| member.schema) {
        let is_bound = member.http_query().is_some()
            || member.http_query_params().is_some()
            || member.http_header().is_some()
            || member.http_prefix_headers().is_some();
        let name = member.member_name().unwrap_or_default();
        let is_empty = members.get(name).is_some_and(|value| *value == json!([]) || *value == json!({}));
        if is_bound && is_empty {
            members.remove(name);
        }
    }
}

/// The body that a case sends.
pub(crate) fn body(case: &Case) -> Result<Bytes, String> {
    let body = case.json["serialized"]["body"].as_str().unwrap_or_default();
    match case.protocol {
        Protocol::RpcV2Cbor => {
            BASE64_STANDARD.decode(body).map(Bytes::from).map_err(|error| error.to_string())
        }
        _ => Ok(Bytes::from(body.to_owned())),
    }
}

/// The head of a request.
pub(crate) fn request(method: &str, uri: &str, headers: &Json) -> Result<Parts, String> {
    let mut request =
        Request::builder().method(method).uri(uri).body(()).map_err(|error| format!("{uri}: {error}"))?;
    for (name, value) in headers.as_object().into_iter().flatten() {
        let name: HeaderName = name.parse().map_err(|_| format!("{name} is no name of a header"))?;
        let value = HeaderValue::from_bytes(value.as_str().unwrap_or_default().as_bytes());
        request.headers_mut().append(name, value.map_err(|error| error.to_string())?);
    }
    Ok(request.into_parts().0)
}

/// What the decoder makes of it.
pub(crate) fn decode(case: &Case, request: &Parts, body: &Bytes) -> Result<Record, String> {
    let mut read = None;
    let result = protocol::decode_with(case.protocol, case.operation, request, body, &mut |from| {
        assert!(read.is_none(), "an input is read once");
        read = Some(Record::read(case.input, from)?);
        Ok(())
    });
    result.map_err(|error| error.to_string())?;
    Ok(read.unwrap_or_else(|| Record::empty(case.input)))
}
