use super::*;
use mesh_router::{CallEntry, Deed, DeliveryEntry, Outcome, OutsideEntry, Subjects};
use mesh_store::{Epoch, UniverseName};
use mesh_types::{AccountId, RequestId, Timestamp};
use std::time::Duration;

fn call(sequence: u64, id: u128) -> Entry {
    let request_id = RequestId::from_random(id);
    Entry::Call(CallEntry {
        sequence,
        universe: UniverseName::DEFAULT,
        epoch: Epoch(1),
        account: AccountId::DEFAULT,
        request_id,
        cause: Cause::Request(request_id.bits()),
        trace: None,
        subjects: Subjects::new(),
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
        epoch: Epoch(1),
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
    for text in ["", "a", "+000000000000000000000000000000a", "0000000000000000000000000000000g", "0000-0000"]
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
    assert_eq!((ids(&told["caused"]), ids(&told["because"])), (vec!["b".to_owned()], vec!["b".to_owned()]));
    let told = walk(&entries, 0xd).expect("it is there");
    assert_eq!(told["because"], json!([{ "kind": "deadline" }]));
    assert_eq!(walk(&entries, 0xe), None);
}

/// A call with something else about it.
fn call_with(sequence: u64, id: u128, change: impl FnOnce(&mut CallEntry)) -> Entry {
    let Entry::Call(mut entry) = call(sequence, id) else { unreachable!("a call is a call") };
    change(&mut entry);
    Entry::Call(entry)
}

#[test]
fn a_call_with_the_trace_of_an_invocation_is_what_the_function_did() {
    let (invoke, own) = (RequestId::from_random(0x5_0000_0000_0000_0000), 9);
    let parent = format!("Root=1-2-3;Parent={:016x};Sampled=0", first_half(invoke.bits()));
    let entries = [
        call(0, 1),
        call_with(1, own, |call| call.trace = Some(parent.into())),
        call_with(2, invoke.bits(), |call| {
            (call.cause, call.trace) = (request(1), Some("Root=1-2-3;Parent=00000000000000ff".into()));
        }),
        Entry::Outside(OutsideEntry {
            sequence: 3,
            universe: UniverseName::DEFAULT,
            epoch: Epoch(1),
            cause: Cause::Request(invoke.bits()),
            deed: Deed::Process,
            what: "python3".into(),
            at: Timestamp::EPOCH,
            error: None,
        }),
    ];
    let told = walk(&entries, RequestId::from_random(1).bits()).expect("it is there");
    let shown = |entry: &Value| (entry["sequence"].clone(), entry["distance"].clone());
    let caused: Vec<_> = told["caused"].as_array().into_iter().flatten().map(shown).collect();
    assert_eq!(caused, [(json!(2), json!(1)), (json!(1), json!(2)), (json!(3), json!(2))]);
    let told = walk(&entries, RequestId::from_random(own).bits()).expect("it is there");
    assert_eq!(
        (told["because"][0]["sequence"].as_u64(), told["because"][1]["sequence"].as_u64()),
        (Some(0), Some(2))
    );
}

#[test]
fn a_message_leads_to_the_calls_that_sent_and_received_it() {
    let message = RequestId::from_random(77).bits();
    let about = |sequence, id, cause| {
        call_with(sequence, id, |call| {
            call.subjects.push(message);
            call.cause = cause;
        })
    };
    let entries = [call(0, 1), about(1, 2, request(1)), call(2, 3), about(3, 4, request(4))];
    let told = walk(&entries, message).expect("it is there");
    assert_eq!(told["entry"]["kind"], "subject");
    let sequences = |list: &Value| -> Vec<u64> {
        list.as_array().into_iter().flatten().filter_map(|entry| entry["sequence"].as_u64()).collect()
    };
    assert_eq!((sequences(&told["because"]), sequences(&told["caused"])), (vec![0], vec![1, 3]));
}
