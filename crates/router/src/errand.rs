//! Deliveries that a service makes itself, because their form depends on the receiver, or because they are tried again in
//! a manner of its own. They lie in the outbox as others do, and the same scheduler sends them.

use crate::{Context, Outcome};
use futures_util::future::BoxFuture;
use mesh_store::DeliveryId;
use smol_str::SmolStr;
use std::sync::Arc;
use std::time::Duration;

/// An attempt at such a delivery.
#[derive(Debug, Clone)]
pub struct Errand {
    /// The delivery.
    pub id: DeliveryId,
    /// What it carries, as it was owed.
    pub payload: Arc<[u8]>,
    /// What else the service noted when it owed it.
    pub about: SmolStr,
    /// Attempts that have failed.
    pub failures: u32,
}

/// What came of the attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Attempted {
    /// The delivery has ended.
    Ended(Outcome),
    /// It failed, and is tried again.
    Again {
        /// After this pause.
        after: Duration,
        /// What it was answered.
        error: SmolStr,
    },
}

/// Makes the attempts of one service.
pub(crate) type Courier = Box<dyn Fn(Context, Errand) -> BoxFuture<'static, Attempted> + Send + Sync>;
