//! Any bytes as a request in awsQuery: target, headers, body.
#![no_main]

use mesh_wire::Protocol;

libfuzzer_sys::fuzz_target!(|data: &[u8]| mesh_fuzz::decode_request(Protocol::AwsQuery, data));
