//! Broken requests: each case's body, and its query string, cut, flipped, doubled and stuffed. The decoder must answer,
//! never panic, and read no more values than there were bytes to make them from.

use crate::suite::{self, Case, Direction};
use crate::value::{Record, Value};
use crate::{SUITES, input};
use bytes::Bytes;
use mesh_wire::Protocol;

/// Mutations of each case, beyond the cuts.
const MUTATIONS: usize = 300;

/// A small generator of numbers that look random and are the same in every run.
struct XorShift(u64);

impl XorShift {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % limit.max(1) as u64).unwrap_or_default()
    }
}

/// Bytes that mean something in one protocol or another.
const STUFFING: [&[u8]; 16] = [
    b"{",
    b"}",
    b"[",
    b"\"",
    b"\\u",
    b"\\ud800",
    b"&",
    b"=",
    b".1.member.",
    b"%",
    b"\xff",
    b"\xbf",
    b"\x9f",
    b"\xc1",
    b"\x1b\xff\xff\xff\xff\xff\xff\xff\xff",
    b"1e999",
];

fn mutate(original: &[u8], dice: &mut XorShift) -> Vec<u8> {
    let mut bytes = original.to_vec();
    for _ in 0..=dice.below(3) {
        let at = dice.below(bytes.len() + 1);
        match dice.below(5) {
            0 => bytes.truncate(at),
            1 => bytes.iter_mut().skip(at).take(1).for_each(|byte| *byte ^= 1 << dice.below(8)),
            2 => {
                let doubled = bytes[at..].to_vec();
                bytes.extend(doubled);
            }
            3 => {
                let stuffing = STUFFING[dice.below(STUFFING.len())];
                bytes.splice(at..at, stuffing.iter().copied());
            }
            _ => {
                let end = at + dice.below(bytes.len() - at + 1);
                bytes.drain(at..end);
            }
        }
    }
    bytes
}

fn count(value: &Value) -> usize {
    1 + match value {
        Value::List(all) => all.iter().map(count).sum(),
        Value::Map(all) => all.values().map(count).sum(),
        Value::Structure(record) => count_members(record),
        _ => 0,
    }
}

fn count_members(record: &Record) -> usize {
    record.members.iter().flatten().map(count).sum()
}

/// Reads a request, broken or not.
fn survive(case: &Case, uri: &str, body: Vec<u8>) {
    let sent = &case.json["serialized"];
    let method = sent["method"].as_str().unwrap_or("POST");
    let Ok(parts) = input::request(method, uri, &sent["headers"]) else { return };
    let fuel = body.len() + uri.len() + sent["headers"].to_string().len();
    if let Ok(read) = input::decode(case, &parts, &Bytes::from(body)) {
        let values = count_members(&read);
        assert!(values <= fuel, "{}: {values} values of {fuel} bytes", case.name);
    }
}

fn torture(case: &Case, seed: u64) {
    let Ok(body) = input::body(case) else { return };
    let uri = case.json["serialized"]["uri"].as_str().unwrap_or("/");
    for end in 0..body.len() {
        survive(case, uri, body[..end].to_vec());
    }
    let dice = &mut XorShift(seed | 1);
    for _ in 0..MUTATIONS {
        survive(case, uri, mutate(&body, dice));
        let broken = mutate(uri.as_bytes(), dice);
        if let Ok(broken) = std::str::from_utf8(&broken) {
            survive(case, broken, body.to_vec());
        }
    }
}

#[test]
fn no_broken_request_brings_a_decoder_down() {
    let Some(directory) = suite::directory() else { return };
    let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
    for suite in SUITES {
        for mut case in suite::cases(&directory, suite, Direction::Input) {
            seed = seed.rotate_left(5).wrapping_mul(0x2545_f491_4f6c_dd1d);
            torture(&case, seed);
            if case.protocol == Protocol::RpcV2Cbor {
                case.protocol = Protocol::AwsCbor11;
                torture(&case, seed);
            }
        }
    }
}

/// A body without a bottom: a suite whose shapes recur, what the body begins with, what goes on and on, and its end.
type Bottomless = (&'static str, &'static [u8], &'static [u8], &'static [u8]);

const BOTTOMLESS: [Bottomless; 11] = [
    ("json", b"", b"{\"RecursiveStruct\":", b""),
    ("json", b"{\"RecursiveList\":", b"[{\"RecursiveList\":", b""),
    ("json", b"{\"unknown\":", b"[", b""),
    ("json", b"{\"inlineDocument\":", b"{\"a\":", b""),
    ("rest-json", b"{\"nested\":", b"{\"nested\":{\"recursiveMember\":", b""),
    ("rest-json", b"{\"documentValue\":", b"[", b""),
    ("rest-json", b"", b"[", b""),
    ("query", b"Nested.", b"RecursiveArg.", b"StringArg=x"),
    ("smithy-rpc-v2-cbor", b"\xa1\x66nested", b"\xa1\x66nested\xa1\x6frecursiveMember", b""),
    ("smithy-rpc-v2-cbor", b"\xa1\x61x", b"\x9f", b""),
    ("smithy-rpc-v2-cbor", b"\xa1\x61x", b"\xc1", b""),
];

#[test]
fn bodies_without_a_bottom_do_not_overflow_the_stack() {
    let Some(directory) = suite::directory() else { return };
    for (suite, start, middle, end) in BOTTOMLESS {
        let body = [start, &middle.repeat(400_000 / middle.len()), end].concat();
        for case in suite::cases(&directory, suite, Direction::Input) {
            survive(&case, case.json["serialized"]["uri"].as_str().unwrap_or("/"), body.clone());
        }
    }
}
