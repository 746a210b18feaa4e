//! Any bytes as a request in restJson1: target, headers, body.
#![no_main]

use mesh_wire::Protocol;

libfuzzer_sys::fuzz_target!(|data: &[u8]| mesh_fuzz::decode_request(Protocol::RestJson1, data));
