//! The record as JSON.

use super::failure::Failure;
use super::moment;
use super::request::{Asked, Chosen};
use super::state::ControlState;
use axum::Json;
use axum::extract::State;
use mesh_router::{CallEntry, Deed, DeliveryEntry, Entry, FaultEntry, Outcome, OutsideEntry};
use mesh_store::{Cause, DeliveryId};
use mesh_types::RequestId;
use serde::Deserialize;
use serde_json::{Value, json};

/// Entries told unless the caller says otherwise.
const DEFAULT_LIMIT: usize = 100;

/// What is asked of the record.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    limit: Option<usize>,
    service: Option<String>,
}

/// `GET .../record`
pub(super) async fn list(
    State(state): State<ControlState>,
    Chosen(name): Chosen,
    Asked(Wanted { limit, service }): Asked<Wanted>,
) -> Result<Json<Value>, Failure> {
    let universe = state.universe(&name)?;
    let mut entries = state.router.record().of(&universe);
    if let Some(service) = &service {
        entries.retain(|entry| service_of(entry) == service);
    }
    let newest = entries.len().saturating_sub(limit.unwrap_or(DEFAULT_LIMIT));
    let entries: Vec<Value> = entries[newest..].iter().map(describe).collect();
    Ok(Json(json!({ "universe": name.as_str(), "entries": entries })))
}

/// The API that an entry is about; of what was done outside, `outside`.
fn service_of(entry: &Entry) -> &str {
    match entry {
        Entry::Outside(_) => "outside",
        Entry::Call(call) => call.service,
        Entry::Fault(fault) => fault.service,
        Entry::Delivery(delivery) => {
            delivery.to.split_once(' ').map_or(&*delivery.to, |(service, _)| service)
        }
    }
}

/// An entry.
pub(super) fn describe(entry: &Entry) -> Value {
    match entry {
        Entry::Call(call) => call_value(call),
        Entry::Delivery(delivery) => delivery_value(delivery),
        Entry::Outside(outside) => outside_value(outside),
        Entry::Fault(fault) => fault_value(fault),
    }
}

fn outside_value(outside: &OutsideEntry) -> Value {
    let kind = match outside.deed {
        Deed::Http => "http",
        Deed::Process => "process",
        Deed::Listen => "listen",
        Deed::Scratch => "scratch",
    };
    let mut value = json!({
        "kind": kind,
        "sequence": outside.sequence,
        "what": outside.what,
        "at": moment::text(outside.at),
        "cause": cause_value(outside.cause),
    });
    if let Some(error) = &outside.error {
        value["error"] = json!(error);
    }
    value
}

fn call_value(call: &CallEntry) -> Value {
    let mut value = json!({
        "kind": "call",
        "sequence": call.sequence,
        "request_id": call.request_id.to_string(),
        "account": call.account.as_str(),
        "service": call.service,
        "operation": call.operation,
        "arrived_at": moment::text(call.arrived_at),
        "took_micros": u64::try_from(call.took.as_micros()).unwrap_or(u64::MAX),
        "status": call.status,
    });
    if let Some(error) = call.error {
        value["error"] = json!(error);
    }
    if let Some(trace) = &call.trace {
        value["trace"] = json!(trace);
    }
    if !call.subjects.is_empty() {
        let ids = call.subjects.iter().map(|bits| RequestId::from_random(*bits).to_string());
        value["about"] = ids.collect();
    }
    // A request from outside names itself as what its transactions are caused by.
    if call.cause != Cause::Request(call.request_id.bits()) {
        value["cause"] = cause_value(call.cause);
    }
    value
}

fn delivery_value(delivery: &DeliveryEntry) -> Value {
    json!({
        "kind": "delivery",
        "sequence": delivery.sequence,
        "id": delivery_id(delivery.id),
        "to": delivery.to,
        "at": moment::text(delivery.at),
        "outcome": outcome_value(&delivery.outcome),
        "cause": cause_value(delivery.cause),
    })
}

fn fault_value(fault: &FaultEntry) -> Value {
    json!({
        "kind": "fault",
        "sequence": fault.sequence,
        "rule": fault.rule,
        "effect": fault.effect,
        "service": fault.service,
        "operation": fault.operation,
        "request_id": fault.request_id.to_string(),
        "at": moment::text(fault.at),
        "cause": cause_value(fault.cause),
    })
}

fn outcome_value(outcome: &Outcome) -> Value {
    match outcome {
        Outcome::Delivered => json!({ "result": "delivered" }),
        Outcome::Filtered { policy, key, value } => {
            json!({ "result": "filtered", "policy": policy, "key": key, "value": value })
        }
        Outcome::Refused { by } => json!({ "result": "refused", "by": by }),
        Outcome::Failed { after, last_error } => {
            json!({ "result": "failed", "after_attempts": after, "last_error": last_error })
        }
        Outcome::Waiting { after, last_error, until } => json!({
            "result": "waiting",
            "after_attempts": after,
            "last_error": last_error,
            "until": moment::text(*until),
        }),
        Outcome::DeadLettered { queue } => json!({ "result": "dead-lettered", "queue": queue }),
    }
}

/// What caused something.
pub(super) fn cause_value(cause: Cause) -> Value {
    match cause {
        Cause::Request(bits) => json!({ "kind": "request", "id": RequestId::from_random(bits).to_string() }),
        Cause::Delivery(id) => json!({ "kind": "delivery", "id": delivery_id(id) }),
        Cause::Deadline => json!({ "kind": "deadline" }),
    }
}

/// The name of a delivery: 32 hexadecimal digits.
fn delivery_id(id: DeliveryId) -> String {
    format!("{:032x}", id.0)
}
