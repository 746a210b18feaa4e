//! From an HTTP request to an operation, and back.

use crate::address::{self, Address};
use crate::body;
use crate::connection::Connection;
use crate::control;
use crate::detached::Detached;
use crate::guard::{self, Guard, Kind};
use crate::options::Limits;
use crate::signature::{self, Sent};
use crate::target::{self, Target, Targets, Unclear};
use crate::tongue::{self, Tongue};
use bytes::Bytes;
use http::header::{self, HeaderName, HeaderValue};
use http::request::Parts;
use http::{Request, Response, StatusCode, Uri};
use http_body_util::Full;
use hyper::body::Incoming;
use mesh_clock::RealTime;
use mesh_router::{Caller, Context, ContextParts, Router, Site, faults};
use mesh_store::{Cause, Universe, UniverseName};
use mesh_types::{AccountId, IssuedKey, Need, Region, RequestId, Timestamp, UniverseHandle};
use mesh_wire::error::common;
use mesh_wire::sigv4;
use mesh_wire::{ApiError, ErrorMeta, Failure as _, Fault, Protocol, protocol};
use smol_str::{SmolStr, SmolStrBuilder};
use tower_service::Service as _;

/// X-Ray's header.
static X_AMZN_TRACE_ID: HeaderName = HeaderName::from_static("x-amzn-trace-id");

/// How many universes are named to one who asks for another.
const MAX_TOLD: usize = 10;

/// Ours: what a request asks of itself in `x-mesh-fault` cannot be.
static INVALID_FAULT: ErrorMeta = ErrorMeta {
    code: "InvalidFault",
    query_code: "InvalidFault",
    namespace: Some("mesh.local"),
    status: 400,
    fault: Fault::Client,
    message_member: "message",
};

/// The process's door: everything between a connection and the router.
pub struct Front {
    router: Router,
    targets: Targets,
    guard: Guard,
    limits: Limits,
    control: axum::Router,
}

/// A response whose body is there.
pub(crate) type Answer = Response<Full<Bytes>>;

impl Front {
    /// A door to this router.
    pub fn new(router: &Router, guard: Guard, limits: Limits, control: control::ControlState) -> Self {
        let targets = Targets::new(&router.apis());
        Self { router: router.clone(), targets, guard, limits, control: control::routes(control) }
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Answers a request.
    pub(crate) async fn answer(&self, request: Request<Incoming>, connection: &Connection) -> Answer {
        let arrived_at = RealTime::now();
        connection.speaks();
        let (mut head, body) = request.into_parts();
        let sent_uri = self.guard.verify_signatures.then(|| head.uri.clone());
        let prefix = take_prefix(&mut head);
        if let Some(site) = self.router.site_for(host_of(&head), head.uri.path()) {
            return self.site(&*site, prefix, head, (body, connection), arrived_at).await;
        }
        if let Some(preflight) = self.guard.preflight(&head) {
            return preflight.map(Full::new);
        }
        let cors = self.guard.cors(&head);
        let mut answer = if prefix.is_none() && is_control(head.uri.path()) {
            self.control(head, body, connection).await
        } else {
            self.api(prefix, sent_uri, head, (body, connection), arrived_at).await
        };
        if let Some(cors) = cors {
            cors.apply(answer.headers_mut());
        }
        answer
    }

    /// Answers a request for an operation. Its URI as it was sent is there where its signature is verified.
    async fn api(
        &self,
        prefix: Option<SmolStr>,
        sent_uri: Option<Uri>,
        head: Parts,
        (body, connection): (Incoming, &Connection),
        arrived_at: Timestamp,
    ) -> Answer {
        let signed = Signer::of(&head, head.uri.query().unwrap_or_default());
        if let Err(refusal) = self.guard.check(&head, Kind::Api { is_signed: signed.access_key.is_some() }) {
            return self.refuse(&head, &signed, &(&refusal).into());
        }
        let (body, _held) = match body::read(body, &self.limits, connection).await {
            Ok(read) => read,
            Err(error) => return self.refuse(&head, &signed, &error.into()),
        };
        let sent = sent_uri.map(|uri| Sent { uri, body: body.clone() });
        match self.understand(prefix, head, body, signed, arrived_at) {
            Ok(request) => {
                if let Some(sent) = sent
                    && let Err(denial) = signature::verify(&request, &sent)
                {
                    let mesh_router::Request { ref cx, protocol, service, .. } = request;
                    let error = denial.error(protocol);
                    return protocol::encode_error(protocol, service, &error, cx.request_id()).map(Full::new);
                }
                let (cx, router) = (request.cx.clone(), self.router.clone());
                let answer = Box::pin(async move { router.serve(request).await });
                Detached::new(cx, answer).await.map(Full::new)
            }
            Err(answer) => *answer,
        }
    }

    /// Answers a request for a deployed API or a website.
    async fn site(
        &self,
        site: &dyn Site,
        prefix: Option<SmolStr>,
        head: Parts,
        (body, connection): (Incoming, &Connection),
        arrived_at: Timestamp,
    ) -> Answer {
        if let Err(refusal) = self.guard.check(&head, Kind::Page) {
            return refusal.answer().map(Full::new);
        }
        let (body, _held) = match body::read(body, &self.limits, connection).await {
            Ok(read) => read,
            Err(error) => return plain_error(&error.into()),
        };
        // What a page's request carries for its own API is no signature for ours.
        let arrived = match self.arrive(prefix, &head, Signer::NOBODY, arrived_at) {
            Ok(cx) => cx,
            Err(error) => return plain_error(&error),
        };
        let shares_origin = !site.claims(host_of(&head), "/");
        let universe = arrived.universe().clone();
        let visit = self.router.visit(site, arrived.clone(), head, body);
        let mut answer = Detached::new(arrived, visit).await.map(Full::new);
        if let Err(need) = universe.settled_on_disk().await {
            answer = plain(StatusCode::SERVICE_UNAVAILABLE, &need.into_answer().to_string());
        }
        if shares_origin {
            let sandbox = HeaderValue::from_static(guard::SANDBOX);
            answer.headers_mut().append(header::CONTENT_SECURITY_POLICY, sandbox);
        }
        answer
    }

    async fn control(&self, head: Parts, body: Incoming, connection: &Connection) -> Answer {
        if let Err(refusal) = self.guard.check(&head, control::kind(&head)) {
            return refusal.answer().map(Full::new);
        }
        let limits = match head.uri.path().ends_with(control::IMPORT) {
            true => &self.limits.of_imports(),
            false => &self.limits,
        };
        let (body, _held) = match body::read(body, limits, connection).await {
            Ok(read) => read,
            Err(error) => return plain_error(&error.into()),
        };
        let universes = self.router.universes();
        let changes = !matches!(head.method, http::Method::GET | http::Method::HEAD);
        let failed = || plain(StatusCode::SERVICE_UNAVAILABLE, &Need::Storage.into_answer().to_string());
        if changes && universes.is_read_only() && head.uri.path() != control::SHUTDOWN {
            return failed();
        }
        let request = Request::from_parts(head, axum::body::Body::from(body));
        // On a task of its own: a client that hangs up must not leave an advance half done.
        let mut control = self.control.clone();
        let answered = tokio::spawn(async move { control.call(request).await }).await;
        let Ok(answer) = answered.map(|answer| answer.unwrap_or_else(|never| match never {})) else {
            return plain(StatusCode::INTERNAL_SERVER_ERROR, "The control plane failed; its log says how.");
        };
        // What is told of a disk that has failed is all that can be saved of it: an export, for one.
        let kept = if changes { universes.save().await } else { universes.settled_on_disk().await };
        if changes && kept.is_err() {
            return failed();
        }
        let (head, body) = answer.into_parts();
        match axum::body::to_bytes(body, usize::MAX).await {
            Ok(body) => Response::from_parts(head, Full::new(body)),
            Err(_) => plain(StatusCode::INTERNAL_SERVER_ERROR, "The answer could not be read."),
        }
    }

    /// Settles universe, account, Region, API and operation.
    fn understand(
        &self,
        prefix: Option<SmolStr>,
        head: Parts,
        body: Bytes,
        signed: Signer,
        arrived_at: Timestamp,
    ) -> Result<mesh_router::Request, Box<Answer>> {
        // A compressed form names its operation in what is compressed.
        let (sent, plain) = (body.clone(), mesh_wire::body::plain(&head.headers, body, self.limits.body));
        let form = plain.as_ref().unwrap_or(&sent);
        let meant = self.targets.find(&head, host_of(&head), form, signed.service.as_deref());
        let cx = self.arrive(prefix, &head, signed, arrived_at).map_err(|error| {
            let tongue = match &meant {
                Ok(Target { service, protocol, .. }) => Tongue { protocol: *protocol, service },
                Err(_) => Tongue::of(&self.targets, &head, host_of(&head), None),
            };
            Box::new(tongue.answer(&error, self.draw_id()))
        })?;
        let Target { service, operation, protocol } = meant
            .map_err(|unclear| Box::new(answer_unclear(unclear, &head, cx.request_id()).map(Full::new)))?;
        let body = plain.map_err(|error| {
            Box::new(protocol::encode_error(protocol, service, &error, cx.request_id()).map(Full::new))
        })?;
        if head.headers.contains_key(&faults::HEADER)
            && self.router.shapes(service.name, &operation).is_some()
        {
            let meant = (service.name, operation.as_str());
            let rules = control::read_header(&self.router, meant, &head.headers).map_err(|refusal| {
                let error = ApiError::new(&INVALID_FAULT, refusal.to_string());
                Box::new(protocol::encode_error(protocol, service, &error, cx.request_id()).map(Full::new))
            })?;
            cx.bring_faults(rules);
        }
        Ok(mesh_router::Request { cx, service, operation, protocol, head, body })
    }

    /// Settles universe, account and Region.
    fn arrive(
        &self,
        prefix: Option<SmolStr>,
        head: &Parts,
        signed: Signer,
        arrived_at: Timestamp,
    ) -> Result<Context, ApiError> {
        let (host, access_key) = (host_of(head), signed.access_key);
        let mut address = address::universe(prefix.as_deref(), &head.headers, host, access_key.as_deref())
            .map_err(|bad| ApiError::new(&tongue::BAD_UNIVERSE, bad.to_string()))?;
        let issued = access_key.as_deref().and_then(IssuedKey::parse);
        if let Some(issued) = issued
            && address.is_default()
        {
            self.follow(issued, &mut address);
        }
        let Some(universe) = self.router.universe(&address.universe) else {
            return Err(self.no_universe(&address.universe));
        };
        let account = match (&issued, &access_key) {
            (Some(issued), _) => Some(issued.account),
            (None, Some(key)) => address::account(key),
            (None, None) => {
                target::queue_of(head.uri.path()).and_then(|(account, _)| AccountId::parse(account).ok())
            }
        };
        let trace = head.headers.get(&X_AMZN_TRACE_ID).and_then(|value| value.to_str().ok());
        let request_id = RequestId::from_random(universe.draw_request_id());
        let parts = ContextParts {
            account: account.unwrap_or(AccountId::DEFAULT),
            region: signed.region.or_else(|| target::region_of(host)).unwrap_or(Region::DEFAULT),
            caller: access_key.map_or(Caller::Anonymous, Caller::AccessKey),
            request_id,
            trace: trace.map(SmolStr::new),
            cause: Cause::Request(request_id.bits()),
            arrived_at,
            endpoint: endpoint(host, &address, self.router.endpoint()),
            universe,
        };
        Ok(Context::new(&self.router, parts))
    }

    /// That there is no such universe, and which there are.
    fn no_universe(&self, name: &UniverseName) -> ApiError {
        let all = self.router.universes().all();
        let mut known: Vec<&str> =
            all.iter().map(|universe| universe.name().as_str()).take(MAX_TOLD).collect();
        let more = format!("{} more", all.len() - known.len());
        if all.len() > known.len() {
            known.push(&more);
        }
        let known = known.join(", ");
        let sentence = format!(
            "There is no universe {name}; there are: {known}. Make it: mesh-local universe fork {name}"
        );
        ApiError::new(&tongue::NO_UNIVERSE, sentence)
    }

    /// Refuses a request that was not understood yet, in its caller's protocol.
    fn refuse(&self, head: &Parts, signed: &Signer, error: &ApiError) -> Answer {
        let tongue = Tongue::of(&self.targets, head, host_of(head), signed.service.as_deref());
        tongue.answer(error, self.draw_id())
    }

    /// The id of a request that reached no universe. It is not drawn as those of requests are, which do not depend on what
    /// was refused.
    fn draw_id(&self) -> RequestId {
        let default = self.router.universes().get(&UniverseName::DEFAULT);
        RequestId::from_random(default.map_or(0, |universe| universe.draw_errand_id()))
    }

    /// Leads a request with a key that STS issued to the universe in which it was.
    fn follow(&self, issued: IssuedKey, address: &mut Address) {
        let is_meant = |universe: &Universe| UniverseHandle::of(universe.name().as_str()) == issued.universe;
        if UniverseHandle::of(address.universe.as_str()) != issued.universe
            && let Some(universe) = self.router.universes().all().iter().find(|universe| is_meant(universe))
        {
            *address = Address { universe: universe.name().clone(), needs_prefix: true };
        }
    }
}

/// Takes a universe's prefix off a request's path.
fn take_prefix(head: &mut Parts) -> Option<SmolStr> {
    let (name, own) = address::split_prefix(&head.uri)?;
    let name = SmolStr::new(name);
    head.uri = own;
    Some(name)
}

/// What a request's signature says.
struct Signer {
    access_key: Option<SmolStr>,
    service: Option<SmolStr>,
    region: Option<Region>,
}

impl Signer {
    const NOBODY: Self = Self { access_key: None, service: None, region: None };

    /// A signature that cannot be read says nothing: it is not verified, and other signs are left.
    fn of(head: &Parts, query: &str) -> Self {
        match sigv4::signer(&head.headers, query) {
            sigv4::Signer::Scoped(credential) => Self {
                access_key: Some(SmolStr::new(&credential.access_key)),
                service: Some(SmolStr::new(&credential.service)),
                region: Region::parse(&credential.region).ok(),
            },
            sigv4::Signer::Key(access_key) => {
                Self { access_key: Some(SmolStr::new(access_key)), service: None, region: None }
            }
            sigv4::Signer::Nobody => Self::NOBODY,
        }
    }
}

fn is_control(path: &str) -> bool {
    (path.starts_with("/_mesh/") && !path.starts_with(address::PREFIX))
        || path == "/_mesh"
        || path.starts_with("/_localstack/")
}

/// The host that a request names, with its port.
pub(crate) fn host_of(head: &Parts) -> &str {
    let authority = head.uri.authority().map(http::uri::Authority::as_str);
    let header = || head.headers.get(header::HOST).and_then(|host| host.to_str().ok());
    authority.or_else(header).unwrap_or_default()
}

/// The address under which the caller reaches its universe, in the form in which it came.
fn endpoint(host: &str, address: &Address, otherwise: &SmolStr) -> SmolStr {
    if host.is_empty() {
        return otherwise.clone();
    }
    let mut endpoint = SmolStrBuilder::new();
    endpoint.push_str("http://");
    endpoint.push_str(host);
    if address.needs_prefix {
        endpoint.push_str(address::PREFIX);
        endpoint.push_str(address.universe.as_str());
    }
    endpoint.finish()
}

/// An error where no API is meant.
fn plain_error(error: &ApiError) -> Answer {
    plain(StatusCode::from_u16(error.meta().status).unwrap_or(StatusCode::BAD_REQUEST), error.message())
}

/// An answer outside every API.
pub(crate) fn plain(status: StatusCode, sentence: &str) -> Answer {
    let body = serde_json::json!({ "message": sentence }).to_string();
    let mut answer = Response::new(Full::new(Bytes::from(body)));
    *answer.status_mut() = status;
    answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    answer
}

/// What is answered to a request of which it is not clear what it means: AWS's words for it, in the caller's protocol.
fn answer_unclear(unclear: Unclear, head: &Parts, request_id: RequestId) -> Response<Bytes> {
    match unclear {
        Unclear::Operation { service, protocol, operation } => {
            let error = match protocol {
                Protocol::AwsQuery => common::invalid_action(&operation, service.api_version),
                _ => common::unknown_operation(),
            };
            protocol::encode_error(protocol, service, &error, request_id)
        }
        Unclear::Service => {
            let is_json = head.headers.contains_key(&target::X_AMZ_TARGET);
            let named = head
                .headers
                .get(&target::X_AMZ_TARGET)
                .and_then(|target| target.to_str().ok())
                .unwrap_or_default();
            let meant = if named.is_empty() { head.uri.path() } else { named };
            let sentence = format!(
                "mesh-local does not know which service is meant by {} {meant}. A signed request, X-Amz-Target or \
                 Action says so; GET /_mesh/status lists what is served.",
                head.method
            );
            let protocol = match is_json {
                true => Protocol::AwsJson11,
                false if head.headers.contains_key(&target::SMITHY_PROTOCOL) => Protocol::RpcV2Cbor,
                false => Protocol::RestJson1,
            };
            let error = ApiError::new(&common::UNKNOWN_OPERATION, sentence);
            protocol::encode_error(protocol, &target::NO_SERVICE, &error, request_id)
        }
    }
}
