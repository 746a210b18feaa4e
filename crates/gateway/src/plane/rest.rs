//! Requests to REST APIs.

use super::address::Address;
use super::cache::RestRoutes;
use super::event::{self, BodyForm, Facts, Source};
use super::function_answer::{self, Rules, accepts};
use super::incoming::Incoming;
use super::lambda::{Call, NoAnswer, with_variables};
use super::mock;
use super::proxy::{self, Forward};
use super::trouble::{RestTrouble, set, stamp_rest};
use crate::domain::{Found, compile_rest};
use crate::state::rest::{self, Deployed, Integration, IntegrationKind, RestState, Snapshot, Stage};
use bytes::Bytes;
use http::Response;
use mesh_router::Context;
use smol_str::SmolStr;
use std::sync::Arc;
use std::time::Duration;

/// Answers a request to a REST API.
pub(super) async fn answer(cx: &Context, address: &Address, incoming: &Incoming) -> Response<Bytes> {
    match serve(cx, address, incoming).await {
        Ok(mut answer) => {
            stamp_rest(answer.headers_mut(), incoming);
            answer
        }
        Err(trouble) => trouble.answer(incoming),
    }
}

/// What is served: a stage of an API with the picture of its methods.
struct Served {
    stage: Arc<Stage>,
    snapshot: Arc<Snapshot>,
}

/// A request whose method was found.
struct Matched<'a> {
    cx: &'a Context,
    incoming: &'a Incoming,
    served: &'a Served,
    deployed: &'a Deployed,
    facts: Facts<'a>,
}

async fn serve(cx: &Context, address: &Address, incoming: &Incoming) -> Result<Response<Bytes>, RestTrouble> {
    let (stage, path) = match &address.stage {
        Some(stage) => (stage.as_str(), address.path.as_str()),
        None => address.first_segment(),
    };
    let key = rest::key(cx, &address.api);
    let served = cx.read(&key, |state, _| served(state, stage, address.is_host)).ok().flatten();
    let served = served.ok_or(RestTrouble::Forbidden)?;
    let name = (SmolStr::new(&address.api), served.stage.deployment.clone());
    let routes = RestRoutes::of(cx.universe(), name, || compile_rest(&served.snapshot));
    let Found { value, variables } = routes.find(&incoming.method, path).ok_or(RestTrouble::MissingToken)?;
    let method = &value.method;
    if method.authorization == "AWS_IAM" && !incoming.is_signed() {
        return Err(RestTrouble::MissingToken);
    }
    if method.api_key_required {
        return Err(RestTrouble::Forbidden);
    }
    let is_binary = accepts(&served.snapshot.binary_media_types, incoming.media_type());
    let facts = Facts {
        account: cx.account().to_string(),
        api: &address.api,
        stage,
        path: format!("/{}", path.trim_start_matches('/')),
        staged_path: format!("/{stage}{path}"),
        variables,
        stage_variables: served.stage.variables.as_ref(),
        body: if is_binary { BodyForm::Base64 } else { BodyForm::Text },
    };
    let integration = method.integration.as_ref().ok_or(RestTrouble::Configuration)?;
    let matched = Matched { cx, incoming, served: &served, deployed: value, facts };
    match integration.kind {
        IntegrationKind::Mock => mock::answer(integration, incoming),
        IntegrationKind::AwsProxy => matched.call(integration).await,
        IntegrationKind::HttpProxy => matched.forward(integration).await,
    }
}

fn served(state: &RestState, stage: &str, is_host: bool) -> Option<Served> {
    // Only the default endpoint is switched off; it is what the host names.
    state.api.get().filter(|api| !(is_host && api.disable_execute_api_endpoint))?;
    let stage = state.stages.get_shared(&SmolStr::new(stage))?;
    let snapshot = state.snapshots.get_shared(&stage.deployment)?;
    Some(Served { stage, snapshot })
}

impl Matched<'_> {
    async fn call(self, integration: &Integration) -> Result<Response<Bytes>, RestTrouble> {
        // Lambda takes nothing but POST.
        if integration.http_method.as_deref() != Some("POST") {
            return Err(RestTrouble::Configuration);
        }
        let source = Source::Rest {
            resource: &self.deployed.path,
            resource_id: &self.deployed.resource,
            deployment: &self.served.stage.deployment,
        };
        let event = event::version_1(self.incoming, &self.facts, source);
        let resource =
            format!("{}/{}/{}{}", self.facts.api, self.facts.stage, self.incoming.method, self.deployed.path);
        let call = Call {
            uri: integration.uri.as_deref().unwrap_or_default(),
            stage_variables: self.facts.stage_variables,
            has_role: integration.credentials.is_some(),
            source: self.cx.arn("execute-api", &resource).to_string(),
            timeout: timeout(integration),
        };
        let payload =
            call.make(self.cx, self.incoming, event).await.map_err(|no_answer| match no_answer {
                NoAnswer::Refused => RestTrouble::Configuration,
                NoAnswer::Failed => RestTrouble::Malformed,
                NoAnswer::Late => RestTrouble::Timeout,
            })?;
        let rules =
            Rules::Rest { request: &self.incoming.headers, binary: &self.served.snapshot.binary_media_types };
        let mut answer = function_answer::read(&payload, rules).map_err(|_| RestTrouble::Malformed)?;
        set(answer.headers_mut(), "x-amzn-trace-id", &self.incoming.trace);
        Ok(answer)
    }

    async fn forward(self, integration: &Integration) -> Result<Response<Bytes>, RestTrouble> {
        // A variable of the URI has the value of the path's variable that a mapping names, or that is called the same.
        let variable = |to: &str, from: &str| {
            let from = from.strip_prefix("method.request.path.")?;
            let (_, value) = self.facts.variables.iter().find(|(name, _)| *name == from)?;
            Some((to.strip_prefix("integration.request.path.")?.to_owned(), *value))
        };
        let mapped: Vec<(String, &str)> = integration
            .request_parameters
            .iter()
            .flatten()
            .filter_map(|(to, from)| variable(to, from))
            .collect();
        let mut variables: Vec<(&str, &str)> =
            mapped.iter().map(|(name, value)| (name.as_str(), *value)).collect();
        variables.extend(self.facts.variables.iter().copied());
        let forward = Forward {
            uri: with_variables(integration.uri.as_deref().unwrap_or_default(), self.facts.stage_variables),
            method: integration.http_method.as_deref().unwrap_or("ANY"),
            variables: &variables,
            timeout: timeout(integration),
        };
        forward.send(self.cx, self.incoming).await.map_err(|no_answer| match no_answer {
            proxy::NoAnswer::Misled => RestTrouble::Configuration,
            proxy::NoAnswer::Unreachable => RestTrouble::Unreachable,
            proxy::NoAnswer::Late => RestTrouble::Timeout,
        })
    }
}

fn timeout(integration: &Integration) -> Duration {
    Duration::from_millis(u64::try_from(integration.timeout_in_millis).unwrap_or(0))
}
