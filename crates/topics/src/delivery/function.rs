//! Delivery to a function.

use super::envelope::{Envelope, shown};
use super::{Failed, Parcel};
use mesh_models::lambda;
use mesh_router::Context;
use mesh_types::{AccountId, Arn, Region};
use mesh_wire::Blob;
use serde_json::{Map, Value, json};
use smol_str::format_smolstr;

/// Invokes the subscription's function, asynchronously, as SNS does: if the function's policy lets the topic.
pub(super) async fn invoke(cx: &Context, parcel: &Parcel) -> Result<(), Failed> {
    let function = &parcel.subscription.endpoint;
    let wrong = || Failed { again: false, error: format_smolstr!("{function} is not the ARN of a function") };
    let arn = Arn::parse(function).map_err(|_| wrong())?;
    let account = AccountId::parse(&arn.account).map_err(|_| wrong())?;
    let region = Region::parse(&arn.region).map_err(|_| wrong())?;
    let input = lambda::InvokeInput {
        function_name: Some(function.to_string()),
        invocation_type: Some("Event".to_owned()),
        payload: Some(Blob::new(event(parcel)?.to_string().into_bytes())),
        ..Default::default()
    };
    let cx = cx.in_place(account, region).as_service_for("sns", &parcel.topic);
    cx.call::<lambda::Invoke>(input).await?;
    Ok(())
}

/// The event of one notification. Its URLs are spelled otherwise than in an envelope, and all of its members are there.
fn event(parcel: &Parcel) -> Result<Value, Failed> {
    let members = Envelope::of(parcel)?.members().map(|(name, value)| {
        let name = match name {
            "SigningCertURL" => "SigningCertUrl",
            "UnsubscribeURL" => "UnsubscribeUrl",
            name => name,
        };
        (name.to_owned(), value.map_or(Value::Null, Value::from))
    });
    let mut sns: Map<String, Value> = members.collect();
    let attributes = shown(&parcel.notification.attributes).collect::<Map<_, _>>();
    sns.insert("MessageAttributes".to_owned(), Value::Object(attributes));
    Ok(json!({ "Records": [{
        "EventSource": "aws:sns",
        "EventVersion": "1.0",
        "EventSubscriptionArn": parcel.subscription.arn,
        "Sns": sns,
    }] }))
}
