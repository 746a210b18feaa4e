//! A whole mesh-local in process, without sockets.

use crate::client::{Answer, Api, Glossary};
use crate::json::Json;
use bytes::Bytes;
use mesh_clock::{Advanced, Mode, RealTime, Seed};
use mesh_router::{Caller, Context, ContextParts, Options, Record, Registry, Request, Router};
use mesh_store::{Cause, Kinds, Universe, UniverseName, Universes};
use mesh_types::{AccountId, Region, RequestId, Timestamp};
use mesh_wire::{Protocol, ServiceMeta};
use std::cell::RefCell;
use std::future::Future;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tracing::level_filters::LevelFilter;

/// When the clock of a bed stands at first: 2026-01-01T00:00:00Z.
pub const BEGINNING: Timestamp = Timestamp::from_secs(1_767_225_600);

/// The seed of a bed's entropy.
pub const SEED: Seed = Seed(7);

/// Where a bed's callers believe it to be.
pub const ENDPOINT: &str = "http://localhost:4566";

/// How long a step may take, in real time.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

/// Grows whenever a bed begins or ends a step, so that one that blocks its thread can be noticed from another.
pub(crate) static BEATS: AtomicU64 = AtomicU64::new(0);

/// A mesh-local with the services of a test, its clock standing still, its entropy from a fixed seed, and a runtime of
/// its own, so that tests are plain functions.
pub struct TestBed {
    // dropped before the runtime on which its background work runs
    router: Router,
    runtime: tokio::runtime::Runtime,
    at: RefCell<Place>,
    patience: Duration,
}

/// Which universe, account and Region are called.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub(crate) universe: UniverseName,
    pub(crate) account: AccountId,
    pub(crate) region: Region,
}

impl Place {
    /// The address under which a caller reaches the universe.
    pub(crate) fn endpoint(&self) -> String {
        match self.universe == UniverseName::DEFAULT {
            true => ENDPOINT.to_owned(),
            false => format!("{ENDPOINT}/_mesh/u/{}", self.universe),
        }
    }
}

/// The answer to a call.
#[derive(Debug, Clone, PartialEq)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: http::HeaderMap,
    /// The members as JSON, whichever protocol the call was in; an error's `__type` is left out.
    pub body: Json,
    /// The error's code, where it is one, without a namespace.
    pub error: Option<String>,
}

impl TestBed {
    /// A bed with these services: its default universe stands at [`BEGINNING`].
    ///
    /// # Panics
    /// If the machine has no runtime to give.
    pub fn new(register: impl FnOnce(&mut Registry)) -> Self {
        let fresh = |kinds| Universes::of_kinds(kinds, SEED, Mode::Frozen { at: BEGINNING });
        Self::over(register, fresh)
    }

    /// A bed over universes that are there already, as those that a disk kept.
    ///
    /// # Panics
    /// If the machine has no runtime to give.
    pub fn over(register: impl FnOnce(&mut Registry), universes: impl FnOnce(Kinds) -> Universes) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.expect("a runtime");
        mesh_router::log::to_stderr(LevelFilter::WARN);
        let mut registry = Registry::default();
        register(&mut registry);
        let universes = universes(registry.kinds());
        let options = Options {
            universes,
            interceptors: Vec::new(),
            record: Record::new(1, None),
            endpoint: ENDPOINT.into(),
        };
        let at =
            Place { universe: UniverseName::DEFAULT, account: AccountId::DEFAULT, region: Region::DEFAULT };
        Self { router: Router::new(registry, options), runtime, at: RefCell::new(at), patience: PATIENCE }
    }

    /// The same bed with another bound on each step, in real time; ten seconds unless told.
    #[must_use]
    pub fn with_patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// The router: its record, its universes.
    pub fn router(&self) -> &Router {
        &self.router
    }

    /// The universe that is called, awake.
    ///
    /// # Panics
    /// If it was deleted.
    pub fn universe(&self) -> Universe {
        let name = self.place().universe;
        let _entered = self.runtime.enter();
        self.router.universe(&name).unwrap_or_else(|| panic!("there is no universe {name}"))
    }

    /// The moment it is in the universe that is called.
    pub fn now(&self) -> Timestamp {
        self.universe().clock().now()
    }

    /// Runs a future on the bed's runtime, for as long as its patience lasts.
    ///
    /// # Panics
    /// If the future does not end.
    pub fn block_on<F: Future>(&self, what: &str, future: F) -> F::Output {
        self.try_block_on(what, future).unwrap_or_else(|error| panic!("{error}"))
    }

    pub(crate) fn try_block_on<F: Future>(&self, what: &str, future: F) -> Result<F::Output, String> {
        BEATS.fetch_add(1, Ordering::Relaxed);
        let ended = self.runtime.block_on(async { tokio::time::timeout(self.patience, future).await });
        BEATS.fetch_add(1, Ordering::Relaxed);
        ended.map_err(|_| format!("{what} did not end within {:?}; {}", self.patience, self.running()))
    }

    /// What still runs, for a failure's message.
    pub(crate) fn running(&self) -> String {
        let running = self.router.universes().all().into_iter().map(|universe| {
            format!("{} runs in universe {}", universe.clock().activity().running(), universe.name())
        });
        running.collect::<Vec<_>>().join(", ")
    }

    /// Calls an operation and waits for its answer, in the service's JSON protocol if it has one, else in its first.
    ///
    /// # Panics
    /// If the service is unknown, the input is no JSON, or the answer does not come or cannot be read.
    pub fn call(&self, service: &str, operation: &str, input: &str) -> Reply {
        let service = self.api(service);
        self.call_in(preferred(service), service.name, operation, input)
    }

    /// Calls an operation in a protocol and waits for its answer.
    ///
    /// # Panics
    /// As [`TestBed::call`]; if the input cannot be written in the protocol.
    pub fn call_in(&self, protocol: Protocol, service: &str, operation: &str, input: &str) -> Reply {
        let service = self.api(service);
        let what = format!("{} {operation} {input}", service.name);
        let input = Json::parse(input).unwrap_or_else(|error| panic!("{what}: {error}"));
        let api = Api { service, operation, shapes: self.router.shapes(service.name, operation) };
        let request = self.request(&api, protocol, &input).unwrap_or_else(|error| panic!("{what}: {error}"));
        let answer = self.block_on(&what, self.router.serve(request));
        let read = api.answer(protocol, &answer, &mut Glossary::default());
        let Answer { status, error, body } = read.unwrap_or_else(|error| panic!("{what}: {error}"));
        Reply {
            status,
            headers: answer.headers().clone(),
            body: body.unwrap_or(Json::Object(Vec::new())),
            error: error.map(|error| error.code),
        }
    }

    /// The description of a service.
    ///
    /// # Panics
    /// If it is not registered.
    fn api(&self, service: &str) -> &'static ServiceMeta {
        self.try_api(service).unwrap_or_else(|error| panic!("{error}"))
    }

    pub(crate) fn try_api(&self, service: &str) -> Result<&'static ServiceMeta, String> {
        self.router.api(service).ok_or_else(|| format!("no service {service:?} is registered in this bed"))
    }

    /// A request of a caller of its own.
    pub(crate) fn request(&self, api: &Api<'_>, protocol: Protocol, input: &Json) -> Result<Request, String> {
        let (head, body): (_, Bytes) = api.request(protocol, input)?;
        let cx = self.context();
        let operation = api.operation.into();
        Ok(Request { cx, service: api.service, operation, protocol, head, body })
    }

    /// The context of a caller, for [`Context::call`]. A task that waits in it must count as running
    /// ([`mesh_clock::Activity::begin`]), as a served request does.
    pub fn context(&self) -> Context {
        let (universe, place) = (self.universe(), self.place());
        let request_id = RequestId::from_random(universe.draw_request_id());
        let parts = ContextParts {
            endpoint: place.endpoint().into(),
            account: place.account,
            region: place.region,
            caller: Caller::AccessKey("test".into()),
            request_id,
            trace: None,
            cause: Cause::Request(request_id.bits()),
            arrived_at: RealTime::now(),
            universe,
        };
        Context::new(&self.router, parts)
    }

    /// Moves the clock forward: everything that falls due on the way runs, in order, each at its own moment.
    pub fn advance(&self, span: Duration) -> Advanced {
        let universe = self.universe();
        self.block_on("advance", universe.clock().advance(span))
    }

    /// Waits until nothing runs and nothing is due.
    pub fn settle(&self) -> Advanced {
        let universe = self.universe();
        self.block_on("settle", universe.clock().settle())
    }

    /// Makes a universe with the state of the one that is called. Calls stay where they were: see [`TestBed::enter`].
    ///
    /// # Panics
    /// If the name is none or is taken.
    pub fn fork(&self, name: &str) {
        self.try_fork(name).unwrap_or_else(|error| panic!("{error}"));
    }

    pub(crate) fn try_fork(&self, name: &str) -> Result<(), String> {
        let fork = self.router.universes().fork(&self.place().universe, universe_name(name)?);
        fork.map(|_| ()).ok_or_else(|| format!("there is a universe {name} already"))
    }

    /// Calls go to this universe from now on.
    ///
    /// # Panics
    /// If there is none.
    pub fn enter(&self, name: &str) {
        self.try_enter(name).unwrap_or_else(|error| panic!("{error}"));
    }

    pub(crate) fn try_enter(&self, name: &str) -> Result<(), String> {
        let name = universe_name(name)?;
        self.router.universes().get(&name).ok_or_else(|| format!("there is no universe {name}"))?;
        self.at.borrow_mut().universe = name;
        Ok(())
    }

    /// Empties the universe that is called. Its clock stands where it was, and does not follow the machine's.
    pub fn reset(&self) {
        let (former, now) = (self.place().universe, self.now());
        let _entered = self.runtime.enter();
        let fresh = self.router.universes().reset(&former);
        fresh.iter().for_each(|universe| universe.clock().set_mode(Mode::Frozen { at: now }));
    }

    /// Calls go to this account from now on.
    ///
    /// # Panics
    /// If it is not twelve digits.
    pub fn set_account(&self, account: &str) {
        self.try_set_account(account).unwrap_or_else(|error| panic!("{error}"));
    }

    pub(crate) fn try_set_account(&self, account: &str) -> Result<(), String> {
        self.at.borrow_mut().account =
            AccountId::parse(account).map_err(|error| format!("{account}: {error}"))?;
        Ok(())
    }

    /// Calls go to this Region from now on.
    ///
    /// # Panics
    /// If it is no name of a Region.
    pub fn set_region(&self, region: &str) {
        self.try_set_region(region).unwrap_or_else(|error| panic!("{error}"));
    }

    pub(crate) fn try_set_region(&self, region: &str) -> Result<(), String> {
        self.at.borrow_mut().region = Region::parse(region).map_err(|error| format!("{region}: {error}"))?;
        Ok(())
    }

    pub(crate) fn place(&self) -> Place {
        self.at.borrow().clone()
    }

    pub(crate) fn runtime(&self) -> &tokio::runtime::Runtime {
        &self.runtime
    }
}

fn universe_name(name: &str) -> Result<UniverseName, String> {
    UniverseName::parse(name).map_err(|error| format!("{name}: {error}"))
}

/// The protocol in which scenarios are written: awsJson where there is one, else the service's first.
pub(crate) fn preferred(service: &ServiceMeta) -> Protocol {
    let is_json = |protocol: &&Protocol| matches!(protocol, Protocol::AwsJson10 | Protocol::AwsJson11);
    let first = service.protocols.iter().find(is_json).or_else(|| service.protocols.first());
    first.copied().unwrap_or(Protocol::AwsJson11)
}
