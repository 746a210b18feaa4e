//! How a message reaches a subscription: one attempt at one delivery.

mod envelope;
mod function;
mod people;
mod queue;
mod web;

pub(crate) use envelope::{message_id, moment, sequence_number, shown, token};
pub(crate) use people::directly;

use crate::domain::{DeliveryPolicy, Protocol, Retries, SubscriptionAddress, delivery_policy};
use crate::signing::Version;
use crate::state::notification::{Kind, Notification};
use crate::state::subscription::Subscription;
use mesh_router::{Attempted, Context, Errand, Outcome};
use mesh_store::{Row, UniverseName};
use mesh_types::Need;
use mesh_wire::{ApiError, Fault};
use smol_str::{SmolStr, format_smolstr};
use std::ops::Range;
use std::sync::Arc;

/// What a subscription is sent.
pub(crate) struct Parcel {
    pub(crate) notification: Notification,
    pub(crate) subscription: Arc<Subscription>,
    /// The topic's ARN.
    pub(crate) topic: String,
    /// What the topic's messages are signed over.
    pub(crate) version: Version,
    /// How deliveries over HTTP are made.
    pub(crate) policy: DeliveryPolicy,
    /// What the URLs in what is sent begin with.
    pub(crate) base: SmolStr,
}

/// A delivery did not arrive.
struct Failed {
    /// Whether another attempt could end otherwise.
    again: bool,
    error: SmolStr,
}

impl From<ApiError> for Failed {
    fn from(error: ApiError) -> Self {
        Self { again: error.meta().fault == Fault::Server, error: format_smolstr!("{error}") }
    }
}

/// Makes one attempt.
pub(crate) async fn attempt(cx: Context, errand: Errand) -> Attempted {
    let parcel = match parcel(&cx, &errand) {
        Ok(parcel) => parcel,
        Err(why) => return Attempted::Ended(Outcome::Refused { by: why }),
    };
    let sent = match parcel.subscription.protocol {
        Protocol::Sqs => queue::send(&cx, &parcel, &parcel.subscription.endpoint).await,
        Protocol::Lambda => function::invoke(&cx, &parcel).await,
        Protocol::Http | Protocol::Https => web::post(&cx, &parcel, &parcel.policy.content_type).await,
        Protocol::Email | Protocol::EmailJson | Protocol::Sms | Protocol::Application => {
            people::send(&cx, &parcel)
        }
    };
    match sent {
        Ok(()) => Attempted::Ended(Outcome::Delivered),
        Err(failed) => fail(&cx, &parcel, errand.failures + 1, failed).await,
    }
}

/// What becomes of a delivery after so many failures: it is tried again, or goes to the subscription's dead-letter queue.
async fn fail(cx: &Context, parcel: &Parcel, failures: u32, failed: Failed) -> Attempted {
    let Failed { again, error } = failed;
    let retries = match parcel.subscription.protocol {
        Protocol::Http | Protocol::Https => parcel.policy.retries,
        protocol => Retries::over(protocol),
    };
    if let Some(after) = retries.pause_after(failures).filter(|_| again) {
        return Attempted::Again { after, error };
    }
    let dead_letter_queue = &parcel.subscription.attributes.dead_letter_queue;
    let is_kept = parcel.notification.kind == Kind::Notification;
    let failed = |last_error| Outcome::Failed { after: failures, last_error };
    Attempted::Ended(match dead_letter_queue.as_ref().filter(|_| is_kept) {
        None => failed(error),
        Some(queue) => match queue::send(cx, parcel, queue).await {
            Ok(()) => Outcome::DeadLettered { queue: queue.clone() },
            Err(Failed { error: by, .. }) => {
                failed(format_smolstr!("{error}; nor did the dead-letter queue {queue} take it: {by}"))
            }
        },
    })
}

/// What is to be sent, or why nothing is any more.
fn parcel(cx: &Context, errand: &Errand) -> Result<Parcel, SmolStr> {
    let notification =
        Notification::decode(&errand.payload).map_err(|error| format_smolstr!("its own row: {error}"))?;
    let address =
        SubscriptionAddress::of_arn(cx, &errand.about).map_err(|error| format_smolstr!("{error}"))?;
    let found = cx.read(&address.topic.key, |state, _| {
        let settings = state.settings.get_shared()?;
        let subscription = match notification.kind {
            Kind::Farewell => {
                let ended = state.ended.range(..).find(|(_, ended)| ended.subscription.id == address.id)?;
                Arc::new(ended.1.subscription.clone())
            }
            _ => state.subscriptions.get_shared(&state.subscription(address.id).ok()?.0)?,
        };
        Some((settings, subscription))
    });
    let found = found.map_err(|need: Need| format_smolstr!("{need}"))?;
    let (settings, subscription) =
        found.ok_or_else(|| SmolStr::new_static("the subscription, which has been deleted since"))?;
    let version = match settings.attributes.signature_version() {
        "2" => Version::Two,
        _ => Version::One,
    };
    let of_topic = settings.attributes.get("DeliveryPolicy");
    let policy = delivery_policy::effective(of_topic, subscription.attributes.delivery_policy.as_deref());
    let (topic, base) = (address.topic.arn().to_string(), base(cx.universe().name(), &subscription.door));
    Ok(Parcel { notification, subscription, topic, version, policy, base })
}

/// What stands behind the name of a universe in a host.
const HOST_SUFFIX: &str = ".universe.localhost";

/// Where a subscriber who came by this door finds the universe: a fork of the one in which he subscribed is another.
fn base(universe: &UniverseName, door: &SmolStr) -> SmolStr {
    match named_by_host(door) {
        Some(place) => format_smolstr!("{}{universe}{}", &door[..place.start], &door[place.end..]),
        None if *universe == UniverseName::DEFAULT => door.clone(),
        None => format_smolstr!("{door}/_mesh/u/{universe}"),
    }
}

/// Where in a door the host names a universe.
fn named_by_host(door: &str) -> Option<Range<usize>> {
    let end = door.to_ascii_lowercase().find(HOST_SUFFIX)?;
    let rest = &door[end + HOST_SUFFIX.len()..];
    let is_whole = matches!(rest.strip_prefix('.').unwrap_or(rest).bytes().next(), None | Some(b':'));
    let start = door[..end].rfind(['/', '.'])? + 1;
    is_whole.then_some(start..end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_lead_to_the_universe_that_sends_whichever_way_the_subscriber_came() {
        for (universe, door, leads_to) in [
            ("default", "http://localhost:4566", "http://localhost:4566"),
            ("fork", "http://localhost:4566", "http://localhost:4566/_mesh/u/fork"),
            ("a", "http://a.universe.localhost:4566", "http://a.universe.localhost:4566"),
            ("fork", "http://a.universe.localhost:4566", "http://fork.universe.localhost:4566"),
            ("default", "http://a.universe.localhost:4566", "http://default.universe.localhost:4566"),
            ("a", "http://sns.a.universe.localhost", "http://sns.a.universe.localhost"),
            ("fork", "http://sns.a.Universe.localhost.:1", "http://sns.fork.Universe.localhost.:1"),
            ("fork", "http://a.universe.localhost.test", "http://a.universe.localhost.test/_mesh/u/fork"),
        ] {
            let name = UniverseName::parse(universe).expect("a name");
            assert_eq!(base(&name, &door.into()), leads_to, "{universe} {door}");
        }
    }
}
