//! From a request to its answer, and from service to service.

use crate::errand::Courier;
use crate::handler::{AnyHandler, Handler};
use crate::in_flight::{self, Running, Tracked};
use crate::outside::{Closed, Outside, Recorded};
use crate::record::CallEntry;
use crate::scheduler::Order;
use crate::{
    Context, Entry, Interceptor, NoSecret, Quotas, Record, Registry, Request, Site, faults, scheduler,
};
use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use http::StatusCode;
use http::header::{CONTENT_TYPE, HeaderValue};
use http::request::Parts;
use mesh_clock::RealTime;
use mesh_store::{Cause, Delivery, PartitionKey, Target, Universe, UniverseName, Universes};
use mesh_types::{IssuedKey, RequestId, Timestamp};
use mesh_wire::error::common::{invalid_action, not_implemented, unknown_operation};
use mesh_wire::schema::serde::{SerdeError, SerializableStruct, ShapeDeserializer};
use mesh_wire::{
    Answers, ApiError, ErrorMeta, Failure, InternalFailure, Operation, OperationMeta, Protocol, ServiceMeta,
    Shape, check, protocol,
};
use rustc_hash::FxHashMap;
use smol_str::{SmolStr, format_smolstr};
use std::any::TypeId;
use std::fmt;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Weak};

/// The router: services, universes, record. Cheap to clone; all clones are the same one.
#[derive(Clone)]
pub struct Router(Arc<Inner>);

struct Inner {
    registry: Registry,
    universes: Universes,
    interceptors: Vec<Box<dyn Interceptor>>,
    record: Arc<Record>,
    endpoint: SmolStr,
    outside: Arc<dyn Outside>,
    arming: faults::Arming,
}

/// What a router is made of beside its services.
pub struct Options {
    /// The universes.
    pub universes: Universes,
    /// What sees every call, in this order.
    pub interceptors: Vec<Box<dyn Interceptor>>,
    /// The record.
    pub record: Record,
    /// The address of this process as background work names it: `http://localhost:4566`.
    pub endpoint: SmolStr,
}

/// No operation of AWS has a longer name, by far.
const NAME_LENGTH: usize = 128;

/// The answer to a request.
pub type Answer = http::Response<Bytes>;

/// An API and what it has.
pub(crate) struct Registered {
    pub(crate) meta: &'static ServiceMeta,
    pub(crate) operations: FxHashMap<&'static str, Erased>,
}

/// A served operation for whoever does not know its types: a client that translates from one protocol to another.
#[derive(Debug, Clone, Copy)]
pub struct Shapes {
    /// Name, bindings and the schemas of the outermost structures; those within are known to the types alone.
    pub meta: &'static OperationMeta,
    /// Reads an input.
    pub read_input: ReadShape,
    /// Reads an output.
    pub read_output: ReadShape,
}

/// Reads one structure, whichever it is.
pub type ReadShape = fn(&mut dyn ShapeDeserializer) -> Result<Box<dyn SerializableStruct>, SerdeError>;

impl Shapes {
    fn of<O: Operation>() -> Self {
        Self { meta: O::meta(), read_input: read_shape::<O::Input>, read_output: read_shape::<O::Output> }
    }
}

fn read_shape<S: Shape>(from: &mut dyn ShapeDeserializer) -> Result<Box<dyn SerializableStruct>, SerdeError> {
    S::read(from).map(|shape| Box::new(shape) as _)
}

/// What answers one operation, whatever its types.
pub(crate) struct Erased {
    errors: &'static [&'static ErrorMeta],
    shapes: Shapes,
    serve: Box<dyn Fn(Request) -> BoxFuture<'static, Outcome> + Send + Sync>,
}

/// An answer, and the error's code where it is one.
struct Outcome {
    answer: Answer,
    error: Option<&'static str>,
}

/// A call that has ended, for the record.
struct Ended {
    /// In real time.
    began: Timestamp,
    cause: Cause,
    service: &'static str,
    operation: SmolStr,
    status: StatusCode,
    error: Option<&'static str>,
}

/// What is done when a deadline comes.
pub(crate) type Due = Arc<dyn Fn(Context, PartitionKey) -> BoxFuture<'static, ()> + Send + Sync>;

impl Router {
    /// A router of these services, with no way out of the process: see [`Closed`].
    pub fn new(registry: Registry, options: Options) -> Self {
        Self::with_outside(registry, options, Arc::new(Closed))
    }

    /// A router of these services, and their ways out of the process.
    pub fn with_outside(registry: Registry, options: Options, outside: Arc<dyn Outside>) -> Self {
        let Options { universes, interceptors, record, endpoint } = options;
        let (record, arming) = (Arc::new(record), faults::Arming::default());
        Self(Arc::new(Inner { registry, universes, interceptors, record, endpoint, outside, arming }))
    }

    /// Whether AWS's quotas are held.
    pub(crate) fn quotas(&self) -> Quotas {
        self.0.registry.quotas
    }

    /// The universes.
    pub fn universes(&self) -> &Universes {
        &self.0.universes
    }

    /// The record.
    pub fn record(&self) -> &Record {
        &self.0.record
    }

    /// The fault rules of the universes.
    pub fn faults(&self) -> faults::Faults<'_> {
        faults::Faults::new(self)
    }

    pub(crate) fn arming(&self) -> &faults::Arming {
        &self.0.arming
    }

    pub(crate) fn registry(&self) -> &Registry {
        &self.0.registry
    }

    /// The address of this process as background work names it.
    pub fn endpoint(&self) -> &SmolStr {
        &self.0.endpoint
    }

    /// The same for what is in a universe.
    pub fn endpoint_of(&self, universe: &UniverseName) -> SmolStr {
        if *universe == UniverseName::DEFAULT {
            self.0.endpoint.clone()
        } else {
            format_smolstr!("{}/_mesh/u/{universe}", self.0.endpoint)
        }
    }

    /// The ways out of the process, recorded as what this context does.
    pub(crate) fn outside_of(&self, cx: &Context) -> Arc<dyn Outside> {
        Arc::new(Recorded::new(Arc::clone(&self.0.outside), Arc::clone(&self.0.record), cx))
    }

    /// The API of this name, if it is known.
    pub fn api(&self, name: &str) -> Option<&'static ServiceMeta> {
        self.0.registry.services.get(name).map(|service| service.meta)
    }

    /// All APIs that are known, by name.
    pub fn apis(&self) -> Vec<&'static ServiceMeta> {
        let mut apis: Vec<_> = self.0.registry.services.values().map(|service| service.meta).collect();
        apis.sort_unstable_by_key(|meta| meta.name);
        apis
    }

    /// The names of the operations of an API that are served, in order.
    pub fn served(&self, api: &str) -> Vec<&'static str> {
        let operations =
            self.0.registry.services.get(api).into_iter().flat_map(|service| service.operations.keys());
        let mut names: Vec<_> = operations.copied().collect();
        names.sort_unstable();
        names
    }

    /// An operation of an API, if it is served, for whoever does not know its types.
    pub fn shapes(&self, api: &str, operation: &str) -> Option<Shapes> {
        Some(self.0.registry.services.get(api)?.operations.get(operation)?.shapes)
    }

    /// What answers a request to this host and path, where it is no call of an API.
    pub fn site_for(&self, host: &str, path: &str) -> Option<Arc<dyn Site>> {
        self.0.registry.sites.iter().find(|site| site.claims(host, path)).cloned()
    }

    /// The calls of a universe that run, the oldest first; not those that wait for an event, as long polls do.
    pub fn running(&self, universe: &Universe) -> Vec<Running> {
        in_flight::running(universe)
    }

    /// The secret of an access key id that was issued: see [`Keys::secret`].
    ///
    /// # Errors
    /// As there; no service issues keys.
    pub fn secret(&self, cx: &Context, id: &str, key: IssuedKey) -> Result<SmolStr, NoSecret> {
        self.0.registry.keys.as_ref().map_or(Err(NoSecret::Unknown), |keys| keys.secret(cx, id, key))
    }

    /// The universe of this name, awake.
    pub fn universe(&self, name: &UniverseName) -> Option<Universe> {
        let universe = self.0.universes.get(name)?;
        self.awaken(&universe);
        Some(universe)
    }

    /// Starts what runs by itself in a universe, if it does not run yet.
    pub fn awaken(&self, universe: &Universe) {
        if universe.awaken() {
            // It may have come with rules.
            self.faults().look_again();
            scheduler::start(self, universe);
        }
    }

    /// Starts again what ran in the process before this one.
    pub fn resume(&self) {
        for name in self.0.universes.resuming() {
            drop(self.universe(name));
        }
    }

    /// Answers a request, in the caller's protocol, whatever happens.
    pub async fn serve(&self, request: Request) -> Answer {
        let (cx, service, protocol) = (request.cx.clone(), request.service, request.protocol);
        let operation = self.find(service, &request.operation, protocol);
        let _busy = cx.universe().clock().activity().begin();
        let (name, mut outcome) = match operation {
            Ok(operation) => {
                let call = (operation.serve)(request);
                (SmolStr::new_static(operation.meta().name), Tracked::new(&cx, operation.meta(), call).await)
            }
            Err(error) => {
                (beginning_of(&request.operation), Outcome::of_error(&error, protocol, service, &cx))
            }
        };
        // An answer tells what others have done too: all of that must be on disk where the state is kept strictly.
        if let Err(need) = cx.universe().settled_on_disk().await {
            outcome = Outcome::of_error(&need.into_answer(), protocol, service, &cx);
        }
        if let Some(faulty) = cx.faulty() {
            faulty.mark(&mut outcome.answer);
        }
        let (status, error) = (outcome.answer.status(), outcome.error);
        let began = cx.arrived_at();
        self.note(
            &cx,
            Ended { began, cause: cx.cause(), service: service.name, operation: name, status, error },
        );
        outcome.answer
    }

    /// Calls an operation, typed and without serialisation.
    ///
    /// # Errors
    /// What the operation answers, or the interceptors, or the model's constraints; that it is not served.
    pub async fn call<O: Operation>(&self, cx: &Context, mut input: O::Input) -> Result<O::Output, ApiError> {
        let registered = self.0.registry.typed.get(&TypeId::of::<O>());
        let Some(handler) = registered.and_then(|handler| handler.downcast_ref::<Arc<dyn AnyHandler<O>>>())
        else {
            return Err(not_implemented(O::meta().service.name, O::meta().name));
        };
        let (began, nested, meta) = (RealTime::now(), cx.nested(), O::meta());
        let answered = match intercept::<O>(&nested, &mut input) {
            Ok(()) if faults::may_strike(&nested) => {
                Box::pin(faults::run::<O>(&nested, &**handler, input)).await
            }
            Ok(()) => match check::check::<O>(&input) {
                Ok(()) => handler.run_any(&nested, input).await.map_err(Into::into),
                Err(refusal) => Err(refusal),
            },
            Err(refusal) => Err(refusal),
        };
        let (status, error) = match &answered {
            Ok(_) => (meta.http.success, None),
            Err(error) => (error.meta().status, Some(error.meta().code)),
        };
        let status = StatusCode::from_u16(status).unwrap_or_default();
        let (service, operation) = (meta.service.name, SmolStr::new_static(meta.name));
        self.note(&nested, Ended { began, cause: cx.cause(), service, operation, status, error });
        answered
    }

    /// Calls an operation by name, awsJson bytes in and out.
    ///
    /// # Errors
    /// As [`Router::call`]; that there is no such API or operation.
    pub async fn call_by_name(
        &self,
        cx: &Context,
        api: &str,
        operation: &str,
        payload: Bytes,
    ) -> Result<Answer, ApiError> {
        self.call_as(cx.nested(), cx.cause(), api, operation, payload).await
    }

    /// [`Router::call_by_name`] in a context that is the call's own, for deliveries: its cause says what is owed.
    pub(crate) async fn call_as(
        &self,
        cx: Context,
        cause: Cause,
        api: &str,
        operation: &str,
        payload: Bytes,
    ) -> Result<Answer, ApiError> {
        let Some(service) = self.api(api) else {
            return Err(ApiError::internal(format!("there is no service {api:?}")));
        };
        let operation = self.find(service, operation, Protocol::AwsJson11)?;
        let (head, ()) = http::Request::new(()).into_parts();
        let (name, protocol) = (SmolStr::new_static(operation.shapes.meta.name), Protocol::AwsJson11);
        let request =
            Request { cx: cx.clone(), service, operation: name.clone(), protocol, head, body: payload };
        let began = RealTime::now();
        let outcome = (operation.serve)(request).await;
        let (status, error) = (outcome.answer.status(), outcome.error);
        self.note(&cx, Ended { began, cause, service: service.name, operation: name, status, error });
        Ok(outcome.answer)
    }

    /// Lets a site answer a request, whatever happens.
    pub fn visit(
        &self,
        site: &dyn Site,
        cx: Context,
        head: Parts,
        body: Bytes,
    ) -> BoxFuture<'static, Answer> {
        let (router, service) = (self.clone(), site.service());
        let operation = beginning_of(&format_smolstr!("{} {}", head.method, head.uri.path()));
        let serving = AssertUnwindSafe(site.serve(cx.clone(), head, body)).catch_unwind();
        Box::pin(async move {
            let answer = serving.await.unwrap_or_else(|panic| {
                tracing::error!(request_id = %cx.request_id(), "{service} panicked: {}", words(&*panic));
                let mut answer = Answer::new(Bytes::from_static(br#"{"message":"Internal server error"}"#));
                *answer.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
                answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
                answer
            });
            let (began, cause, status) = (cx.arrived_at(), cx.cause(), answer.status());
            router.note(&cx, Ended { began, cause, service, operation, status, error: None });
            answer
        })
    }

    /// Puts a call into the record.
    fn note(&self, cx: &Context, ended: Ended) {
        let Ended { began, cause, service, operation, status, error } = ended;
        self.0.record.add(Entry::Call(CallEntry {
            sequence: self.0.record.next(),
            universe: cx.universe().name().clone(),
            epoch: cx.universe().epoch(),
            account: cx.account(),
            request_id: cx.request_id(),
            cause,
            trace: cx.trace().cloned(),
            subjects: cx.subjects(),
            service,
            operation,
            arrived_at: began,
            took: RealTime::now().since(began),
            status: status.as_u16(),
            error,
        }));
    }

    /// What is done when a deadline of a partition of this kind comes.
    pub(crate) fn driver(&self, kind: u16) -> Option<&Due> {
        self.0.registry.drivers.get(&kind)
    }

    /// Whether any deliveries are kept in order.
    pub(crate) fn has_orders(&self) -> bool {
        !self.0.registry.orders.is_empty() || !self.0.registry.couriers.is_empty()
    }

    /// In which order a delivery goes, where it does.
    pub(crate) fn order(&self, delivery: &Delivery) -> Option<Order> {
        match &delivery.to {
            Target::Operation { service, operation, .. } => {
                let mut orders = self.0.registry.orders.iter();
                let is_meant = |meta: &OperationMeta| meta.service.name == service && meta.name == operation;
                let (meta, key) = orders.find(|(meta, _)| is_meant(meta))?;
                Some((meta.service.name, meta.name, key(&delivery.payload)?))
            }
            Target::Errand { service, order, .. } => {
                let (service, _) = self.0.registry.couriers.get_key_value(service.as_str())?;
                Some((*service, "", order.clone()?))
            }
        }
    }

    /// Who makes the deliveries of a service.
    pub(crate) fn courier(&self, service: &str) -> Option<&Courier> {
        self.0.registry.couriers.get(service)
    }

    pub(crate) fn downgrade(&self) -> WeakRouter {
        WeakRouter(Arc::downgrade(&self.0))
    }

    fn find(
        &self,
        service: &'static ServiceMeta,
        operation: &str,
        protocol: Protocol,
    ) -> Result<&Erased, ApiError> {
        let registered = self.0.registry.services.get(service.name);
        if let Some(found) = registered.and_then(|registered| registered.operations.get(operation)) {
            return Ok(found);
        }
        match service.routes.binary_search_by(|route| route.name.cmp(operation)) {
            Ok(_) => Err(not_implemented(service.name, operation)),
            Err(_) if protocol == Protocol::AwsQuery => Err(invalid_action(operation, service.api_version)),
            Err(_) => Err(unknown_operation()),
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.universes.all().iter().for_each(Universe::end);
    }
}

impl fmt::Debug for Router {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a router of {} services", self.0.registry.services.len())
    }
}

/// A router that may be gone.
#[derive(Clone)]
pub(crate) struct WeakRouter(Weak<Inner>);

impl WeakRouter {
    pub(crate) fn upgrade(&self) -> Option<Router> {
        self.0.upgrade().map(Router)
    }
}

impl Registered {
    pub(crate) fn new(meta: &'static ServiceMeta) -> Self {
        Self { meta, operations: FxHashMap::default() }
    }
}

impl Erased {
    pub(crate) fn new<O: Operation, H: Handler<O>>(handler: Arc<H>) -> Self {
        let serve = move |request: Request| -> BoxFuture<'static, Outcome> {
            Box::pin(serve::<O, H>(Arc::clone(&handler), request))
        };
        Self { errors: O::Error::ERRORS, shapes: Shapes::of::<O>(), serve: Box::new(serve) }
    }

    pub(crate) fn meta(&self) -> &'static OperationMeta {
        self.shapes.meta
    }

    /// The errors that it may answer.
    pub(crate) fn errors(&self) -> &'static [&'static ErrorMeta] {
        self.errors
    }
}

impl Outcome {
    fn of_error(error: &ApiError, protocol: Protocol, service: &ServiceMeta, cx: &Context) -> Self {
        if error.is::<InternalFailure>() {
            let source = std::error::Error::source(error).map(ToString::to_string);
            tracing::error!(request_id = %cx.request_id(), source, "{error}");
        }
        let answer = protocol::encode_error(protocol, service, error, cx.request_id());
        Self { answer, error: Some(error.meta().code) }
    }
}

/// Decodes, runs, encodes. A panic in any of them becomes `InternalFailure`; its transaction was undone.
async fn serve<O: Operation, H: Handler<O>>(handler: Arc<H>, request: Request) -> Outcome {
    let Request { cx, service, operation: _, protocol, head, body } = request;
    let answered = AssertUnwindSafe(async {
        let mut input = protocol::decode::<O>(protocol, &head, &body)?;
        intercept::<O>(&cx, &mut input)?;
        let output = if faults::may_strike(&cx) {
            Box::pin(faults::run::<O>(&cx, &*handler, input)).await?
        } else {
            check::check::<O>(&input)?;
            handler.run(&cx, input).await.map_err(Into::into)?
        };
        Ok(protocol::encode::<O>(protocol, &output, cx.request_id()))
    })
    .catch_unwind()
    .await
    .unwrap_or_else(|panic| {
        Err(ApiError::internal(format!("{} panicked: {}", O::meta().name, words(&*panic))))
    });
    match answered {
        Ok(answer) => Outcome { answer, error: None },
        Err(error) => Outcome::of_error(&error, protocol, service, &cx),
    }
}

/// What AWS's SDKs fill in for their callers is filled in for those who call without one; then the interceptors
/// see the call.
fn intercept<O: Operation>(cx: &Context, input: &mut O::Input) -> Result<(), ApiError> {
    if let Some(token) = O::idempotency_token(input).filter(|token| token.is_none()) {
        *token = Some(RequestId::from_random(cx.universe().draw_errand_id()).to_string());
    }
    for interceptor in &cx.router().0.interceptors {
        interceptor.before(cx, O::meta(), &*input)?;
    }
    Ok(())
}

/// What a caller calls an operation that there is not, no longer than a name: the record must not keep all of it.
fn beginning_of(operation: &SmolStr) -> SmolStr {
    match operation.char_indices().nth(NAME_LENGTH) {
        Some((end, _)) => SmolStr::new(&operation[..end]),
        None => operation.clone(),
    }
}

/// What a panic said.
fn words(panic: &(dyn std::any::Any + Send)) -> &str {
    let literal = panic.downcast_ref::<&str>().copied();
    literal.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("without words")
}
