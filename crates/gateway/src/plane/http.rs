//! Requests to HTTP APIs.

use super::address::Address;
use super::cache::HttpRoutes;
use super::cors;
use super::event::{self, BodyForm, Facts, Source};
use super::function_answer::{self, Rules};
use super::incoming::Incoming;
use super::lambda::{self, Call, with_variables};
use super::proxy::{self, Forward};
use super::trouble::{HttpTrouble, stamp_http};
use crate::domain::{Current, Found, compile_http};
use crate::state::http::{
    self, Deployed, Format, HttpApi, HttpState, Integration, IntegrationKind, Snapshot, Stage,
};
use ::http::Response;
use bytes::Bytes;
use mesh_router::Context;
use percent_encoding::percent_decode_str;
use smol_str::{SmolStr, format_smolstr};
use std::sync::Arc;
use std::time::Duration;

const DEFAULT_STAGE: &str = "$default";

/// Answers a request to an HTTP API.
pub(super) async fn answer(cx: &Context, address: &Address, incoming: &Incoming) -> Response<Bytes> {
    let key = http::key(cx, &address.api);
    let Some(served) = cx.read(&key, |state, _| Served::of(state, address)).ok().flatten() else {
        return HttpTrouble::NotFound.answer(incoming);
    };
    let rules = served.api.cors.as_ref();
    if let Some(preflight) = rules.and_then(|rules| cors::preflight(rules, incoming)) {
        return preflight;
    }
    let mut answer = match serve(cx, address, incoming, &served).await {
        Ok(mut answer) => {
            stamp_http(answer.headers_mut(), incoming);
            answer
        }
        Err(trouble) => trouble.answer(incoming),
    };
    if let Some(rules) = rules {
        cors::apply(rules, incoming, answer.headers_mut());
    }
    answer
}

/// What is served: a stage of an API with its routes.
struct Served {
    api: Arc<HttpApi>,
    name: SmolStr,
    stage: Arc<Stage>,
    /// The path behind the stage, as it was sent.
    path: String,
    routes: RouteSource,
}

/// Where the routes come from.
enum RouteSource {
    /// Those of now: the stage deploys by itself.
    Current(Current),
    /// A picture.
    Snapshot(Arc<Snapshot>),
}

impl Served {
    fn of(state: &HttpState, address: &Address) -> Option<Self> {
        let api =
            state.api.get_shared().filter(|api| !(address.is_host && api.disable_execute_api_endpoint))?;
        let (first, rest) = match &address.stage {
            Some(stage) => (stage.as_str(), address.path.as_str()),
            None => address.first_segment(),
        };
        let first = percent_decode_str(first).decode_utf8_lossy();
        // The host's first segment never means the default stage: there that name is a path like any other.
        let named = state
            .stages
            .get_shared(&SmolStr::new(&*first))
            .filter(|_| !(address.is_host && first == DEFAULT_STAGE));
        let (name, stage, path) = match named {
            Some(stage) => (SmolStr::new(&*first), stage, if rest.is_empty() { "/" } else { rest }),
            None => {
                (DEFAULT_STAGE.into(), state.stages.get_shared(&DEFAULT_STAGE.into())?, address.path.as_str())
            }
        };
        let routes = match &stage.deployment {
            _ if stage.deploys_itself => RouteSource::Current(state.current()),
            Some(deployment) => RouteSource::Snapshot(state.snapshots.get_shared(deployment)?),
            None => return None,
        };
        Some(Self { api, name, path: path.to_owned(), routes, stage })
    }
}

/// A request whose route was found.
struct Matched<'a> {
    cx: &'a Context,
    incoming: &'a Incoming,
    deployed: &'a Deployed,
    facts: Facts<'a>,
}

async fn serve(
    cx: &Context,
    address: &Address,
    incoming: &Incoming,
    served: &Served,
) -> Result<Response<Bytes>, HttpTrouble> {
    let version = match &served.stage.deployment {
        _ if served.stage.deploys_itself => format_smolstr!("revision {}", served.api.revision),
        Some(deployment) => deployment.clone(),
        None => return Err(HttpTrouble::NotFound),
    };
    let routes =
        HttpRoutes::of(cx.universe(), (SmolStr::new(&address.api), version), || match &served.routes {
            RouteSource::Current(current) => compile_http(current.deployed()),
            RouteSource::Snapshot(snapshot) => compile_http(snapshot.routes.iter().cloned()),
        });
    // HTTP APIs decode the path before they look at it.
    let path = percent_decode_str(&served.path).decode_utf8_lossy();
    let Found { value, variables } = routes.find(&incoming.method, &path).ok_or(HttpTrouble::NotFound)?;
    if value.route.authorization == "AWS_IAM" && !incoming.is_signed() {
        return Err(HttpTrouble::Forbidden);
    }
    let integration = value.integration.as_deref().ok_or(HttpTrouble::Internal)?;
    let staged_path = if served.name == DEFAULT_STAGE {
        path.clone().into_owned()
    } else {
        format!("/{}{path}", served.name)
    };
    let facts = Facts {
        account: cx.account().to_string(),
        api: &address.api,
        stage: &served.name,
        path: path.clone().into_owned(),
        staged_path,
        variables,
        stage_variables: Some(&served.stage.variables),
        body: if is_text(incoming) { BodyForm::Text } else { BodyForm::Base64 },
    };
    let matched = Matched { cx, incoming, deployed: value, facts };
    match integration.kind {
        IntegrationKind::AwsProxy => matched.call(integration).await,
        IntegrationKind::HttpProxy => matched.forward(integration).await,
    }
}

impl Matched<'_> {
    async fn call(self, integration: &Integration) -> Result<Response<Bytes>, HttpTrouble> {
        let route = self.deployed.route.key.as_str();
        let (event, rules) = match integration.format {
            Format::V1 => (
                event::version_1(self.incoming, &self.facts, Source::Http { route_key: route }),
                Rules::HttpV1,
            ),
            Format::V2 => (event::version_2(self.incoming, &self.facts, route), Rules::HttpV2),
        };
        let what = match route.split_once(' ') {
            Some((_, path)) => format!("{}{path}", self.incoming.method),
            None => route.to_owned(),
        };
        let call = Call {
            uri: &integration.uri,
            stage_variables: self.facts.stage_variables,
            has_role: integration.credentials.is_some(),
            source: self
                .cx
                .arn("execute-api", &format!("{}/{}/{what}", self.facts.api, self.facts.stage))
                .to_string(),
            timeout: timeout(integration),
        };
        let payload =
            call.make(self.cx, self.incoming, event).await.map_err(|no_answer| match no_answer {
                lambda::NoAnswer::Refused | lambda::NoAnswer::Failed => HttpTrouble::Internal,
                lambda::NoAnswer::Late => HttpTrouble::Unavailable,
            })?;
        function_answer::read(&payload, rules).map_err(|_| HttpTrouble::Internal)
    }

    async fn forward(self, integration: &Integration) -> Result<Response<Bytes>, HttpTrouble> {
        let forward = Forward {
            uri: with_variables(&integration.uri, self.facts.stage_variables),
            method: &integration.method,
            variables: &self.facts.variables,
            timeout: timeout(integration),
        };
        forward.send(self.cx, self.incoming).await.map_err(|no_answer| match no_answer {
            proxy::NoAnswer::Misled => HttpTrouble::Internal,
            proxy::NoAnswer::Unreachable | proxy::NoAnswer::Late => HttpTrouble::Unavailable,
        })
    }
}

fn timeout(integration: &Integration) -> Duration {
    Duration::from_millis(u64::try_from(integration.timeout_in_millis).unwrap_or(0))
}

/// Whether a body goes to the function as text: by its media type; one without, if it is UTF-8.
fn is_text(incoming: &Incoming) -> bool {
    let Some(media_type) = incoming.media_type() else { return std::str::from_utf8(&incoming.body).is_ok() };
    let media_type = media_type.to_ascii_lowercase();
    let is_known =
        matches!(media_type.as_str(), "application/json" | "application/xml" | "application/javascript");
    is_known
        || media_type.starts_with("text/")
        || media_type.ends_with("+json")
        || media_type.ends_with("+xml")
}
