//! The client's side of the protocols: JSON input to a request, an answer to JSON, the same in every protocol.
//!
//! awsJson sends the scenario's JSON as it is, so that wrong types can be sent too. The others are translated by the
//! operation's own types, so the operation must be served.

mod query;
mod rest;
mod xml;

use crate::json::Json;
use aws_smithy_cbor::codec::{CborCodec, CborCodecSettings};
use aws_smithy_json::codec::{JsonCodec, JsonCodecSettings};
use bytes::Bytes;
use http::request::Parts;
use mesh_router::Shapes;
use mesh_wire::schema::codec::{Codec, FinishSerializer};
use mesh_wire::schema::serde::{SerializableStruct, ShapeDeserializer, ShapeSerializer};
use mesh_wire::{Protocol, ServiceMeta};
use std::collections::BTreeMap;

/// An answer, whichever protocol it came in.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) error: Option<ErrorName>,
    /// The members; nothing where the body had no bytes.
    pub(crate) body: Option<Json>,
}

/// What an error is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ErrorName {
    /// Its code, without a namespace.
    pub(crate) code: String,
    /// What `x-amzn-query-error` says.
    pub(crate) query: Option<String>,
}

/// What JSON calls the errors of awsQuery: learned from the answers of the one, used for those of the other.
#[derive(Debug, Clone, Default)]
pub(crate) struct Glossary(BTreeMap<String, Vec<Entry>>);

#[derive(Debug, Clone)]
struct Entry {
    code: String,
    has_query: bool,
    /// The member that holds the sentence, and the sentence.
    message: Option<(String, String)>,
}

/// An operation as a client sees it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Api<'a> {
    pub(crate) service: &'static ServiceMeta,
    pub(crate) operation: &'a str,
    /// What is known of it, if it is served.
    pub(crate) shapes: Option<Shapes>,
}

fn codec() -> JsonCodec {
    JsonCodec::new(JsonCodecSettings::builder().use_json_name(false).build())
}

fn cbor_codec() -> CborCodec {
    CborCodec::new(CborCodecSettings::default())
}

/// The structure as JSON.
fn to_json(value: &dyn SerializableStruct) -> Result<Json, String> {
    let mut serializer = codec().create_serializer();
    serializer.write_struct(value.schema(), value).map_err(|error| error.to_string())?;
    parse_json(&serializer.finish())
}

fn parse_json(bytes: &[u8]) -> Result<Json, String> {
    let text = std::str::from_utf8(bytes).map_err(|error| error.to_string())?;
    Json::parse(text).map_err(|error| format!("{error} of {text}"))
}

impl Api<'_> {
    fn shapes(&self) -> Result<Shapes, String> {
        self.shapes
            .ok_or_else(|| format!("{} is not served, so nothing knows how it is written", self.operation))
    }

    /// The input by the operation's own types.
    fn typed(&self, input: &Json) -> Result<Box<dyn SerializableStruct>, String> {
        let text = input.to_string();
        let read = (self.shapes()?.read_input)(&mut codec().create_deserializer(text.as_bytes()));
        read.map_err(|error| format!("the input of {}: {error}", self.operation))
    }

    /// The request that asks this.
    pub(crate) fn request(&self, protocol: Protocol, input: &Json) -> Result<(Parts, Bytes), String> {
        if protocol == Protocol::RestJson1 {
            return rest::request(self.shapes()?.meta, input);
        }
        let mut request = http::Request::builder().method("POST").uri("/");
        let body = match protocol {
            Protocol::AwsJson10 | Protocol::AwsJson11 => {
                let version = if protocol == Protocol::AwsJson10 { "1.0" } else { "1.1" };
                let target = format!("{}.{}", self.service.target_prefix, self.operation);
                request = request.header("content-type", format!("application/x-amz-json-{version}"));
                request = request.header("x-amz-target", target);
                input.to_string().into_bytes()
            }
            Protocol::AwsQuery => {
                request = request.header("content-type", "application/x-www-form-urlencoded");
                query::form(self.service, self.operation, &*self.typed(input)?)?.into_bytes()
            }
            Protocol::RpcV2Cbor => {
                let name = self.service.target_prefix;
                request = request.uri(format!("/service/{name}/operation/{}", self.operation));
                request = request.header("content-type", "application/cbor");
                request = request.header("smithy-protocol", "rpc-v2-cbor");
                let (value, mut serializer) = (self.typed(input)?, cbor_codec().create_serializer());
                serializer.write_struct(value.schema(), &*value).map_err(|error| error.to_string())?;
                serializer.finish()
            }
            Protocol::RestJson1 | Protocol::AwsCbor11 => {
                return Err(format!("scenarios do not speak {protocol:?}"));
            }
        };
        let (head, ()) = request.body(()).map_err(|error| error.to_string())?.into_parts();
        Ok((head, Bytes::from(body)))
    }

    /// What the answer says.
    pub(crate) fn answer(
        &self,
        protocol: Protocol,
        answer: &http::Response<Bytes>,
        glossary: &mut Glossary,
    ) -> Result<Answer, String> {
        let is_error = answer.status().is_client_error() || answer.status().is_server_error();
        let status = answer.status().as_u16();
        let bytes = answer.body();
        let (error, body) = match protocol {
            Protocol::AwsQuery if is_error => {
                let (name, body) = query::error(bytes, glossary)?;
                (Some(name), Some(body))
            }
            _ if is_error => {
                let body = match protocol {
                    Protocol::RpcV2Cbor => crate::client::cbor_tree(bytes)?,
                    _ if bytes.is_empty() => Json::Object(Vec::new()),
                    _ => parse_json(bytes)?,
                };
                let (name, body) = named(answer, body);
                glossary.learn(&name, &body);
                (Some(name), Some(body))
            }
            _ if bytes.is_empty() && protocol != Protocol::RestJson1 => (None, None),
            Protocol::AwsQuery => (None, Some(self.read_xml(bytes)?)),
            Protocol::RpcV2Cbor => {
                (None, Some(self.read_output(&mut cbor_codec().create_deserializer(bytes))?))
            }
            Protocol::RestJson1 => (None, rest::answer(self.shapes()?.meta, answer)?),
            _ => (None, Some(parse_json(bytes)?)),
        };
        Ok(Answer { status, error, body })
    }

    fn read_xml(&self, bytes: &[u8]) -> Result<Json, String> {
        let root = xml::Element::parse(bytes)?;
        let wrapper = self.shapes()?.meta.result_wrapper;
        let result = match wrapper {
            Some(wrapper) => root.child(wrapper).ok_or_else(|| format!("the answer has no {wrapper}"))?,
            None => &root,
        };
        self.read_output(&mut xml::Reader::of(result))
    }

    fn read_output(&self, from: &mut dyn ShapeDeserializer) -> Result<Json, String> {
        let read = (self.shapes()?.read_output)(from);
        to_json(&*read.map_err(|error| format!("the answer of {}: {error}", self.operation))?)
    }
}

/// The name of an error in JSON or CBOR, and its members.
fn named(answer: &http::Response<Bytes>, body: Json) -> (ErrorName, Json) {
    let header =
        |name: &str| answer.headers().get(name).and_then(|value| value.to_str().ok()).map(ToOwned::to_owned);
    let in_body = body.get("__type").and_then(Json::as_str).map(ToOwned::to_owned);
    let code = in_body.or_else(|| header("x-amzn-errortype")).unwrap_or_else(|| "(no code)".to_owned());
    let code = code.rsplit_once('#').map_or(&*code, |(_, code)| code);
    let code = code.split_once(':').map_or(code, |(code, _)| code).to_owned();
    let body = match body {
        Json::Object(mut members) => {
            members.retain(|(name, _)| name != "__type");
            Json::Object(members)
        }
        other => other,
    };
    (ErrorName { code, query: header("x-amzn-query-error") }, body)
}

impl Glossary {
    fn learn(&mut self, name: &ErrorName, body: &Json) {
        let query = name.query.as_deref().and_then(|query| query.split(';').next());
        let message = match body {
            Json::Object(members) => members.iter().find(|(name, _)| name.eq_ignore_ascii_case("message")),
            _ => None,
        };
        let message = message.and_then(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())));
        let entry = Entry { code: name.code.clone(), has_query: query.is_some(), message };
        self.0.entry(query.unwrap_or(&name.code).to_owned()).or_default().push(entry);
    }

    /// What is known of an error of awsQuery. Several of JSON's may share its code; the sentence tells which it is.
    fn find(&self, code: &str, sentence: &str) -> Option<&Entry> {
        let entries = self.0.get(code)?;
        let says_so = |entry: &&Entry| entry.message.as_ref().is_some_and(|(_, known)| known == sentence);
        entries.iter().find(says_so).or_else(|| entries.first())
    }
}

/// A CBOR item whose shape nobody knows: an error's members.
fn cbor_tree(bytes: &[u8]) -> Result<Json, String> {
    fn item(from: &mut aws_smithy_cbor::Decoder<'_>) -> Result<Json, String> {
        use aws_smithy_cbor::data::Type;
        let wrong = |error: aws_smithy_cbor::decode::DeserializeError| error.to_string();
        Ok(match from.datatype().map_err(wrong)? {
            Type::String | Type::StringIndef => Json::String(from.string().map_err(wrong)?),
            Type::Bool => Json::Bool(from.boolean().map_err(wrong)?),
            Type::Null | Type::Undefined => {
                from.skip().map_err(wrong)?;
                Json::Null
            }
            Type::Map | Type::MapIndef => {
                let (mut members, length) = (Vec::new(), from.map().map_err(wrong)?);
                while length.is_none_or(|length| (members.len() as u64) < length) {
                    if length.is_none() && from.datatype().map_err(wrong)? == Type::Break {
                        from.skip().map_err(wrong)?;
                        break;
                    }
                    let name = from.string().map_err(wrong)?;
                    members.push((name, item(from)?));
                }
                Json::Object(members)
            }
            Type::Array | Type::ArrayIndef => {
                let (mut elements, length) = (Vec::new(), from.list().map_err(wrong)?);
                while length.is_none_or(|length| (elements.len() as u64) < length) {
                    if length.is_none() && from.datatype().map_err(wrong)? == Type::Break {
                        from.skip().map_err(wrong)?;
                        break;
                    }
                    elements.push(item(from)?);
                }
                Json::Array(elements)
            }
            Type::F16 | Type::F32 | Type::F64 => Json::Number(from.double().map_err(wrong)?.to_string()),
            _ => Json::Number(from.long().map_err(wrong)?.to_string()),
        })
    }
    item(&mut aws_smithy_cbor::Decoder::new(bytes))
}
