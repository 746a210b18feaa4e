//! Why: from a request, a delivery or a message back to what led to it, and on to what came of it.
//!
//! An entry names its cause. A function's own calls name none that we gave: they carry the trace of their invocation,
//! whose parent is the first half of the invocation's id.

use super::failure::Failure;
use super::record;
use super::request::Chosen;
use super::state::ControlState;
use axum::Json;
use axum::extract::{RawPathParams, State};
use mesh_router::Entry;
use mesh_store::{Cause, DeliveryId};
use mesh_types::RequestId;
use serde_json::{Value, json};
use std::collections::{HashMap, HashSet};

/// `GET .../why/ID`
pub(super) async fn why(
    State(state): State<ControlState>,
    Chosen(name): Chosen,
    parameters: RawPathParams,
) -> Result<Json<Value>, Failure> {
    let universe = state.universe(&name)?;
    let text = parameters.iter().find(|(key, _)| *key == "id").map(|(_, id)| id).unwrap_or_default();
    let Some(bits) = parse(text) else {
        return Err(Failure::bad_request(format!(
            "{text:?} is no id. Ask for the id of a request (x-amzn-RequestId of its answer), of a delivery or of a \
             message."
        )));
    };
    let entries = state.router.record().of(&universe);
    walk(&entries, bits).map(Json).ok_or_else(|| {
        Failure::not_found(format!(
            "The record of the universe {name} has nothing of {text}. It keeps the newest calls, and deliveries that have \
             ended: POST /_mesh/universes/{name}/settle ends those that still can."
        ))
    })
}

/// Reads 32 hexadecimal digits, alone or grouped as a UUID.
fn parse(text: &str) -> Option<u128> {
    let groups: Vec<usize> = text.split('-').map(str::len).collect();
    let digits: String = text.split('-').collect();
    let is_grouped = groups == [32] || groups == [8, 4, 4, 4, 12];
    // Signs are digits to the parser, not to us.
    let is_hex = digits.bytes().all(|b| b.is_ascii_hexdigit());
    if is_grouped && is_hex { u128::from_str_radix(&digits, 16).ok() } else { None }
}

/// The entries and what links them, in the order of the record.
struct Web<'e> {
    by_name: HashMap<Cause, &'e Entry>,
    by_cause: HashMap<Cause, Vec<&'e Entry>>,
    /// What calls with this parent in their trace were made by.
    by_trace: HashMap<u64, Cause>,
    by_subject: HashMap<u128, Vec<&'e Entry>>,
}

/// What an entry is called where it is a cause. What was done outside is none, nor is a fault.
fn name_of(entry: &Entry) -> Option<Cause> {
    match entry {
        Entry::Call(call) => Some(Cause::Request(call.request_id.bits())),
        Entry::Delivery(delivery) => Some(Cause::Delivery(delivery.id)),
        Entry::Outside(_) | Entry::Fault(_) => None,
    }
}

/// The parent in a trace: `Root=1-...;Parent=0123456789abcdef;Sampled=0`.
fn parent_of(trace: &str) -> Option<u64> {
    let parent = trace.split(';').find_map(|part| part.trim().strip_prefix("Parent="))?;
    u64::from_str_radix(parent, 16).ok()
}

/// The first half of an id.
fn first_half(id: u128) -> u64 {
    u64::try_from(id >> 64).unwrap_or_default()
}

/// The answer: what led to the thing of this id, outermost first, itself, and what it caused, each under its cause and
/// with its distance. `None` where the record knows neither it nor anything it caused.
fn walk(entries: &[Entry], bits: u128) -> Option<Value> {
    let web = Web::of(entries);
    let names = [Cause::Request(bits), Cause::Delivery(DeliveryId(bits))];
    let known = |name: &&Cause| web.by_name.contains_key(*name) || web.by_cause.contains_key(*name);
    if let Some(name) = names.iter().find(known).copied() {
        let itself =
            web.by_name.get(&name).map_or_else(|| record::cause_value(name), |entry| record::describe(entry));
        let caused = web.came_of(web.next(name, 1).collect(), HashSet::from([name]));
        return Some(json!({ "entry": itself, "because": web.led_to(name), "caused": caused }));
    }
    let about = web.by_subject.get(&bits)?;
    let itself = json!({ "kind": "subject", "id": RequestId::from_random(bits).to_string() });
    let because = about.first().copied().and_then(name_of).map(|name| web.led_to(name)).unwrap_or_default();
    let open = about.iter().rev().map(|entry| (1, *entry)).collect();
    Some(json!({ "entry": itself, "because": because, "caused": web.came_of(open, HashSet::new()) }))
}

impl<'e> Web<'e> {
    fn of(entries: &'e [Entry]) -> Self {
        let calls = || {
            entries.iter().filter_map(|entry| match entry {
                Entry::Call(call) => Some((entry, call)),
                Entry::Delivery(_) | Entry::Outside(_) | Entry::Fault(_) => None,
            })
        };
        let by_name = entries.iter().filter_map(|entry| Some((name_of(entry)?, entry))).collect();
        let by_trace = calls()
            .map(|(_, call)| call.request_id.bits())
            .map(|id| (first_half(id), Cause::Request(id)))
            .collect();
        let mut web = Self { by_name, by_trace, by_cause: HashMap::new(), by_subject: HashMap::new() };
        for (entry, call) in calls() {
            call.subjects.iter().for_each(|id| web.by_subject.entry(*id).or_default().push(entry));
        }
        // Of a delivery that was tried several times the newest entry tells where it stands.
        let is_newest = |web: &Self, entry: &Entry| {
            name_of(entry).is_none_or(|name| {
                web.by_name.get(&name).is_none_or(|newest| newest.sequence() == entry.sequence())
            })
        };
        for entry in entries {
            if !is_newest(&web, entry) {
                continue;
            }
            let cause = web.cause_of(entry);
            if Some(cause) != name_of(entry) {
                web.by_cause.entry(cause).or_default().push(entry);
            }
        }
        web
    }

    /// What caused an entry: of a call that names itself, the one that its trace leads to.
    fn cause_of(&self, entry: &Entry) -> Cause {
        match entry {
            Entry::Call(call) => {
                let is_own = call.cause == Cause::Request(call.request_id.bits());
                let trace = call.trace.as_deref().filter(|_| is_own).and_then(parent_of);
                trace.and_then(|parent| self.by_trace.get(&parent).copied()).unwrap_or(call.cause)
            }
            Entry::Delivery(delivery) => delivery.cause,
            Entry::Outside(outside) => outside.cause,
            Entry::Fault(fault) => fault.cause,
        }
    }

    fn led_to(&self, name: Cause) -> Vec<Value> {
        let (mut chain, mut seen, mut at) = (Vec::new(), HashSet::from([name]), name);
        while let Some(cause) = self.by_name.get(&at).map(|entry| self.cause_of(entry)) {
            if !seen.insert(cause) {
                break;
            }
            // A cause that is no longer kept is at least named.
            let known = self.by_name.get(&cause).map(|entry| record::describe(entry));
            chain.push(known.unwrap_or_else(|| record::cause_value(cause)));
            at = cause;
        }
        chain.reverse();
        chain
    }

    /// These entries and what they caused. Flat and in walking order, because a chain may be as long as the record.
    fn came_of(&self, mut open: Vec<(usize, &'e Entry)>, mut seen: HashSet<Cause>) -> Vec<Value> {
        let mut told = Vec::new();
        while let Some((distance, entry)) = open.pop() {
            let name = name_of(entry);
            if name.is_some_and(|name| !seen.insert(name)) {
                continue;
            }
            let mut value = record::describe(entry);
            value["distance"] = json!(distance);
            told.push(value);
            open.extend(name.into_iter().flat_map(|name| self.next(name, distance + 1)));
        }
        told
    }

    /// What a cause led to at once, last first, as a stack wants it.
    fn next(&self, cause: Cause, distance: usize) -> impl Iterator<Item = (usize, &'e Entry)> + use<'_, 'e> {
        let caused = self.by_cause.get(&cause).map(Vec::as_slice).unwrap_or_default();
        caused.iter().rev().map(move |entry| (distance, *entry))
    }
}

#[cfg(test)]
mod tests;
