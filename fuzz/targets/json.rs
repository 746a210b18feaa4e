//! Any bytes as the body of a request in awsJson.
#![no_main]

use mesh_wire::Protocol;

libfuzzer_sys::fuzz_target!(|data: &[u8]| mesh_fuzz::decode_body(Protocol::AwsJson11, data));
