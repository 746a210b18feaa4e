//! Delivery to telephones, mailboxes and apps: kept, to be looked at.

use super::envelope::Envelope;
use super::{Failed, Parcel};
use crate::domain::Protocol;
use crate::domain::platform::DeviceAddress;
use crate::state::notification::{Kind, Notification};
use crate::state::sent::{self, Sent, SentMessage};
use crate::state::texting;
use mesh_router::Context;
use mesh_types::{AccountId, Need, Region};
use smol_str::{SmolStr, format_smolstr};

/// Sends a parcel to someone.
pub(super) fn send(cx: &Context, parcel: &Parcel) -> Result<(), Failed> {
    let Parcel { notification, subscription, .. } = parcel;
    let refused = |error: SmolStr| Failed { again: false, error };
    let body = match subscription.protocol {
        Protocol::EmailJson => Envelope::of(parcel)?.print(&notification.attributes),
        Protocol::Email if notification.kind == Kind::Confirmation => {
            let (_, url) =
                Envelope::of(parcel)?.members().find(|(name, _)| *name == "SubscribeURL").unwrap_or_default();
            format!("{}\n{}", notification.content.over("email"), url.unwrap_or_default())
        }
        Protocol::Application => {
            let device = DeviceAddress::of_arn(cx, "EndpointArn", &subscription.endpoint);
            let device = device.map_err(|error| refused(format_smolstr!("{error}")))?;
            check(cx, &device).map_err(refused)?;
            notification.content.over(device.platform()).to_owned()
        }
        protocol => notification.content.to(protocol).to_owned(),
    };
    if subscription.protocol == Protocol::Sms {
        let key = texting::key(cx);
        let number = &subscription.endpoint;
        let wants_none = cx.read(&key, |state, _| state.opted_out.get(number).is_some());
        if wants_none.unwrap_or(false) {
            return Err(refused(SmolStr::new_static("the phone number has opted out")));
        }
    }
    let message = SentMessage {
        protocol: SmolStr::new_static(subscription.protocol.name()),
        to: subscription.endpoint.clone(),
        subscription: Some(subscription.arn.clone()),
        notification: notification.clone(),
        body,
    };
    keep(cx, cx.account(), cx.region(), message)
        .map_err(|need| Failed { again: true, error: format_smolstr!("{need}") })
}

/// Whether something can be sent to a device; else why not.
fn check(cx: &Context, device: &DeviceAddress) -> Result<(), SmolStr> {
    let found = cx.read(&device.application.key, |state, _| state.device(device).map(|it| it.is_enabled()));
    match found {
        Ok(Ok(true)) => Ok(()),
        Ok(Ok(false)) => Err(SmolStr::new_static("the endpoint is disabled")),
        Ok(Err(missing)) => Err(format_smolstr!("{missing}")),
        Err(need) => Err(format_smolstr!("{need}")),
    }
}

/// Keeps a message where it is looked at.
pub(crate) fn keep(
    cx: &Context,
    account: AccountId,
    region: &Region,
    message: SentMessage,
) -> Result<(), Need> {
    cx.write(&sent::key_of(account, region), |sent: &mut Sent, _| {
        sent.keep(message.clone());
        Ok::<_, Need>(())
    })
}

/// A message that is sent to one recipient, without a topic.
pub(crate) fn directly(
    protocol: Protocol,
    to: SmolStr,
    notification: Notification,
    body: String,
) -> SentMessage {
    let protocol = SmolStr::new_static(protocol.name());
    SentMessage { protocol, to, subscription: None, notification, body }
}
