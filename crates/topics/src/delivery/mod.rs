//! How a message reaches a subscription: one attempt at one delivery.

mod envelope;
mod function;
mod queue;

pub(crate) use envelope::message_id;

use crate::domain::{Protocol, Retries, SubscriptionAddress};
use crate::state::notification::Notification;
use crate::state::subscription::Subscription;
use mesh_router::{Attempted, Context, Errand, Outcome};
use mesh_store::Row;
use mesh_types::Need;
use mesh_wire::{ApiError, Fault};
use smol_str::{SmolStr, format_smolstr};
use std::sync::Arc;

/// What a subscription is sent.
pub(crate) struct Parcel {
    pub(crate) notification: Notification,
    pub(crate) subscription: Arc<Subscription>,
    /// The topic's ARN.
    pub(crate) topic: String,
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
        protocol => Err(Failed { again: false, error: format_smolstr!("nothing is sent by {protocol} yet") }),
    };
    match sent {
        Ok(()) => Attempted::Ended(Outcome::Delivered),
        Err(failed) => fail(&cx, &parcel, errand.failures + 1, failed).await,
    }
}

/// What becomes of a delivery after so many failures: it is tried again, or goes to the subscription's dead-letter queue.
async fn fail(cx: &Context, parcel: &Parcel, failures: u32, failed: Failed) -> Attempted {
    let Failed { again, error } = failed;
    let retries = Retries::over(parcel.subscription.protocol);
    if let Some(after) = retries.pause_after(failures).filter(|_| again) {
        return Attempted::Again { after, error };
    }
    let failed = |last_error| Outcome::Failed { after: failures, last_error };
    Attempted::Ended(match &parcel.subscription.attributes.dead_letter_queue {
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
        let (key, _) = state.subscription(address.id).ok()?;
        state.subscriptions.get_shared(&key)
    });
    let subscription = found.map_err(|need: Need| format_smolstr!("{need}"))?;
    let subscription =
        subscription.ok_or_else(|| SmolStr::new_static("the subscription, which has been deleted since"))?;
    Ok(Parcel { notification, subscription, topic: address.topic.arn().to_string() })
}
