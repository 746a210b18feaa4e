//! Fault rules, as people write them.

use super::failure::Failure;
use super::moment::{self, Moment};
use super::request::{self, Chosen};
use super::state::ControlState;
use axum::Json;
use axum::extract::{RawPathParams, State};
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use mesh_router::Router;
use mesh_router::faults::{Choice, Counts, Draft, Dropped, Effect, HEADER, Refusal, Rule};
use mesh_store::Universe;
use mesh_types::Span;
use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer, de};
use serde_json::{Map, Value, json};
use std::time::Duration;

/// How young a write is whose effect a stale read does not see yet, where a rule does not say.
const DEFAULT_AGE: Duration = Duration::from_secs(1);

/// What the name of a rule that a request brings is.
const FROM_HEADER: &str = "header";

/// A rule as it is written in JSON or TOML.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Written {
    name: Option<String>,
    service: Option<String>,
    operation: Option<String>,
    resource: Option<String>,
    account: Option<String>,
    caller: Option<String>,
    probability: Option<f64>,
    every: Option<u64>,
    from: Option<Moment>,
    until: Option<Moment>,
    times: Option<u64>,
    error: Option<String>,
    message: Option<String>,
    latency: Option<Latency>,
    drop: Option<WrittenDrop>,
    throttle: Option<Rate>,
    burst: Option<u32>,
    partial_batch: Option<f64>,
    code: Option<String>,
    duplicate: bool,
    reorder: bool,
    stale_read: Option<Age>,
    // What a list of rules tells beside them, so that it can be loaded again.
    #[serde(rename = "matches")]
    _matches: IgnoredAny,
    #[serde(rename = "injected")]
    _injected: IgnoredAny,
}

/// `200ms`, or `100ms..1s` for a span drawn from these.
#[derive(Debug)]
struct Latency(Duration, Duration);

#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum WrittenDrop {
    Before,
    After,
}

/// Calls a second: `10`, `10/s`, `30/m`, `1/h`.
#[derive(Debug)]
struct Rate(f64);

/// `true` for the usual age, or a span.
#[derive(Debug)]
struct Age(Option<Duration>);

impl Latency {
    fn parse(text: &str) -> Option<Self> {
        let (least, most) = text.split_once("..").unwrap_or((text, text));
        Some(Self(Span::parse(least).ok()?.0, Span::parse(most).ok()?.0))
    }
}

impl Rate {
    fn parse(text: &str) -> Option<Self> {
        let (count, unit) = text.split_once('/').unwrap_or((text, "s"));
        let seconds = match unit.trim() {
            "s" => 1.0,
            "m" => 60.0,
            "h" => 3_600.0,
            _ => return None,
        };
        let count: f64 = count.trim().parse().ok()?;
        Some(Self(count / seconds))
    }
}

/// A value that is written as text, or as a number or truth that stands for one.
#[derive(Deserialize)]
#[serde(untagged)]
enum Form {
    Truth(bool),
    Number(f64),
    Text(String),
}

impl Form {
    fn read<'de, D: Deserializer<'de>, T>(
        from: D,
        what: &'static str,
        of: impl FnOnce(Self) -> Option<T>,
    ) -> Result<T, D::Error> {
        let refused = || de::Error::custom(what);
        Self::deserialize(from).ok().and_then(of).ok_or_else(refused)
    }
}

impl<'de> Deserialize<'de> for Latency {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Form::read(
            from,
            "latency is a span, or the least and the most: 200ms, 100ms..1s",
            |form| match form {
                Form::Text(text) => Self::parse(&text),
                Form::Number(seconds) => {
                    Duration::try_from_secs_f64(seconds).ok().map(|span| Self(span, span))
                }
                Form::Truth(_) => None,
            },
        )
    }
}

impl<'de> Deserialize<'de> for Rate {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Form::read(from, "throttle is a number of calls in a second, minute or hour: 10/s, 30/m", |form| {
            match form {
                Form::Text(text) => Self::parse(&text),
                Form::Number(rate) => Some(Self(rate)),
                Form::Truth(_) => None,
            }
        })
    }
}

impl<'de> Deserialize<'de> for Age {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Form::read(from, "stale_read is true, or how old a write may be that is not seen yet: 1s", |form| {
            match form {
                Form::Text(text) => Span::parse(&text).ok().map(|span| Self(Some(span.0))),
                Form::Number(seconds) => Duration::try_from_secs_f64(seconds).ok().map(|age| Self(Some(age))),
                Form::Truth(is_wanted) => Some(Self(is_wanted.then_some(DEFAULT_AGE))),
            }
        })
    }
}

impl Written {
    fn draft(self) -> Draft {
        Draft {
            name: self.name,
            service: self.service,
            operation: self.operation,
            resource: self.resource,
            account: self.account,
            caller: self.caller,
            probability: self.probability,
            every: self.every,
            from: self.from.map(|Moment(at)| at),
            until: self.until.map(|Moment(at)| at),
            times: self.times,
            error: self.error,
            message: self.message,
            latency: self.latency.map(|Latency(least, most)| (least, most)),
            drop: self.drop.map(|drop| match drop {
                WrittenDrop::Before => Dropped::Before,
                WrittenDrop::After => Dropped::After,
            }),
            throttle: self.throttle.map(|Rate(rate)| rate),
            burst: self.burst,
            partial_batch: self.partial_batch,
            code: self.code,
            duplicate: self.duplicate,
            reorder: self.reorder,
            stale_read: self.stale_read.and_then(|Age(age)| age),
        }
    }
}

/// One rule, a list of rules, or `{"faults": [...]}`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct All {
    faults: Vec<Value>,
}

/// Reads rules: one, a list, or an object with the list `faults`.
///
/// # Errors
/// A sentence that says which of them is none, and why.
pub fn read_rules(router: &Router, written: Value) -> Result<Vec<Rule>, Refusal> {
    let all = match written {
        Value::Array(rules) => rules,
        Value::Object(ref members) if members.contains_key("faults") => {
            let all: Result<All, _> = serde_json::from_value(written);
            all.map_err(|error| Refusal(format!("These are no fault rules: {error}.")))?.faults
        }
        one => vec![one],
    };
    let count = all.len();
    let read = |(index, written): (usize, Value)| {
        let draft: Result<Written, _> = serde_json::from_value(written);
        let draft = draft.map_err(|error| Refusal(format!("This is no fault rule: {error}.")))?.draft();
        let name = draft.name.clone();
        router.faults().check(draft).map_err(|Refusal(sentence)| {
            Refusal(match name {
                Some(name) => format!("The fault rule {name}: {sentence}"),
                None if count > 1 => format!("Fault rule {} of {count}: {sentence}", index + 1),
                None => sentence,
            })
        })
    };
    all.into_iter().enumerate().map(read).collect()
}

/// Reads what a request asks of itself: `error=ThrottlingException`, `latency=200ms`, `drop`, `drop=after`,
/// `stale_read`, `partial_batch=0.5`, ...; several with commas between them, or in several headers.
///
/// # Errors
/// What is no effect, or none that this operation could show.
pub(crate) fn read_header(
    router: &Router,
    (service, operation): (&str, &str),
    headers: &HeaderMap,
) -> Result<Vec<Rule>, Refusal> {
    let mut rules = Vec::new();
    for value in headers.get_all(&HEADER) {
        let text = value.to_str().map_err(|_| Refusal("x-mesh-fault is ASCII text.".to_owned()))?;
        for one in text.split(',').map(str::trim) {
            let (service, operation) = (Some(service.to_owned()), Some(operation.to_owned()));
            rules.push(router.faults().check(Draft { service, operation, ..of_header(one)? })?);
        }
    }
    Ok(rules)
}

fn of_header(text: &str) -> Result<Draft, Refusal> {
    let (effect, value) = match text.split_once('=') {
        Some((effect, value)) => (effect.trim(), Some(value.trim())),
        None => (text, None),
    };
    let value = match (effect, value) {
        ("error" | "latency", Some(value)) => json!(value),
        ("drop", value) => json!(value.unwrap_or("before")),
        ("partial_batch", Some(value)) => json!(value.parse::<f64>().ok()),
        ("stale_read", Some(value)) => json!(value),
        ("stale_read" | "reorder" | "duplicate", None) => json!(true),
        _ => {
            return Err(Refusal(format!(
                "x-mesh-fault: {text:?} is none of error=CODE, latency=SPAN, drop, drop=after, partial_batch=PART, \
                 reorder, duplicate and stale_read; several have commas between them."
            )));
        }
    };
    let members = Map::from_iter([("name".to_owned(), json!(FROM_HEADER)), (effect.to_owned(), value)]);
    let written: Result<Written, _> = serde_json::from_value(Value::Object(members));
    written.map(Written::draft).map_err(|error| Refusal(format!("x-mesh-fault: {error}.")))
}

type Answer = Result<Json<Value>, Failure>;

/// `GET .../faults`
pub(super) async fn list(State(state): State<ControlState>, Chosen(name): Chosen) -> Answer {
    told(&state, &state.universe(&name)?)
}

/// `PUT .../faults`
pub(super) async fn replace(State(state): State<ControlState>, Chosen(name): Chosen, body: Bytes) -> Answer {
    let (universe, rules) = (state.universe(&name)?, rules(&state, &body)?);
    state.router.faults().replace(&universe, &rules).map_err(|_| Failure::no_universe(&name))?;
    told(&state, &universe)
}

/// `POST .../faults`
pub(super) async fn add(
    State(state): State<ControlState>,
    Chosen(name): Chosen,
    body: Bytes,
) -> Result<(StatusCode, Json<Value>), Failure> {
    let (universe, rules) = (state.universe(&name)?, rules(&state, &body)?);
    let added = state.router.faults().add(&universe, &rules).map_err(|_| Failure::no_universe(&name))?;
    let added: Vec<Value> = added.iter().map(|rule| describe(rule, &Counts::default())).collect();
    Ok((StatusCode::CREATED, Json(json!({ "universe": name.as_str(), "faults": added }))))
}

/// `DELETE .../faults`
pub(super) async fn clear(
    State(state): State<ControlState>,
    Chosen(name): Chosen,
) -> Result<StatusCode, Failure> {
    let universe = state.universe(&name)?;
    state.router.faults().replace(&universe, &[]).map_err(|_| Failure::no_universe(&name))?;
    Ok(StatusCode::NO_CONTENT)
}

/// `DELETE .../faults/RULE`
pub(super) async fn remove(
    State(state): State<ControlState>,
    Chosen(name): Chosen,
    parameters: RawPathParams,
) -> Result<StatusCode, Failure> {
    let universe = state.universe(&name)?;
    let rule = parameters.iter().find(|(key, _)| *key == "rule").map(|(_, rule)| rule).unwrap_or_default();
    match state.router.faults().remove(&universe, rule) {
        Ok(true) => Ok(StatusCode::NO_CONTENT),
        Ok(false) => Err(Failure::not_found(format!(
            "The universe {name} has no fault rule {rule:?}. GET /_mesh/universes/{name}/faults lists those it has."
        ))),
        Err(_) => Err(Failure::no_universe(&name)),
    }
}

fn rules(state: &ControlState, body: &Bytes) -> Result<Vec<Rule>, Failure> {
    let written: Value = request::body(body)?;
    read_rules(&state.router, written).map_err(|Refusal(sentence)| Failure::bad_request(sentence))
}

fn told(state: &ControlState, universe: &Universe) -> Answer {
    let rules = state.router.faults().list(universe).map_err(|_| Failure::no_universe(universe.name()))?;
    let rules: Vec<Value> = rules.iter().map(|(rule, counts)| describe(rule, counts)).collect();
    Ok(Json(json!({ "universe": universe.name().as_str(), "faults": rules })))
}

/// A rule, in the form in which it is written, and what became of it.
fn describe(rule: &Rule, counts: &Counts) -> Value {
    let on = [
        ("service", &rule.on.service),
        ("operation", &rule.on.operation),
        ("resource", &rule.on.resource),
        ("account", &rule.on.account),
        ("caller", &rule.on.caller),
    ];
    let mut told = Map::from_iter([("name".to_owned(), json!(rule.name))]);
    let mut tell = |name: &str, value: Value| told.insert(name.to_owned(), value);
    for (name, pattern) in on {
        pattern.iter().for_each(|pattern| drop(tell(name, json!(pattern.as_str()))));
    }
    match rule.when.choice {
        Choice::Always => {}
        Choice::Probability(probability) => drop(tell("probability", json!(probability))),
        Choice::Every(every) => drop(tell("every", json!(every))),
    }
    for (name, at) in [("from", rule.when.from), ("until", rule.when.until)] {
        at.into_iter().for_each(|at| drop(tell(name, json!(moment::text(at)))));
    }
    rule.when.times.into_iter().for_each(|times| drop(tell("times", json!(times))));
    let effect = match &rule.effect {
        Effect::Error { code, message } => {
            message.iter().for_each(|message| drop(tell("message", json!(message))));
            json!(code)
        }
        Effect::Latency { least, most } if least == most => json!(seconds(*least)),
        Effect::Latency { least, most } => json!(format!("{}..{}", seconds(*least), seconds(*most))),
        Effect::Drop(Dropped::Before) => json!("before"),
        Effect::Drop(Dropped::After) => json!("after"),
        Effect::Throttle { rate, burst } => {
            tell("burst", json!(burst));
            json!(rate)
        }
        Effect::PartialBatch { fraction, code } => {
            code.iter().for_each(|code| drop(tell("code", json!(code))));
            json!(fraction)
        }
        Effect::Duplicate | Effect::Reorder => json!(true),
        Effect::StaleRead(age) => json!(seconds(*age)),
    };
    tell(rule.effect.name(), effect);
    tell("matches", json!(counts.matches));
    tell("injected", json!(counts.injected));
    Value::Object(told)
}

/// A span in a form that is read again.
fn seconds(span: Duration) -> String {
    format!("{}s", span.as_secs_f64())
}

#[cfg(test)]
mod tests;
