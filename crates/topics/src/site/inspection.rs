//! Where one looks at what was sent to people, in LocalStack's shapes.
//!
//! | | |
//! |---|---|
//! | `GET /_aws/sns/platform-endpoint-messages?endpointArn=` | messages to apps |
//! | `GET /_aws/sns/sms-messages?phoneNumber=` | text messages |
//! | `GET /_aws/sns/email-messages?address=` | e-mails; ours |
//! | `GET /_aws/sns/subscription-tokens/ARN` | the token with which a subscription is confirmed |
//! | `POST /_aws/sns/phone-opt-outs` `{"phoneNumber": ...}` | a number wants no more messages |
//!
//! Each takes `accountId` and `region`; `DELETE` of one of the first three forgets its messages.

use crate::delivery::{message_id, shown, token};
use crate::domain::texting::check_number;
use crate::domain::{Content, SubscriptionAddress};
use crate::state::sent::{self, Sent, SentMessage};
use crate::state::texting::{self, OptedOut};
use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::header::{CONTENT_TYPE, HeaderValue};
use http::request::Parts;
use http::{Method, Response, StatusCode};
use mesh_router::{Context, Site};
use mesh_types::{AccountId, Need, Region};
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

const PREFIX: &str = "/_aws/sns/";

/// Shows what was sent to people.
pub(crate) struct Inspection;

impl Site for Inspection {
    fn service(&self) -> &'static str {
        "sns"
    }

    fn claims(&self, _: &str, path: &str) -> bool {
        path.starts_with(PREFIX)
    }

    fn serve(&self, cx: Context, head: Parts, body: Bytes) -> BoxFuture<'static, Response<Bytes>> {
        Box::pin(async move { answer(&cx, &head, &body) })
    }
}

/// Which of what was sent is asked for.
struct Door {
    /// The member of the answer that holds it.
    member: &'static str,
    /// The parameter that names a recipient.
    recipient: &'static str,
    protocols: &'static [&'static str],
}

const DOORS: [(&str, Door); 3] = [
    (
        "platform-endpoint-messages",
        Door { member: "platform_endpoint_messages", recipient: "endpointArn", protocols: &["application"] },
    ),
    ("sms-messages", Door { member: "sms_messages", recipient: "phoneNumber", protocols: &["sms"] }),
    (
        "email-messages",
        Door { member: "email_messages", recipient: "address", protocols: &["email", "email-json"] },
    ),
];

fn answer(cx: &Context, head: &Parts, body: &Bytes) -> Response<Bytes> {
    let query = parameters(head.uri.query().unwrap_or_default());
    let account = query.get("accountId").map_or(Ok(cx.account()), |text| AccountId::parse(text));
    let region = query.get("region").map_or(Ok(cx.region().clone()), |text| Region::parse(text));
    let (Ok(account), Ok(region)) = (account, region) else {
        return json_answer(
            400,
            &json!({ "error": "accountId must be twelve digits, region a Region's name" }),
        );
    };
    let cx = cx.in_place(account, region);
    let (_, path) = head.uri.path().split_once(PREFIX).unwrap_or_default();
    let done = match (&head.method, path.split_once('/')) {
        (&Method::GET, Some(("subscription-tokens", arn))) => subscription_token(&cx, arn),
        (&Method::POST, None) if path == "phone-opt-outs" => opt_out(&cx, body),
        (method, None) => match DOORS.iter().find(|(name, _)| *name == path) {
            Some((_, door)) if method == Method::GET => show(&cx, door, query.get(door.recipient)),
            Some((_, door)) if method == Method::DELETE => forget(&cx, door, query.get(door.recipient)),
            _ => Ok(not_found()),
        },
        _ => Ok(not_found()),
    };
    done.unwrap_or_else(|need| json_answer(503, &json!({ "error": need.to_string() })))
}

fn show(cx: &Context, door: &Door, recipient: Option<&String>) -> Result<Response<Bytes>, Need> {
    let sent = cx.read(&sent::key_of(cx.account(), cx.region()), |state, _| state.messages.snapshot())?;
    let mut messages = Map::new();
    for message in sent.values().filter(|message| is_meant(message, door, recipient)) {
        let list = messages.entry(message.to.to_string()).or_insert_with(|| json!([]));
        if let Value::Array(list) = list {
            list.push(describe(message, door));
        }
    }
    if let Some(recipient) = recipient {
        messages.entry(recipient.clone()).or_insert_with(|| json!([]));
    }
    Ok(json_answer(200, &json!({ door.member: messages, "region": cx.region().as_str() })))
}

fn forget(cx: &Context, door: &Door, recipient: Option<&String>) -> Result<Response<Bytes>, Need> {
    cx.write(&sent::key_of(cx.account(), cx.region()), |state: &mut Sent, _| {
        let all = state.messages.range(..);
        let meant = all.filter(|(_, message)| is_meant(message, door, recipient)).map(|(key, _)| *key);
        let meant: Vec<u64> = meant.collect();
        meant.iter().for_each(|key| drop(state.messages.remove(key)));
        Ok::<_, Need>(())
    })?;
    let mut answer = Response::new(Bytes::new());
    *answer.status_mut() = StatusCode::NO_CONTENT;
    Ok(answer)
}

fn is_meant(message: &SentMessage, door: &Door, recipient: Option<&String>) -> bool {
    door.protocols.contains(&message.protocol.as_str())
        && recipient.is_none_or(|recipient| *recipient == message.to)
}

fn describe(message: &SentMessage, door: &Door) -> Value {
    let notification = &message.notification;
    let topic = message.subscription.as_ref().and_then(|arn| arn.rsplit_once(':')).map(|(topic, _)| topic);
    let structure = matches!(notification.content, Content::ByProtocol(_)).then_some("json");
    let recipient = match door.recipient {
        "endpointArn" => "TargetArn",
        "phoneNumber" => "PhoneNumber",
        _ => "Address",
    };
    json!({
        recipient: message.to,
        "TopicArn": topic,
        "SubscriptionArn": message.subscription,
        "MessageId": message_id(notification.id),
        "Message": message.body,
        "MessageAttributes": shown(&notification.attributes).collect::<Map<_, _>>(),
        "MessageStructure": structure,
        "Subject": notification.subject,
    })
}

fn subscription_token(cx: &Context, arn: &str) -> Result<Response<Bytes>, Need> {
    let arn = percent_decode_str(arn).decode_utf8_lossy();
    // The ARN says where the subscription is.
    let region = arn.split(':').nth(3).and_then(|region| Region::parse(region).ok());
    let cx = region.map_or_else(|| cx.clone(), |region| cx.in_place(cx.account(), region));
    let Ok(address) = SubscriptionAddress::of_arn(&cx, &arn) else {
        let error = json!({ "error": "The provided SubscriptionARN is invalid", "subscription_arn": arn });
        return Ok(json_answer(400, &error));
    };
    let found = cx.read(&address.topic.key, |state, _| {
        state.subscription(address.id).ok().and_then(|(_, subscription)| subscription.token)
    })?;
    Ok(match found {
        Some(bits) => {
            json_answer(200, &json!({ "subscription_token": token(bits), "subscription_arn": arn }))
        }
        None => {
            let error = "The provided SubscriptionARN is not found, or its endpoint is not asked";
            json_answer(404, &json!({ "error": error, "subscription_arn": arn }))
        }
    })
}

fn opt_out(cx: &Context, body: &Bytes) -> Result<Response<Bytes>, Need> {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let Ok(number) = check_number(body["phoneNumber"].as_str().unwrap_or_default()) else {
        return Ok(json_answer(400, &json!({ "error": "send {\"phoneNumber\": \"+15551234567\"}" })));
    };
    cx.write(&texting::key(cx), |state, tx| {
        state.opted_out.insert(number.clone(), OptedOut { at: tx.now() });
        Ok::<_, Need>(())
    })?;
    Ok(json_answer(200, &json!({ "phoneNumber": number })))
}

fn not_found() -> Response<Bytes> {
    let doors: Vec<&str> = DOORS.iter().map(|(name, _)| *name).collect();
    let error =
        format!("Under {PREFIX} there are {}, subscription-tokens/ARN and phone-opt-outs.", doors.join(", "));
    json_answer(404, &json!({ "error": error }))
}

fn json_answer(status: u16, body: &Value) -> Response<Bytes> {
    let mut answer = Response::new(Bytes::from(body.to_string()));
    *answer.status_mut() = StatusCode::from_u16(status).unwrap_or_default();
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    answer
}

fn parameters(query: &str) -> BTreeMap<String, String> {
    let decode = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs.map(|(name, value)| (decode(name), decode(value))).collect()
}
