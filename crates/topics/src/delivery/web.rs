//! Delivery by POST.

use super::envelope::{Envelope, message_id};
use super::{Failed, Parcel};
use crate::state::notification::Kind;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, USER_AGENT};
use http::{Request, StatusCode};
use mesh_clock::RealTime;
use mesh_router::Context;
use smol_str::{SmolStr, format_smolstr};
use std::time::Duration;

/// How long an endpoint has to answer.
/// <https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html>
const PATIENCE: Duration = Duration::from_secs(15);

/// Posts a parcel to its subscription's endpoint.
pub(super) async fn post(cx: &Context, parcel: &Parcel, content_type: &str) -> Result<(), Failed> {
    let request = request(parcel, content_type)?;
    let failed = |again, error| Failed { again, error };
    let answered = tokio::select! {
        answered = cx.send(request) => answered,
        () = RealTime::sleep(PATIENCE) => {
            return Err(failed(true, format_smolstr!("no answer in {} seconds", PATIENCE.as_secs())));
        }
    };
    let answer = answered.map_err(|error| failed(true, format_smolstr!("{error}")))?;
    let status = answer.status();
    if status.is_success() {
        return Ok(());
    }
    // What an endpoint refuses, or would have somewhere else, it would refuse again.
    let again = status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS;
    Err(failed(again, format_smolstr!("the endpoint answered {status}")))
}

fn request(parcel: &Parcel, content_type: &str) -> Result<Request<Bytes>, Failed> {
    let Parcel { notification, subscription, topic, .. } = parcel;
    let is_raw = subscription.attributes.is_raw && notification.kind == Kind::Notification;
    let body = match is_raw {
        true => notification.content.to(subscription.protocol).to_owned(),
        false => Envelope::of(parcel)?.print(&notification.attributes),
    };
    let mut request = Request::post(subscription.endpoint.as_str())
        .header(CONTENT_TYPE, content_type)
        .header(USER_AGENT, "Amazon Simple Notification Service Agent")
        .header("x-amz-sns-message-type", notification.kind.name())
        .header("x-amz-sns-message-id", message_id(notification.id))
        .header("x-amz-sns-topic-arn", topic);
    if notification.kind != Kind::Confirmation {
        request = request.header("x-amz-sns-subscription-arn", subscription.arn.as_str());
    }
    if is_raw {
        request = request.header("x-amz-sns-rawdelivery", "true");
    }
    if let Some(user) = user(&subscription.endpoint) {
        request = request.header(http::header::AUTHORIZATION, user);
    }
    let wrong = |error| Failed { again: false, error: format_smolstr!("it cannot be posted: {error}") };
    request.body(Bytes::from(body)).map_err(wrong)
}

/// The credentials that an endpoint names before its host.
fn user(endpoint: &SmolStr) -> Option<String> {
    use base64::Engine;
    let endpoint = endpoint.parse::<http::Uri>().ok()?;
    let (user, _) = endpoint.authority()?.as_str().rsplit_once('@')?;
    Some(format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(user)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_stand_before_the_host_and_nowhere_else() {
        let named = |endpoint: &str| user(&endpoint.into());
        assert_eq!(named("http://me:secret@host/path").as_deref(), Some("Basic bWU6c2VjcmV0"));
        assert_eq!(named("http://host?mail=me@host"), None);
        assert_eq!(named("http://host/me@host"), None);
    }
}
