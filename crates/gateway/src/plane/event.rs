//! The events that functions get: payload formats 1.0 and 2.0.

use super::incoming::{Incoming, Length, request_time};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use std::collections::BTreeMap;

/// What an event tells beside the request.
#[derive(Debug)]
pub(super) struct Facts<'a> {
    pub(super) account: String,
    pub(super) api: &'a str,
    pub(super) stage: &'a str,
    /// The path without the stage.
    pub(super) path: String,
    /// The path with the stage, unless that is `$default`.
    pub(super) staged_path: String,
    pub(super) variables: Vec<(&'a str, &'a str)>,
    pub(super) stage_variables: Option<&'a BTreeMap<String, String>>,
    /// Whether the body goes as it is, or in base64.
    pub(super) body: BodyForm,
}

/// How a body stands in an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BodyForm {
    /// As text.
    Text,
    /// In base64.
    Base64,
}

impl Facts<'_> {
    fn body(&self, incoming: &Incoming) -> (Option<String>, bool) {
        if incoming.body.is_empty() {
            return (None, false);
        }
        match self.body {
            BodyForm::Text => (Some(String::from_utf8_lossy(&incoming.body).into_owned()), false),
            BodyForm::Base64 => (Some(STANDARD.encode(&incoming.body)), true),
        }
    }

    fn variables(&self) -> Option<BTreeMap<&str, &str>> {
        Some(self.variables.iter().copied().collect())
            .filter(|variables: &BTreeMap<_, _>| !variables.is_empty())
    }

    fn stage_variables(&self) -> Option<&BTreeMap<String, String>> {
        self.stage_variables.filter(|variables| !variables.is_empty())
    }
}

/// Format 1.0, of REST and of HTTP APIs.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct EventV1<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<&'static str>,
    resource: &'a str,
    path: &'a str,
    http_method: &'a str,
    headers: BTreeMap<String, String>,
    multi_value_headers: BTreeMap<String, Vec<String>>,
    query_string_parameters: Option<BTreeMap<String, String>>,
    multi_value_query_string_parameters: Option<BTreeMap<String, Vec<String>>>,
    request_context: ContextV1<'a>,
    path_parameters: Option<BTreeMap<&'a str, &'a str>>,
    stage_variables: Option<&'a BTreeMap<String, String>>,
    body: Option<String>,
    is_base64_encoded: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ContextV1<'a> {
    account_id: &'a str,
    api_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    deployment_id: Option<&'a str>,
    domain_name: &'a str,
    domain_prefix: &'a str,
    extended_request_id: &'a str,
    http_method: &'a str,
    identity: Identity<'a>,
    path: &'a str,
    protocol: &'a str,
    request_id: String,
    request_time: String,
    request_time_epoch: i64,
    resource_id: &'a str,
    resource_path: &'a str,
    stage: &'a str,
}

/// Who calls. What only authorizers and signatures would tell is null.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Identity<'a> {
    access_key: Option<&'a str>,
    account_id: Option<&'a str>,
    caller: Option<&'a str>,
    /// HTTP APIs alone have it.
    #[serde(skip_serializing_if = "Option::is_none")]
    cognito_amr: Option<serde_json::Value>,
    cognito_authentication_provider: Option<&'a str>,
    cognito_authentication_type: Option<&'a str>,
    cognito_identity_id: Option<&'a str>,
    cognito_identity_pool_id: Option<&'a str>,
    principal_org_id: Option<&'a str>,
    source_ip: &'a str,
    user: Option<&'a str>,
    user_agent: Option<&'a str>,
    user_arn: Option<&'a str>,
}

/// Which of the two kinds of APIs an event of format 1.0 comes from.
#[derive(Debug, Clone, Copy)]
pub(super) enum Source<'a> {
    /// A REST API.
    Rest {
        /// The path of the resource.
        resource: &'a str,
        /// Its id.
        resource_id: &'a str,
        /// The deployment.
        deployment: &'a str,
    },
    /// An HTTP API.
    Http {
        /// The route's key.
        route_key: &'a str,
    },
}

/// The event of format 1.0.
pub(super) fn version_1(incoming: &Incoming, facts: &Facts<'_>, source: Source<'_>) -> Vec<u8> {
    let (mut headers, mut many_headers) = (BTreeMap::new(), BTreeMap::new());
    let length = if matches!(source, Source::Http { .. }) { Length::Told } else { Length::Kept };
    for (name, values) in incoming.headers(length) {
        let name =
            if matches!(source, Source::Rest { .. }) || is_titled(&name) { titled(&name) } else { name };
        headers.extend(values.last().map(|last| (name.clone(), last.clone())));
        many_headers.insert(name, values);
    }
    let (mut parameters, mut many_parameters) = (BTreeMap::new(), BTreeMap::<String, Vec<String>>::new());
    for (name, value) in incoming.parameters() {
        parameters.insert(name.clone(), value.clone());
        many_parameters.entry(name).or_default().push(value);
    }
    let has_parameters = !parameters.is_empty();
    let (body, is_base64_encoded) = facts.body(incoming);
    let (resource, resource_id, deployment_id, is_rest) = match source {
        Source::Rest { resource, resource_id, deployment } => (resource, resource_id, Some(deployment), true),
        Source::Http { route_key } => {
            (route_key.split_once(' ').map_or(route_key, |(_, path)| path), route_key, None, false)
        }
    };
    let event = EventV1 {
        version: (!is_rest).then_some("1.0"),
        resource,
        path: if is_rest { &facts.path } else { &facts.staged_path },
        http_method: &incoming.method,
        headers,
        multi_value_headers: many_headers,
        query_string_parameters: has_parameters.then_some(parameters),
        multi_value_query_string_parameters: has_parameters.then_some(many_parameters),
        request_context: ContextV1 {
            account_id: &facts.account,
            api_id: facts.api,
            deployment_id,
            domain_name: &incoming.host,
            domain_prefix: incoming.domain_prefix(),
            extended_request_id: &incoming.extended_id,
            http_method: &incoming.method,
            identity: identity(incoming, is_rest),
            path: &facts.staged_path,
            protocol: incoming.protocol,
            request_id: if is_rest { incoming.request_id.to_string() } else { incoming.extended_id.clone() },
            request_time: request_time(incoming.now),
            request_time_epoch: incoming.now.as_millis(),
            resource_id,
            resource_path: resource,
            stage: facts.stage,
        },
        path_parameters: facts.variables(),
        stage_variables: facts.stage_variables(),
        body,
        is_base64_encoded,
    };
    written(&event)
}

fn identity(incoming: &Incoming, is_rest: bool) -> Identity<'_> {
    Identity {
        access_key: None,
        account_id: None,
        caller: None,
        cognito_amr: (!is_rest).then_some(serde_json::Value::Null),
        cognito_authentication_provider: None,
        cognito_authentication_type: None,
        cognito_identity_id: None,
        cognito_identity_pool_id: None,
        principal_org_id: None,
        source_ip: &incoming.source_ip,
        user: None,
        user_agent: incoming.user_agent.as_deref(),
        user_arn: None,
    }
}

/// Format 2.0, of HTTP APIs. What is absent is left out.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct EventV2<'a> {
    version: &'static str,
    route_key: &'a str,
    raw_path: &'a str,
    raw_query_string: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    cookies: Option<Vec<String>>,
    headers: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    query_string_parameters: Option<BTreeMap<String, String>>,
    request_context: ContextV2<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    path_parameters: Option<BTreeMap<&'a str, &'a str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stage_variables: Option<&'a BTreeMap<String, String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<String>,
    is_base64_encoded: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ContextV2<'a> {
    account_id: &'a str,
    api_id: &'a str,
    domain_name: &'a str,
    domain_prefix: &'a str,
    http: HttpV2<'a>,
    request_id: &'a str,
    route_key: &'a str,
    stage: &'a str,
    time: String,
    time_epoch: i64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct HttpV2<'a> {
    method: &'a str,
    path: &'a str,
    protocol: &'a str,
    source_ip: &'a str,
    user_agent: &'a str,
}

/// The event of format 2.0.
pub(super) fn version_2(incoming: &Incoming, facts: &Facts<'_>, route_key: &str) -> Vec<u8> {
    let mut headers = incoming.headers(Length::Told);
    let cookies = headers.remove("cookie").map(|lines| {
        let cookies = lines.iter().flat_map(|line| line.split(';')).map(str::trim);
        cookies.filter(|cookie| !cookie.is_empty()).map(str::to_owned).collect()
    });
    let mut parameters = BTreeMap::<String, String>::new();
    for (name, value) in incoming.parameters() {
        parameters
            .entry(name)
            .and_modify(|all| {
                all.push(',');
                all.push_str(&value);
            })
            .or_insert_with(|| value.clone());
    }
    let (body, is_base64_encoded) = facts.body(incoming);
    let event = EventV2 {
        version: "2.0",
        route_key,
        raw_path: &facts.staged_path,
        raw_query_string: incoming.query.as_deref().unwrap_or_default(),
        cookies,
        headers: headers.into_iter().map(|(name, values)| (name, values.join(","))).collect(),
        query_string_parameters: (!parameters.is_empty()).then_some(parameters),
        request_context: ContextV2 {
            account_id: &facts.account,
            api_id: facts.api,
            domain_name: &incoming.host,
            domain_prefix: incoming.domain_prefix(),
            http: HttpV2 {
                method: &incoming.method,
                path: &facts.staged_path,
                protocol: incoming.protocol,
                source_ip: &incoming.source_ip,
                user_agent: incoming.user_agent.as_deref().unwrap_or_default(),
            },
            request_id: &incoming.extended_id,
            route_key,
            stage: facts.stage,
            time: request_time(incoming.now),
            time_epoch: incoming.now.as_millis(),
        },
        path_parameters: facts.variables(),
        stage_variables: facts.stage_variables(),
        body,
        is_base64_encoded,
    };
    written(&event)
}

fn written(event: &impl Serialize) -> Vec<u8> {
    // Text and numbers under text keys: nothing in it can fail to be written.
    serde_json::to_vec(event).unwrap_or_default()
}

/// Whether an HTTP API writes this header in title case in format 1.0; the others it writes as they came.
fn is_titled(name: &str) -> bool {
    matches!(name, "content-length" | "content-type" | "host" | "user-agent" | "x-amzn-trace-id")
        || name.starts_with("x-forwarded-")
}

/// `content-type` as `Content-Type`.
fn titled(name: &str) -> String {
    let mut begins = true;
    let letter = |c: char| {
        let titled = if begins { c.to_ascii_uppercase() } else { c };
        begins = c == '-';
        titled
    };
    name.chars().map(letter).collect()
}
