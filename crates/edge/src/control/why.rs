//! Why: from a request or a delivery back to what led to it, and on to what came of it.

use super::failure::Failure;
use super::record;
use super::request::Chosen;
use super::state::ControlState;
use axum::Json;
use axum::extract::{RawPathParams, State};
use mesh_router::Entry;
use mesh_store::{Cause, DeliveryId};
use serde_json::{Value, json};
use std::collections::{HashMap, HashSet};

/// `GET .../why/ID`
pub(super) async fn why(
    State(state): State<ControlState>,
    Chosen(name): Chosen,
    parameters: RawPathParams,
) -> Result<Json<Value>, Failure> {
    state.universe(&name)?;
    let text = parameters.iter().find(|(key, _)| *key == "id").map(|(_, id)| id).unwrap_or_default();
    let Some(bits) = parse(text) else {
        return Err(Failure::bad_request(format!(
            "{text:?} is no id. Ask for the id of a request (x-amzn-RequestId of its answer) or of a delivery."
        )));
    };
    let entries = state.router.record().of(&name);
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

/// An entry and the entries around it, in the order of the record.
struct Web<'e> {
    by_name: HashMap<Cause, &'e Entry>,
    by_cause: HashMap<Cause, Vec<&'e Entry>>,
}

/// What an entry is called where it is a cause.
fn name_of(entry: &Entry) -> Cause {
    match entry {
        Entry::Call(call) => Cause::Request(call.request_id.bits()),
        Entry::Delivery(delivery) => Cause::Delivery(delivery.id),
    }
}

fn cause_of(entry: &Entry) -> Cause {
    match entry {
        Entry::Call(call) => call.cause,
        Entry::Delivery(delivery) => delivery.cause,
    }
}

/// The answer: what led to the thing of this id, outermost first, itself, and what it caused, each under its cause and
/// with its distance. `None` where the record knows neither it nor anything it caused.
fn walk(entries: &[Entry], bits: u128) -> Option<Value> {
    let web = Web::of(entries);
    let names = [Cause::Request(bits), Cause::Delivery(DeliveryId(bits))];
    let known = |name: &&Cause| web.by_name.contains_key(*name) || web.by_cause.contains_key(*name);
    let name = *names.iter().find(known)?;
    let itself =
        web.by_name.get(&name).map_or_else(|| record::cause_value(name), |entry| record::describe(entry));
    Some(json!({ "entry": itself, "because": web.led_to(name), "caused": web.came_of(name) }))
}

impl<'e> Web<'e> {
    fn of(entries: &'e [Entry]) -> Self {
        let by_name = entries.iter().map(|entry| (name_of(entry), entry)).collect();
        let mut by_cause: HashMap<Cause, Vec<&Entry>> = HashMap::new();
        for entry in entries.iter().filter(|entry| cause_of(entry) != name_of(entry)) {
            by_cause.entry(cause_of(entry)).or_default().push(entry);
        }
        Self { by_name, by_cause }
    }

    fn led_to(&self, name: Cause) -> Vec<Value> {
        let (mut chain, mut seen, mut at) = (Vec::new(), HashSet::from([name]), name);
        while let Some(cause) = self.by_name.get(&at).map(|entry| cause_of(entry)) {
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

    /// Flat and in walking order, because a chain may be as long as the record.
    fn came_of(&self, name: Cause) -> Vec<Value> {
        let (mut told, mut seen) = (Vec::new(), HashSet::from([name]));
        let mut open: Vec<(usize, &Entry)> = self.next(name, 1).collect();
        while let Some((distance, entry)) = open.pop() {
            if !seen.insert(name_of(entry)) {
                continue;
            }
            let mut value = record::describe(entry);
            value["distance"] = json!(distance);
            told.push(value);
            open.extend(self.next(name_of(entry), distance + 1));
        }
        told
    }

    /// What a cause led to at once, last first, as a stack wants it.
    fn next(&self, cause: Cause, distance: usize) -> impl Iterator<Item = (usize, &'e Entry)> {
        let caused = self.by_cause.get(&cause).map(Vec::as_slice).unwrap_or_default();
        caused.iter().rev().map(move |entry| (distance, *entry))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mesh_router::{CallEntry, DeliveryEntry, Outcome};
    use mesh_store::UniverseName;
    use mesh_types::{AccountId, RequestId, Timestamp};
    use std::time::Duration;

    fn call(sequence: u64, id: u128) -> Entry {
        let request_id = RequestId::from_random(id);
        Entry::Call(CallEntry {
            sequence,
            universe: UniverseName::DEFAULT,
            account: AccountId::DEFAULT,
            request_id,
            cause: Cause::Request(request_id.bits()),
            service: "sns",
            operation: "Publish".into(),
            arrived_at: Timestamp::EPOCH,
            took: Duration::from_micros(7),
            status: 200,
            error: None,
        })
    }

    fn delivery(sequence: u64, id: u128, cause: Cause) -> Entry {
        Entry::Delivery(DeliveryEntry {
            sequence,
            universe: UniverseName::DEFAULT,
            id: DeliveryId(id),
            cause,
            to: "sqs SendMessage".into(),
            at: Timestamp::EPOCH,
            outcome: Outcome::Delivered,
        })
    }

    fn request(id: u128) -> Cause {
        Cause::Request(RequestId::from_random(id).bits())
    }

    fn ids(told: &Value) -> Vec<String> {
        let id = |entry: &Value| entry["id"].as_str().or(entry["request_id"].as_str()).map(str::to_owned);
        told.as_array()
            .into_iter()
            .flatten()
            .filter_map(id)
            .map(|id| id.trim_start_matches('0').to_owned())
            .collect()
    }

    #[test]
    fn ids_are_read_with_and_without_hyphens() {
        assert_eq!(parse("0000000000000000000000000000000a"), Some(10));
        assert_eq!(parse("00000000-0000-0000-0000-00000000000A"), Some(10));
        for text in
            ["", "a", "+000000000000000000000000000000a", "0000000000000000000000000000000g", "0000-0000"]
        {
            assert_eq!(parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_request_leads_to_its_deliveries_and_to_what_they_cause() {
        let first = Cause::Delivery(DeliveryId(0xa));
        let entries = [
            call(0, 1),
            call(1, 2),
            delivery(2, 0xa, request(1)),
            delivery(3, 0xb, request(1)),
            delivery(4, 0xc, first),
        ];
        let told = walk(&entries, RequestId::from_random(1).bits()).expect("it is there");
        assert_eq!(told["entry"]["operation"], "Publish");
        assert_eq!(ids(&told["caused"]), ["a", "c", "b"]);
        let distances: Vec<_> =
            told["caused"].as_array().into_iter().flatten().map(|e| e["distance"].as_u64()).collect();
        assert_eq!(distances, [Some(1), Some(2), Some(1)]);
        assert_eq!(told["because"], json!([]));
    }

    #[test]
    fn a_delivery_leads_back_to_its_request_also_where_that_is_no_longer_kept() {
        let entries = [delivery(2, 0xa, request(1)), delivery(4, 0xc, Cause::Delivery(DeliveryId(0xa)))];
        let told = walk(&entries, 0xc).expect("it is there");
        assert_eq!(told["because"][0], record::cause_value(request(1)));
        assert_eq!(told["because"][1]["id"], "0000000000000000000000000000000a");
        assert_eq!(told["entry"]["outcome"]["result"], "delivered");
        let told = walk(&entries, RequestId::from_random(1).bits()).expect("what it caused is there");
        assert_eq!(ids(&told["caused"]), ["a", "c"]);
    }

    #[test]
    fn a_circle_of_causes_is_walked_once() {
        let entries = [
            delivery(0, 0xa, Cause::Delivery(DeliveryId(0xb))),
            delivery(1, 0xb, Cause::Delivery(DeliveryId(0xa))),
            delivery(2, 0xd, Cause::Deadline),
        ];
        let told = walk(&entries, 0xa).expect("it is there");
        assert_eq!(
            (ids(&told["caused"]), ids(&told["because"])),
            (vec!["b".to_owned()], vec!["b".to_owned()])
        );
        let told = walk(&entries, 0xd).expect("it is there");
        assert_eq!(told["because"], json!([{ "kind": "deadline" }]));
        assert_eq!(walk(&entries, 0xe), None);
    }
}
