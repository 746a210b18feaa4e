//! Which operation of which API a request means, and in which protocol.

use crate::address::without_port;
use http::header::{CONTENT_TYPE, HeaderMap, HeaderName};
use http::request::Parts;
use mesh_types::Region;
use mesh_wire::protocol::query;
use mesh_wire::route::Routes;
use mesh_wire::rules::ConstraintStyle;
use mesh_wire::{Protocol, ServiceMeta};
use rustc_hash::FxHashMap;
use smol_str::SmolStr;
use std::borrow::Cow;

/// Names the operation in awsJson.
pub(crate) static X_AMZ_TARGET: HeaderName = HeaderName::from_static("x-amz-target");

/// Names the protocol in rpcv2Cbor.
pub(crate) static SMITHY_PROTOCOL: HeaderName = HeaderName::from_static("smithy-protocol");

/// In place of an API where none is meant.
pub(crate) static NO_SERVICE: ServiceMeta = ServiceMeta {
    name: "",
    signing_name: "",
    endpoint_prefix: "",
    api_version: "",
    target_prefix: "",
    error_namespace: "com.amazon.coral.service",
    xml_namespace: "",
    protocols: &[],
    query_compatible: false,
    query_error_detail: false,
    constraint_style: ConstraintStyle::Coral,
    routes: &[],
};

/// All APIs, by the ways in which a request can name one.
pub(crate) struct Targets {
    apis: Vec<Api>,
    /// By the part of `X-Amz-Target` before the dot, which is also the name in rpcv2Cbor paths.
    by_prefix: FxHashMap<&'static str, usize>,
    by_signing_name: FxHashMap<&'static str, Vec<usize>>,
}

struct Api {
    meta: &'static ServiceMeta,
    /// Of an API whose operations are bound to paths.
    routes: Option<Routes>,
}

/// What a request means.
#[derive(Debug)]
pub(crate) struct Target {
    pub(crate) service: &'static ServiceMeta,
    pub(crate) operation: SmolStr,
    pub(crate) protocol: Protocol,
}

/// Why it cannot be told what a request means.
#[derive(Debug)]
pub(crate) enum Unclear {
    /// The API is known, its operation is not named, or is none of its.
    Operation { service: &'static ServiceMeta, protocol: Protocol, operation: SmolStr },
    /// Not even the API.
    Service,
}

impl Targets {
    pub(crate) fn new(services: &[&'static ServiceMeta]) -> Self {
        let (mut by_prefix, mut by_signing_name) = (FxHashMap::default(), FxHashMap::<_, Vec<_>>::default());
        let api = |(index, meta): (usize, &&'static ServiceMeta)| {
            if !meta.target_prefix.is_empty() {
                by_prefix.insert(meta.target_prefix, index);
            }
            by_signing_name.entry(meta.signing_name).or_default().push(index);
            let routes = meta.protocols.contains(&Protocol::RestJson1).then(|| Routes::of(meta));
            Api { meta, routes }
        };
        let apis = services.iter().enumerate().map(api).collect();
        Self { apis, by_prefix, by_signing_name }
    }

    /// What a request means: `signed_for` is the service in the scope of its signature.
    pub(crate) fn find(
        &self,
        head: &Parts,
        host: &str,
        body: &[u8],
        signed_for: Option<&str>,
    ) -> Result<Target, Unclear> {
        if let Some(target) = head.headers.get(&X_AMZ_TARGET) {
            return self.by_target(&head.headers, target.to_str().unwrap_or_default(), signed_for);
        }
        if head.headers.contains_key(&SMITHY_PROTOCOL) {
            return self.by_rpc_path(head.uri.path());
        }
        let query = head.uri.query().unwrap_or_default();
        let form = if is_form(&head.headers) { body } else { &[] };
        if let Some(action) = query::action(query, form) {
            return self.by_action(action, host, head.uri.path(), &version(query, form), signed_for);
        }
        self.by_path(head, host, query, signed_for)
    }

    /// The protocol that a request's head speaks, and the API that it names, which may be [`NO_SERVICE`].
    pub(crate) fn tongue(
        &self,
        head: &Parts,
        host: &str,
        signed_for: Option<&str>,
    ) -> (Protocol, &'static ServiceMeta) {
        let signed = signed_for.and_then(|name| self.by_signing_name.get(name)).into_iter().flatten();
        let mut likely = signed.map(|index| self.apis[*index].meta).chain(self.of_host(host));
        if let Some(target) = head.headers.get(&X_AMZ_TARGET) {
            let prefix =
                target.to_str().unwrap_or_default().rsplit_once('.').map_or("", |(prefix, _)| prefix);
            let named = self.by_prefix.get(prefix).map(|index| self.apis[*index].meta);
            let service = named.or_else(|| likely.next()).unwrap_or(&NO_SERVICE);
            return (json_protocol(service, &head.headers), service);
        }
        if head.headers.contains_key(&SMITHY_PROTOCOL) {
            let service = self.by_rpc_path(head.uri.path()).map_or(&NO_SERVICE, |target| target.service);
            return (Protocol::RpcV2Cbor, service);
        }
        let query = head.uri.query().unwrap_or_default();
        let is_form = head.headers.contains_key(CONTENT_TYPE) && is_form(&head.headers);
        if is_form || query::action(query, &[]).is_some() {
            let speaks = |meta: &&'static ServiceMeta| meta.protocols.contains(&Protocol::AwsQuery);
            return (Protocol::AwsQuery, likely.find(speaks).unwrap_or(&NO_SERVICE));
        }
        let service = self.by_path(head, host, query, signed_for).map(|target| target.service);
        let service = service.ok().or_else(|| likely.next()).unwrap_or(&NO_SERVICE);
        (service.protocols.first().copied().unwrap_or(Protocol::RestJson1), service)
    }

    fn by_target(
        &self,
        headers: &HeaderMap,
        target: &str,
        signed_for: Option<&str>,
    ) -> Result<Target, Unclear> {
        let (prefix, operation) = target.rsplit_once('.').unwrap_or((target, ""));
        let signed = || signed_for.and_then(|name| self.by_signing_name.get(name)?.first());
        let named = self.by_prefix.get(prefix);
        let Some(api) = named.or_else(signed).map(|index| &self.apis[*index]) else {
            return Err(Unclear::Service);
        };
        let (service, protocol, operation) =
            (api.meta, json_protocol(api.meta, headers), SmolStr::new(operation));
        if named.is_none() {
            return Err(Unclear::Operation { service, protocol, operation: SmolStr::new(target) });
        }
        Ok(Target { service, operation, protocol })
    }

    /// `/service/NAME/operation/NAME`, at the end of the path.
    fn by_rpc_path(&self, path: &str) -> Result<Target, Unclear> {
        let mut segments = path.rsplit('/');
        let named = (segments.next(), segments.next(), segments.next(), segments.next());
        let (Some(operation), Some("operation"), Some(service), Some("service")) = named else {
            return Err(Unclear::Service);
        };
        let index = self.by_prefix.get(service).ok_or(Unclear::Service)?;
        let (service, operation) = (self.apis[*index].meta, SmolStr::new(operation));
        Ok(Target { service, operation, protocol: Protocol::RpcV2Cbor })
    }

    fn by_action(
        &self,
        action: Cow<'_, str>,
        host: &str,
        path: &str,
        version: &str,
        signed_for: Option<&str>,
    ) -> Result<Target, Unclear> {
        let speaks = |meta: &&'static ServiceMeta| meta.protocols.contains(&Protocol::AwsQuery);
        let has = |meta: &&'static ServiceMeta| meta.routes.iter().any(|route| route.name == action);
        let signed = signed_for.and_then(|name| self.by_signing_name.get(name)).into_iter().flatten();
        let all = || self.apis.iter().map(|api| api.meta).filter(speaks);
        let service = signed
            .map(|index| self.apis[*index].meta)
            .find(speaks)
            .or_else(|| self.of_host(host).filter(speaks))
            // The path of a queue's URL: an unsigned request to it means the queue.
            .or_else(|| all().find(|meta| meta.name == "sqs" && queue_of(path).is_some()))
            .or_else(|| all().find(|meta| meta.api_version == version && has(meta)))
            .or_else(|| all().find(has));
        let operation = SmolStr::new(action);
        Ok(Target { service: service.ok_or(Unclear::Service)?, operation, protocol: Protocol::AwsQuery })
    }

    fn by_path(
        &self,
        head: &Parts,
        host: &str,
        query: &str,
        signed_for: Option<&str>,
    ) -> Result<Target, Unclear> {
        let (method, path) = (head.method.as_str(), head.uri.path());
        let signed = signed_for.and_then(|name| self.by_signing_name.get(name));
        let candidates: Vec<&Api> = match (signed, self.of_host(host)) {
            (Some(indices), _) => indices.iter().map(|index| &self.apis[*index]).collect(),
            (None, Some(meta)) => self.apis.iter().filter(|api| api.meta.name == meta.name).collect(),
            (None, None) => self.apis.iter().collect(),
        };
        let matching = candidates.iter().find_map(|api| {
            let operation = api.routes.as_ref()?.matches(method, path, query)?;
            Some(Target {
                service: api.meta,
                operation: SmolStr::new_static(operation),
                protocol: Protocol::RestJson1,
            })
        });
        matching.ok_or_else(|| match candidates.first() {
            Some(api) if candidates.len() < self.apis.len() => Unclear::Operation {
                service: api.meta,
                protocol: api.meta.protocols.first().copied().unwrap_or(Protocol::RestJson1),
                operation: SmolStr::default(),
            },
            _ => Unclear::Service,
        })
    }

    /// The API whose endpoint's host name this is: `sqs.eu-west-1.amazonaws.com`, `sqs.localhost`.
    fn of_host(&self, host: &str) -> Option<&'static ServiceMeta> {
        let (first, _) = without_port(host).split_once('.')?;
        self.apis.iter().map(|api| api.meta).find(|meta| meta.endpoint_prefix == first)
    }
}

/// The Region in a host name: `sqs.eu-west-1.localhost`, `eu-west-1.queue.amazonaws.com`.
pub(crate) fn region_of(host: &str) -> Option<Region> {
    let looks_like_one =
        |label: &&str| label.split('-').count() >= 3 && label.ends_with(|c: char| c.is_ascii_digit());
    without_port(host).split('.').find(looks_like_one).and_then(|label| Region::parse(label).ok())
}

/// Account and name in the path of a queue's URL.
pub(crate) fn queue_of(path: &str) -> Option<(&str, &str)> {
    let (account, name) = path.strip_prefix('/')?.split_once('/')?;
    let is_account = account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit());
    (is_account && !name.is_empty() && !name.contains('/')).then_some((account, name))
}

fn version<'a>(query: &'a str, form: &'a [u8]) -> Cow<'a, str> {
    query::parameter(query, form, "Version").unwrap_or_default()
}

fn is_form(headers: &HeaderMap) -> bool {
    // A form without a content type is taken as one, as AWS does.
    headers
        .get(CONTENT_TYPE)
        .is_none_or(|value| value.as_bytes().starts_with(b"application/x-www-form-urlencoded"))
}

/// The form of a request that names its operation in `X-Amz-Target`. A content type that is none of AWS's is read in
/// the API's own JSON.
fn json_protocol(service: &ServiceMeta, headers: &HeaderMap) -> Protocol {
    let content_type = headers.get(CONTENT_TYPE).map_or(&b""[..], |value| value.as_bytes());
    match content_type {
        b"application/x-amz-json-1.0" => Protocol::AwsJson10,
        b"application/x-amz-json-1.1" => Protocol::AwsJson11,
        b"application/x-amz-cbor-1.1" => Protocol::AwsCbor11,
        _ => {
            let is_json = |protocol: &Protocol| matches!(protocol, Protocol::AwsJson10 | Protocol::AwsJson11);
            service.protocols.iter().copied().find(is_json).unwrap_or(Protocol::AwsJson11)
        }
    }
}
