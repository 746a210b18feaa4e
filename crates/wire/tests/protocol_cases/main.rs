//! AWS's own protocol test cases, from botocore's source archive, run against the protocols from the server's side: a
//! case's request is read and compared with its parameters, a case's result is written and compared with its answer.
//!
//! Each case passes, or is on one of two lists (`lists`). The archive is fetched by `cargo xtask ci`.

mod as_json;
mod cbor;
mod decoders_survive;
mod input;
mod lists;
mod model;
mod output;
mod suite;
mod value;
mod xml;

use serde_json::{Value as Json, json};
use std::panic::{self, AssertUnwindSafe};
use suite::{Case, Direction};

/// The suites, that is the files of the archive, whose protocols are spoken here.
const SUITES: [&str; 8] = [
    "json",
    "json_1_0",
    "json_1_0-query-compatible",
    "query",
    "rest-json",
    "smithy-rpc-v2-cbor",
    "smithy-rpc-v2-cbor-query-compatible",
    "smithy-rpc-v2-cbor-non-query-compatible",
];

/// Runs one case. A panic is its failure and no other's.
fn run_case(case: &Case, direction: Direction) -> Result<(), String> {
    let run = || match direction {
        Direction::Input => input::run(case),
        Direction::Output => output::run(case),
    };
    panic::catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|panic| {
        let sentence = panic.downcast_ref::<String>().map(String::as_str);
        let sentence = sentence.or(panic.downcast_ref::<&str>().copied());
        Err(format!("panicked: {}", sentence.unwrap_or("without a word")))
    })
}

/// Runs all cases of a suite in one direction and compares with the lists.
fn run_suite(suite: &str, direction: Direction) {
    let Some(directory) = suite::directory() else { return };
    let (left_out, failing) = (lists::not_for_a_server(), lists::failing());
    let cases = suite::cases(&directory, suite, direction);
    let (mut passed, mut faults) = (0, Vec::new());
    for case in &cases {
        let name = &case.name;
        let is_listed = left_out.has(name) || failing.has(name);
        match run_case(case, direction) {
            Ok(()) if is_listed => faults.push(format!("{name} passes: take it off its list")),
            Ok(()) => passed += 1,
            Err(_) if is_listed => {}
            Err(difference) => faults.push(format!("{name}: {difference}")),
        }
    }
    let prefix = format!("{suite}/{}/", direction.name());
    let listed = |list: &lists::List| list.names().filter(|name| name.starts_with(&prefix)).count();
    for name in left_out.names().chain(failing.names()).filter(|name| name.starts_with(&prefix)) {
        if !cases.iter().any(|case| case.name == name) {
            faults.push(format!("{name} is on a list and in no suite"));
        }
    }
    println!(
        "{prefix} {} cases: {passed} pass, {} not for a server, {} failing, {} in fault",
        cases.len(),
        listed(&left_out),
        listed(&failing),
        faults.len()
    );
    assert!(faults.is_empty(), "{} of {} cases:\n\n{}\n", faults.len(), cases.len(), faults.join("\n\n"));
}

/// One test for each suite and direction.
macro_rules! suites {
    ($($test:ident: $suite:literal $direction:ident;)*) => {
        $(#[test]
        fn $test() {
            run_suite($suite, Direction::$direction);
        })*
    };
}

suites! {
    json_input: "json" Input;
    json_output: "json" Output;
    json_1_0_input: "json_1_0" Input;
    json_1_0_output: "json_1_0" Output;
    json_1_0_query_compatible_input: "json_1_0-query-compatible" Input;
    json_1_0_query_compatible_output: "json_1_0-query-compatible" Output;
    query_input: "query" Input;
    query_output: "query" Output;
    rest_json_input: "rest-json" Input;
    rest_json_output: "rest-json" Output;
    rpc_v2_cbor_input: "smithy-rpc-v2-cbor" Input;
    rpc_v2_cbor_output: "smithy-rpc-v2-cbor" Output;
    rpc_v2_cbor_query_compatible_input: "smithy-rpc-v2-cbor-query-compatible" Input;
    rpc_v2_cbor_query_compatible_output: "smithy-rpc-v2-cbor-query-compatible" Output;
    rpc_v2_cbor_non_query_compatible_input: "smithy-rpc-v2-cbor-non-query-compatible" Input;
    rpc_v2_cbor_non_query_compatible_output: "smithy-rpc-v2-cbor-non-query-compatible" Output;
}

#[test]
fn the_lists_name_known_suites_only() {
    let (left_out, failing) = (lists::not_for_a_server(), lists::failing());
    for name in left_out.names().chain(failing.names()) {
        let parts: Vec<_> = name.split('/').collect();
        let is_known =
            parts.len() == 3 && SUITES.contains(&parts[0]) && ["input", "output"].contains(&parts[1]);
        assert!(is_known, "{name} is not suite/direction/id");
    }
}

/// Whether a value says nothing: null, or empty all the way down.
fn is_blank(json: &Json) -> bool {
    match json {
        Json::Null => true,
        Json::Array(all) => all.iter().all(is_blank),
        Json::Object(all) => all.values().all(is_blank),
        _ => false,
    }
}

#[test]
fn a_case_that_is_robbed_of_its_values_fails() {
    let Some(directory) = suite::directory() else { return };
    let left_out = lists::not_for_a_server();
    let (mut robbed, mut unnoticed) = (0, Vec::new());
    for (suite, direction) in
        SUITES.iter().flat_map(|suite| [(suite, Direction::Input), (suite, Direction::Output)])
    {
        for mut case in suite::cases(&directory, suite, direction) {
            let values = match direction {
                Direction::Input => "params",
                Direction::Output if case.json.get("error").is_some() => "error",
                Direction::Output => "result",
            };
            if is_blank(&case.json[values]) || left_out.has(&case.name) {
                continue;
            }
            case.json[values] = json!({});
            robbed += 1;
            if run_case(&case, direction).is_ok() {
                unnoticed.push(case.name);
            }
        }
    }
    println!("{robbed} cases robbed");
    assert!(robbed == 0 || unnoticed.is_empty(), "unnoticed: {unnoticed:#?}");
}
