//! A case's result, or its error, is written, and the answer is compared with the one that its client reads.
//!
//! Bodies are compared by what they say: JSON and CBOR as values, XML as trees. Not compared, because a client does
//! not read them or a case does not give them: the namespace in front of an error's code, the URI behind it, the
//! namespace of an XML root, and request ids.

use crate::suite::Case;
use crate::xml::Element;
use crate::{as_json, cbor};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use http::Response;
use mesh_types::RequestId;
use mesh_wire::schema::ShapeType;
use mesh_wire::{ApiError, ErrorMeta, Fault, Protocol, protocol};
use serde_json::Value as Json;

/// Runs a case.
pub(crate) fn run(case: &Case) -> Result<(), String> {
    let is_error = case.json.get("error").is_some();
    let answer = if is_error { error_answer(case) } else { answer(case) };
    let wanted = &case.json["response"];
    let status = u64::from(answer.status().as_u16());
    if wanted["status_code"].as_u64() != Some(status) {
        return Err(format!(
            "expected status {}, got {status} with {:?}",
            wanted["status_code"],
            answer.body()
        ));
    }
    for (name, value) in wanted["headers"].as_object().into_iter().flatten() {
        compare_header(name, value.as_str().unwrap_or_default(), &answer)?;
    }
    match wanted["body"].as_str() {
        Some(body) => compare(case, body, answer.body(), is_error),
        None => Ok(()),
    }
}

fn compare_header(name: &str, wanted: &str, answer: &Response<Bytes>) -> Result<(), String> {
    let is = |other: &str| name.eq_ignore_ascii_case(other);
    let length = answer.body().len().to_string();
    let got = answer.headers().get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
    let got = if is("Content-Length") { Some(length) } else { got };
    let is_same = match &got {
        // ids are ours; and one case repeats a header of its request, which answers nothing
        Some(_) if is("X-Amzn-Requestid") => true,
        None if is("X-Amz-Target") => true,
        got => got.as_deref() == Some(wanted),
    };
    match is_same {
        true => Ok(()),
        false => Err(format!("expected header {name}: {wanted}, got {got:?} of {:?}", answer.headers())),
    }
}

fn request_id() -> RequestId {
    RequestId::from_random(0)
}

fn answer(case: &Case) -> Response<Bytes> {
    let output = as_json::record(case.output, &case.json["result"]);
    protocol::encode_with(case.protocol, case.operation, &output, request_id())
}

fn error_answer(case: &Case) -> Response<Bytes> {
    let name = case.json["given"]["errors"][0]["shape"]
        .as_str()
        .expect("an error names its shape")
        .to_owned()
        .leak();
    let members = as_json::record(case.model.error(name), &case.json["error"]);
    let sentence = case.json["error"]["message"].as_str().or(case.json["error"]["Message"].as_str());
    let meta = error_meta(case, name);
    let error = match members.structure.members.is_empty() {
        true => ApiError::new(meta, sentence.unwrap_or_default()),
        false => ApiError::with_members(meta, sentence.unwrap_or_default(), members),
    };
    protocol::encode_error(case.protocol, case.operation.service, &error, request_id())
}

fn error_meta(case: &Case, name: &'static str) -> &'static ErrorMeta {
    let shape = case.model.shape(name);
    let fault = if shape["fault"] == true { Fault::Server } else { Fault::Client };
    // `error` is awsQuery's trait; only there and in restJson1 does its status count
    let own_status = match case.protocol {
        Protocol::AwsQuery | Protocol::RestJson1 => shape["error"]["httpStatusCode"].as_u64(),
        _ => None,
    };
    let message_member = match shape["members"].get("Message") {
        Some(_) => "Message",
        None => "message",
    };
    Box::leak(Box::new(ErrorMeta {
        code: name,
        query_code: shape["error"]["code"].as_str().map_or(name, |code| code.to_owned().leak()),
        namespace: None,
        status: own_status.map_or(if fault == Fault::Server { 500 } else { 400 }, |status| status as u16),
        fault,
        message_member,
    }))
}

fn compare(case: &Case, wanted: &str, got: &Bytes, is_error: bool) -> Result<(), String> {
    match case.protocol {
        Protocol::AwsQuery => return compare_xml(case, wanted, got, is_error),
        Protocol::RpcV2Cbor | Protocol::AwsCbor11 => {
            let wanted = BASE64_STANDARD.decode(wanted).map_err(|error| error.to_string())?;
            if wanted.is_empty() || got.is_empty() {
                return same(Bytes::from(wanted), got.clone());
            }
            let (mut wanted, mut got) = (cbor::parse(&wanted)?, cbor::parse(got)?);
            if is_error {
                [&mut wanted, &mut got].into_iter().for_each(plain_code);
            }
            return if wanted == got { Ok(()) } else { Err(format!("expected {wanted:#}\ngot {got:#}")) };
        }
        _ => {}
    }
    let payload = case.output.members.iter().find(|member| member.schema.http_payload().is_some());
    let is_raw =
        payload.is_some_and(|it| matches!(it.schema.shape_type(), ShapeType::String | ShapeType::Blob));
    if wanted.is_empty() || got.is_empty() || (is_raw && !is_error) {
        return same(Bytes::from(wanted.to_owned()), got.clone());
    }
    let parse =
        |body: &[u8]| serde_json::from_slice::<Json>(body).map_err(|error| format!("{error} in {body:?}"));
    let (mut wanted, mut got) = (parse(wanted.as_bytes())?, parse(got)?);
    if is_error {
        [&mut wanted, &mut got].into_iter().for_each(plain_code);
        if wanted.get("__type").is_none() {
            // the code may stand in the header alone, or in both places
            got.as_object_mut().and_then(|members| members.remove("__type"));
        }
    }
    [&mut wanted, &mut got].into_iter().for_each(whole_numbers);
    if wanted == got { Ok(()) } else { Err(format!("expected {wanted:#}\ngot {got:#}")) }
}

fn same(wanted: Bytes, got: Bytes) -> Result<(), String> {
    if wanted == got { Ok(()) } else { Err(format!("expected {wanted:?}\ngot {got:?}")) }
}

/// Takes namespace and URI from an error's code.
fn plain_code(body: &mut Json) {
    if let Some(Json::String(code)) = body.get_mut("__type") {
        let behind = code.rsplit_once('#').map_or(code.as_str(), |(_, behind)| behind);
        *code = behind.split(':').next().unwrap_or_default().to_owned();
    }
}

/// JSON has one kind of number: 1.0 and 1 are the same.
fn whole_numbers(json: &mut Json) {
    match json {
        Json::Number(number) => {
            if let Some(value) = number.as_f64().filter(|value| value.fract() == 0.0 && value.abs() < 9e15) {
                *json = Json::from(value as i64);
            }
        }
        Json::Array(all) => all.iter_mut().for_each(whole_numbers),
        Json::Object(all) => all.values_mut().for_each(whole_numbers),
        _ => {}
    }
}

fn compare_xml(case: &Case, wanted: &str, got: &Bytes, is_error: bool) -> Result<(), String> {
    let mut wanted = Element::parse(wanted)?;
    let mut got = Element::parse(std::str::from_utf8(got).map_err(|error| error.to_string())?)?;
    for root in [&mut wanted, &mut got] {
        root.attributes.retain(|(name, _)| name != "xmlns");
        if is_error {
            root.take("RequestId").ok_or("an error without its request id")?;
        } else {
            root.take("ResponseMetadata");
        }
        root.sort(&case.model.key_names());
    }
    if wanted == got { Ok(()) } else { Err(format!("expected\n{wanted}got\n{got}")) }
}
