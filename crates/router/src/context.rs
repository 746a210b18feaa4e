//! What an operation knows of its request.

use crate::faults::{Faulty, Rule};
use crate::outside::{Outside, OutsideError};
use crate::record::{DeliveryEntry, Subjects};
use crate::{Entry, Hangup, Outcome, Quotas, Router};
use bytes::Bytes;
use mesh_store::{Cause, DeliveryId, Key, Partition, Universe};
use mesh_types::{AccountId, Arn, Need, Region, RequestId, Timestamp};
use mesh_wire::{ApiError, Operation};
use smol_str::SmolStr;
use std::fmt;
use std::sync::{Arc, OnceLock};

/// A request's context: whose universe, account and Region, who calls, under which id. An argument everywhere,
/// background work included; cheap to clone.
#[derive(Clone)]
pub struct Context(Arc<Inner>);

struct Inner {
    router: Router,
    parts: ContextParts,
    caller: Presence,
    subjects: OnceLock<Subjects>,
    /// What faults have to do with it, where they have.
    faulty: OnceLock<Box<Faulty>>,
}

/// Where it is known whether the caller is still there.
enum Presence {
    /// Here: this is the context in which the caller's request came in.
    Here(Hangup),
    /// In the context from which this one was made.
    There(Context),
}

/// What a context is made of.
#[derive(Debug, Clone)]
pub struct ContextParts {
    /// The universe, in its generation at the time the request came in.
    pub universe: Universe,
    /// The account that is called.
    pub account: AccountId,
    /// The Region that is called.
    pub region: Region,
    /// Who calls.
    pub caller: Caller,
    /// The request's id.
    pub request_id: RequestId,
    /// The `X-Amzn-Trace-Id` that came with it.
    pub trace: Option<SmolStr>,
    /// What transactions name as their cause.
    pub cause: Cause,
    /// When the request came in, in real time.
    pub arrived_at: Timestamp,
    /// The address under which the caller reaches this universe, without a slash at the end:
    /// `http://localhost:4566`, or with `/_mesh/u/NAME` behind it.
    pub endpoint: SmolStr,
}

/// A delivery that was decided on without an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided {
    /// Its name.
    pub id: DeliveryId,
    /// Where it would have gone.
    pub to: SmolStr,
    /// When that was decided, in universe time.
    pub at: Timestamp,
    /// What.
    pub outcome: Outcome,
}

/// Who calls an operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Caller {
    /// An unsigned request.
    Anonymous,
    /// A request signed with this access key.
    AccessKey(SmolStr),
    /// A service of AWS.
    Service {
        /// Its principal's first label: `sns`.
        name: SmolStr,
        /// The ARN of the resource for which it calls: then the policy of what is called must let it. A service that
        /// calls with a role, or what is its own, names none.
        source: Option<SmolStr>,
    },
}

impl Caller {
    /// A service that calls with a role, or what is its own.
    pub fn service(name: impl Into<SmolStr>) -> Self {
        Self::Service { name: name.into(), source: None }
    }
}

impl Context {
    /// A context of these parts.
    pub fn new(router: &Router, parts: ContextParts) -> Self {
        Self::of(router, parts, Presence::Here(Hangup::default()))
    }

    fn of(router: &Router, parts: ContextParts, caller: Presence) -> Self {
        let router = router.clone();
        Self(Arc::new(Inner { router, parts, caller, subjects: OnceLock::new(), faulty: OnceLock::new() }))
    }

    /// A context of other parts for what is done on behalf of the same caller: when he hangs up, its waits end too.
    fn derive(&self, parts: ContextParts) -> Self {
        let origin = match &self.0.caller {
            Presence::Here(_) => self,
            Presence::There(origin) => origin,
        };
        Self::of(&self.0.router, parts, Presence::There(origin.clone()))
    }

    /// The router.
    pub fn router(&self) -> &Router {
        &self.0.router
    }

    /// The ways out of the process: listeners, child processes, directories, outgoing requests. What is done with them
    /// is in the record, as caused by this context's cause.
    pub fn outside(&self) -> Arc<dyn Outside> {
        self.router().outside_of(self)
    }

    /// Tells the record what this call is about, once: the ids of messages, by which `why` then finds it.
    pub fn concerns(&self, ids: impl IntoIterator<Item = u128>) {
        let told = self.0.subjects.set(ids.into_iter().collect());
        debug_assert!(told.is_ok(), "a call says once what it is about");
    }

    /// Writes into the record, once it is committed, what became of deliveries that were decided on without an attempt:
    /// a filter held them back.
    pub fn decided(&self, deliveries: impl IntoIterator<Item = Decided>) {
        let record = self.router().record();
        for Decided { id, to, at, outcome } in deliveries {
            let (universe, epoch) = (self.universe().name().clone(), self.universe().epoch());
            let (sequence, cause) = (record.next(), self.cause());
            record.add(Entry::Delivery(DeliveryEntry {
                sequence,
                universe,
                epoch,
                id,
                cause,
                to,
                at,
                outcome,
            }));
        }
    }

    /// What this call is about, as far as it told.
    pub(crate) fn subjects(&self) -> Subjects {
        self.0.subjects.get().cloned().unwrap_or_default()
    }

    /// The universe.
    pub fn universe(&self) -> &Universe {
        &self.0.parts.universe
    }

    /// The account that is called.
    pub fn account(&self) -> AccountId {
        self.0.parts.account
    }

    /// The Region that is called.
    pub fn region(&self) -> &Region {
        &self.0.parts.region
    }

    /// Who calls.
    pub fn caller(&self) -> &Caller {
        &self.0.parts.caller
    }

    /// The request's id.
    pub fn request_id(&self) -> RequestId {
        self.0.parts.request_id
    }

    /// The `X-Amzn-Trace-Id` that came with the request.
    pub fn trace(&self) -> Option<&SmolStr> {
        self.0.parts.trace.as_ref()
    }

    /// What transactions name as their cause.
    pub fn cause(&self) -> Cause {
        self.0.parts.cause
    }

    /// Whether AWS's quotas are held.
    pub fn quotas(&self) -> Quotas {
        self.router().quotas()
    }

    /// When the request came in, in real time.
    pub fn arrived_at(&self) -> Timestamp {
        self.0.parts.arrived_at
    }

    /// The address under which the caller reaches this universe, without a slash at the end.
    pub fn endpoint(&self) -> &SmolStr {
        &self.0.parts.endpoint
    }

    /// What tells the operation that its caller is gone.
    pub fn hangup(&self) -> &Hangup {
        match &self.0.caller {
            Presence::Here(hangup) => hangup,
            Presence::There(origin) => origin.hangup(),
        }
    }

    /// Has these rules apply to this request alone, and to all calls that are made with this very context.
    pub fn bring_faults(&self, rules: Vec<Rule>) {
        self.0.faulty.get_or_init(|| Box::new(Faulty::of_request(rules)));
    }

    pub(crate) fn faulty(&self) -> Option<&Faulty> {
        self.0.faulty.get().map(|faulty| &**faulty)
    }

    pub(crate) fn faulty_or_new(&self) -> &Faulty {
        self.0.faulty.get_or_init(Box::default)
    }

    /// The ARN of a resource of this account and Region.
    pub fn arn(&self, service: &str, resource: &str) -> Arn {
        Arn::new(service, self.region(), self.account(), resource)
    }

    /// The address of the partition `name` of this account and Region.
    pub fn key<P: Partition>(&self, name: impl Into<SmolStr>) -> Key<P> {
        Key::new(self.account(), self.region().clone(), name)
    }

    /// Reads a partition: see [`Universe::read`].
    ///
    /// # Errors
    /// [`Need::Universe`] when the universe is gone.
    pub fn read<P: Partition, R>(
        &self,
        key: &Key<P>,
        read: impl FnOnce(&P, Timestamp) -> R,
    ) -> Result<R, Need> {
        self.universe().read(key, read)
    }

    /// Sends a request to somewhere else, once all is on disk that led to it, where the state is kept strictly.
    ///
    /// # Errors
    /// It cannot be sent; the disk has failed.
    pub async fn send(&self, request: http::Request<Bytes>) -> Result<http::Response<Bytes>, OutsideError> {
        let settled = self.universe().settled_on_disk().await;
        settled
            .map_err(|need| OutsideError::refused(format!("Nothing is sent any more, because {need}.")))?;
        self.outside().http(request).await
    }

    /// The same context for calls that this service makes with a role, or of what is its own.
    #[must_use]
    pub fn as_service(&self, service: &'static str) -> Self {
        let caller = Caller::service(SmolStr::new_static(service));
        self.derive(ContextParts { caller, ..self.0.parts.clone() })
    }

    /// The same context for calls that this service makes for the resource of this ARN, if the policies of what it calls
    /// let it.
    #[must_use]
    pub fn as_service_for(&self, service: &'static str, source: &str) -> Self {
        let caller =
            Caller::Service { name: SmolStr::new_static(service), source: Some(SmolStr::new(source)) };
        self.derive(ContextParts { caller, ..self.0.parts.clone() })
    }

    /// The same context with another cause.
    #[must_use]
    pub fn caused_by(&self, cause: Cause) -> Self {
        self.derive(ContextParts { cause, ..self.0.parts.clone() })
    }

    /// The same context in another account and Region.
    #[must_use]
    pub fn in_place(&self, account: AccountId, region: Region) -> Self {
        self.derive(ContextParts { account, region, ..self.0.parts.clone() })
    }

    /// The same context with another `X-Amzn-Trace-Id`.
    #[must_use]
    pub fn traced(&self, trace: SmolStr) -> Self {
        self.derive(ContextParts { trace: Some(trace), ..self.0.parts.clone() })
    }

    /// The context of a call that is made in this one: with an id of its own, which is the cause of what it does.
    pub(crate) fn nested(&self) -> Self {
        let request_id = RequestId::from_random(self.universe().draw_errand_id());
        let cause = Cause::Request(request_id.bits());
        self.derive(ContextParts { request_id, cause, ..self.0.parts.clone() })
    }

    /// The same context for work that goes on when the caller has gone: nobody hangs up on it.
    #[must_use]
    pub fn detached(&self) -> Self {
        Self::new(&self.0.router, self.0.parts.clone())
    }

    /// Calls an operation of a service, typed and without serialisation, past the same interceptors as from outside.
    ///
    /// # Errors
    /// What the operation answers, or the interceptors, or the model's constraints.
    pub async fn call<O: Operation>(&self, input: O::Input) -> Result<O::Output, ApiError> {
        self.router().call::<O>(self, input).await
    }
}

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.parts.fmt(f)
    }
}
