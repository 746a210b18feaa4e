//! Where one looks into a queue without receiving from it, in LocalStack's shapes.
//!
//! `GET /_aws/sqs/messages?QueueUrl=URL` and `GET /_aws/sqs/messages/REGION/ACCOUNT/NAME` answer as ReceiveMessage does, in XML or,
//! to who accepts `application/json`, in JSON, with all attributes, and in the order in which the messages were sent. Those that
//! are hidden or held back are shown with `ShowInvisible=true` and `ShowDelayed=true`; `MaxNumberOfMessages` bounds how many. No
//! count changes, nothing is hidden by it, and a receipt handle is that of the latest receive.

use crate::domain::QueueAddress;
use crate::domain::failure::NoSuchQueue;
use crate::ops::receive_message::Wanted;
use crate::state::queue::Message;
use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::header::{ACCEPT, CONTENT_TYPE, HeaderValue};
use http::request::Parts;
use http::{Method, Response, StatusCode};
use mesh_models::sqs::{self, ReceiveMessage, ReceiveMessageError, ReceiveMessageOutput};
use mesh_router::{Context, Site};
use mesh_types::{AccountId, Region, Timestamp};
use mesh_wire::{Protocol, protocol};
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

const PLACE: &str = "/_aws/sqs/messages";

/// Shows what is in a queue.
pub(crate) struct Peek;

impl Site for Peek {
    fn service(&self) -> &'static str {
        "sqs"
    }

    fn claims(&self, _: &str, path: &str) -> bool {
        path.strip_prefix(PLACE).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    fn serve(&self, cx: Context, head: Parts, _: Bytes) -> BoxFuture<'static, Response<Bytes>> {
        Box::pin(async move { answer(&cx, &head) })
    }
}

fn answer(cx: &Context, head: &Parts) -> Response<Bytes> {
    if head.method != Method::GET {
        let mut answer = Response::new(Bytes::from_static(b"What is here can be looked at with GET."));
        *answer.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
        return answer;
    }
    let parameters = parameters(head.uri.query().unwrap_or_default());
    let messages = match look(cx, head.uri.path(), &parameters) {
        Ok(messages) => messages,
        Err(error) => {
            return protocol::encode_error(Protocol::AwsQuery, &sqs::SERVICE, &error.into(), cx.request_id());
        }
    };
    let accepted = head.headers.get(ACCEPT).and_then(|accepted| accepted.to_str().ok());
    if accepted.is_some_and(|accepted| accepted.contains("application/json")) {
        let mut answer = Response::new(Bytes::from(in_json(&messages, cx).to_string()));
        answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        return answer;
    }
    let output = ReceiveMessageOutput { messages: (!messages.is_empty()).then_some(messages) };
    protocol::encode::<ReceiveMessage>(Protocol::AwsQuery, &output, cx.request_id())
}

/// The messages that are asked for.
fn look(
    cx: &Context,
    path: &str,
    parameters: &BTreeMap<String, String>,
) -> Result<Vec<sqs::Message>, ReceiveMessageError> {
    let queue = match path.trim_start_matches(PLACE).trim_matches('/') {
        "" => {
            let url = parameters.get("QueueUrl").map(String::as_str).unwrap_or_default();
            let region = region_of(url).unwrap_or_else(|| cx.region().clone());
            QueueAddress::of_url::<ReceiveMessageError>(&cx.in_place(cx.account(), region), url)?
        }
        place => {
            let (region, rest) = place.split_once('/').ok_or(NoSuchQueue)?;
            let (account, name) = rest.split_once('/').ok_or(NoSuchQueue)?;
            let (region, account) =
                Region::parse(region).ok().zip(AccountId::parse(account).ok()).ok_or(NoSuchQueue)?;
            QueueAddress { key: cx.in_place(account, region).key(name) }
        }
    };
    let (messages, retention, now) = cx.read(&queue.key, |state, now| {
        Ok::<_, NoSuchQueue>((state.messages.snapshot(), state.existing()?.attributes.retention(), now))
    })??;
    let is_set = |name: &str| parameters.get(name).is_some_and(|value| value.eq_ignore_ascii_case("true"));
    let (shows_invisible, shows_delayed) = (is_set("ShowInvisible"), is_set("ShowDelayed"));
    let most = parameters.get("MaxNumberOfMessages").and_then(|most| most.parse().ok()).unwrap_or(usize::MAX);
    let is_meant = |message: &Message| match State::of(message, now) {
        State::Visible => true,
        State::Invisible => shows_invisible,
        State::Delayed => shows_delayed,
    };
    let meant = messages.iter().filter(|(_, message)| message.sent_at + retention > now && is_meant(message));
    let wanted = Wanted::everything();
    let show = |(sequence, message): (&u64, &std::sync::Arc<Message>)| {
        let mut shown = wanted.show(queue.key.hash(), *sequence, message);
        if message.receives == 0 {
            shown.receipt_handle = None;
        }
        let state = State::of(message, now);
        let attributes = shown.attributes.get_or_insert_default();
        if shows_invisible {
            attributes.insert("IsVisible".to_owned(), (state != State::Invisible).to_string());
        }
        if shows_delayed {
            attributes.insert("IsDelayed".to_owned(), (state == State::Delayed).to_string());
        }
        shown
    };
    Ok(meant.take(most).map(show).collect())
}

/// Whether a message can be received.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Visible,
    /// It was received, and is hidden.
    Invisible,
    /// It was never received, and is held back.
    Delayed,
}

impl State {
    fn of(message: &Message, now: Timestamp) -> Self {
        match message.visible_at > now {
            false => Self::Visible,
            true if message.receives > 0 => Self::Invisible,
            true => Self::Delayed,
        }
    }
}

/// The answer as LocalStack's JSON: that of the XML, where one element is no list.
fn in_json(messages: &[sqs::Message], cx: &Context) -> Value {
    let mut shown: Vec<Value> = messages.iter().map(message_in_json).collect();
    let result = match shown.len() {
        0 => Value::Null,
        1 => json!({ "Message": shown.remove(0) }),
        _ => json!({ "Message": shown }),
    };
    let metadata = json!({ "RequestId": cx.request_id().to_string() });
    json!({ "ReceiveMessageResponse": { "ReceiveMessageResult": result, "ResponseMetadata": metadata } })
}

fn message_in_json(message: &sqs::Message) -> Value {
    let mut shown = Map::new();
    let mut put = |name: &str, value: Option<&String>| {
        shown.extend(value.map(|value| (name.to_owned(), Value::from(value.as_str()))));
    };
    put("MessageId", message.message_id.as_ref());
    put("ReceiptHandle", message.receipt_handle.as_ref());
    put("MD5OfBody", message.md5_of_body.as_ref());
    put("Body", message.body.as_ref());
    put("MD5OfMessageAttributes", message.md5_of_message_attributes.as_ref());
    let system = message.attributes.iter().flatten();
    let system: Vec<Value> = system.map(|(name, value)| json!({ "Name": name, "Value": value })).collect();
    shown.insert("Attribute".to_owned(), system.into());
    let own = message.message_attributes.iter().flatten().map(|(name, value)| {
        let binary = value
            .binary_value
            .as_ref()
            .map(|bytes| base64::Engine::encode(&base64::engine::general_purpose::STANDARD, bytes.as_ref()));
        let mut shown = json!({ "DataType": value.data_type });
        match binary {
            Some(binary) => shown["BinaryValue"] = binary.into(),
            None => shown["StringValue"] = value.string_value.clone().into(),
        }
        json!({ "Name": name, "Value": shown })
    });
    let own: Vec<Value> = own.collect();
    if !own.is_empty() {
        shown.insert("MessageAttribute".to_owned(), own.into());
    }
    Value::Object(shown)
}

/// The Region that a queue's URL names: `http://sqs.eu-west-1.localhost:4566/...`.
fn region_of(url: &str) -> Option<Region> {
    let (_, rest) = url.split_once("://sqs.")?;
    Region::parse(rest.split('.').next()?).ok()
}

fn parameters(query: &str) -> BTreeMap<String, String> {
    let decode = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs.map(|(name, value)| (decode(name), decode(value))).collect()
}
