//! What the bed and the scenario runner promise, shown on a service of their own.

mod probe;

use expect_test::expect;
use mesh_testkit::scenario::{Detail, transcript, transcript_with};
use mesh_testkit::{TestBed, check, check_protocols};
use mesh_wire::Protocol;
use probe::register;
use std::time::Duration;

mesh_testkit::scenarios!("tests/scenarios", "probe", register, Protocol::AwsQuery, Protocol::RpcV2Cbor);

fn fails(text: &str) -> String {
    transcript(&TestBed::new(register), "probe", text).expect_err(text).to_string()
}

#[test]
fn a_delayed_letter_ends_a_waiting_call_when_its_delay_has_passed() {
    check_protocols(
        &[Protocol::AwsQuery, Protocol::RpcV2Cbor],
        register,
        "probe",
        expect![[r##"
            # The first call's patience ends before the delay, the second's after it.
            > CreateQueue {"QueueName": "q", "tags": {"a": "1", "b": "2"}}
            < 200 {"QueueUrl": "[url q]"}
            > SendMessage {
                "QueueUrl": "[url q]", "MessageBody": "hello", "DelaySeconds": 30,
                "MessageAttributes": {"k": {"DataType": "String", "StringValue": "v & w"}}
              }
            < 200 {"MessageId": "[id]"}

            > ReceiveMessage {"QueueUrl": "[url q]", "WaitTimeSeconds": 20}   & first
            + 19s999ms
            + 1ms
            first < 200 {}
            > ReceiveMessage {"QueueUrl": "[url q]", "WaitTimeSeconds": 20}   & second
            + 15s
            second < 200 {
              "Messages": [
                {
                  "MessageId": "[id]",
                  "ReceiptHandle": "[handle]",
                  "Body": "hello",
                  "Attributes": {"SentTimestamp": "[now ms]"},
                  "MessageAttributes": {"k": {"StringValue": "v & w", "DataType": "String"}}
                }
              ]
            }
        "##]],
    );
}

#[test]
fn an_error_is_told_by_its_codes_and_its_members_in_every_protocol() {
    check_protocols(
        &[Protocol::AwsQuery, Protocol::RpcV2Cbor],
        register,
        "probe",
        expect![[r#"
            > SendMessage {"QueueUrl": "[url none]", "MessageBody": "hello"}
            < 400 QueueDoesNotExist [query: AWS.SimpleQueueService.NonExistentQueue;Sender] {"message": "The specified queue does not exist."}
        "#]],
    );
}

#[test]
fn what_is_left_open_fits_and_stays_as_it_was_written() {
    check(
        register,
        "probe",
        expect![[r#"
            > CreateQueue {"QueueName": "q"}
            < 200 {...}
            $url = it.QueueUrl
            > SendMessage {"QueueUrl": "$url", "MessageBody": "to ${url}"}
            < 200 {"MessageId": "[id]", ...}
            > ReceiveMessage {"QueueUrl": "$url"}
            < 200 {
              "Messages": [{"Body": "to [url q]", ...}, ...]
            }
        "#]],
    );
}

#[test]
fn an_answer_wakes_another_call_and_comes_before_its_answer() {
    check(
        register,
        "probe",
        expect![[r#"
            > CreateQueue {"QueueName": "q"}
            < 200 {"QueueUrl": "[url q]"}
            > ReceiveMessage {"QueueUrl": "[url q]", "WaitTimeSeconds": 20} & a
            > ReceiveMessage {"QueueUrl": "[url q]", "WaitTimeSeconds": 20} & b
            > ReceiveMessage {"QueueUrl": "[url q]", "WaitTimeSeconds": 20} & c
            ! hang up b
            > SendMessage {"QueueUrl": "[url q]", "MessageBody": "1"}
            < 200 {"MessageId": "[id]"}
            a < 200 {"Messages": [{"Body": "1", ...}]}
            > SendMessage {"QueueUrl": "[url q]", "MessageBody": "2"}
            < 200 {"MessageId": "[id 2]"}
            c < 200 {"Messages": [{"Body": "2", ...}]}
        "#]],
    );
}

#[test]
fn a_fork_goes_its_own_way_and_a_reset_ends_what_waits() {
    check(
        register,
        "probe",
        expect![[r#"
            > CreateQueue {"QueueName": "q"}
            < 200 {"QueueUrl": "[url q]"}
            ! fork other
            > SendMessage {"QueueUrl": "[url q]", "MessageBody": "here"}
            < 200 {"MessageId": "[id]"}
            ! in other
            > ReceiveMessage {"QueueUrl": "[url q]"}
            < 200 {}
            + 1h
            > CreateQueue {"QueueName": "q"}
            < 200 {"QueueUrl": "[url q]"}
            ! in default
            ! account 111111111111
            > SendMessage {"QueueUrl": "[url q]", "MessageBody": "another account's"}
            < 400 QueueDoesNotExist [query: AWS.SimpleQueueService.NonExistentQueue;Sender] {"message": "The specified queue does not exist."}
            ! account 000000000000
            > ReceiveMessage {"QueueUrl": "[url q]"}
            < 200 {"Messages": [{"Body": "here", "Attributes": {"SentTimestamp": "[now ms]"}, ...}]}
            > ReceiveMessage {"QueueUrl": "[url q]", "WaitTimeSeconds": 20} & waiting
            ! reset
            waiting < 503 ServiceUnavailable [query: ServiceUnavailable;Receiver] {"message": "The universe was reset, restored or deleted while the request was running."}
        "#]],
    );
}

#[test]
fn members_in_path_query_headers_and_payload_are_sent_and_shown() {
    check(
        register,
        "probe-rest",
        expect![[r#"
            > Invoke {"FunctionName": "a/b", "Qualifier": "7", "InvocationType": "Event", "Payload": {"x": [1]}}
            < 200 {"Payload": {"x": [1]}, "StatusCode": 200, "FunctionError": "Event", "ExecutedVersion": "7"}
            > Invoke {"FunctionName": "f", "Payload": "not json"}
            < 200 {"Payload": "not json", "StatusCode": 200}
            > Invoke {"FunctionName": "missing"}
            < 404 ResourceNotFoundException {"Message": "Function not found", "Type": "User"}
        "#]],
    );
}

#[test]
fn the_same_seed_gives_the_same_bytes_twice() {
    let text = r#"
        > CreateQueue {"QueueName": "q"}
        > SendMessage {"QueueUrl": "[url q]", "MessageBody": "a"}
        > ReceiveMessage {"QueueUrl": "[url q]"}
        > SendMessage {"QueueUrl": "[url none]", "MessageBody": "a"}
    "#;
    for protocol in [Protocol::AwsJson10, Protocol::AwsQuery, Protocol::RpcV2Cbor] {
        let bytes = || {
            let bed = TestBed::new(register);
            transcript_with(&bed, "probe", Some(protocol), Detail::Bytes, text).expect("it runs")
        };
        let once = bytes();
        assert!(once.contains("x-amzn-requestid: "), "{once}");
        assert_eq!(once, bytes());
    }
}

#[test]
fn a_scenario_that_cannot_go_on_names_the_line_and_the_reason() {
    assert!(fails("> CreateQueue {\"QueueName\": \"q\"}\n> Nothing at all").starts_with("line 2: `at all`"));
    let waits = "> CreateQueue {\"QueueName\": \"q\"}\n> ReceiveMessage {\"QueueUrl\": \"[url q]\", \"WaitTimeSeconds\": 5}";
    assert_eq!(
        fails(waits),
        "line 2: ReceiveMessage waits for something; `& name` behind it lets it wait in the background"
    );
    assert_eq!(
        fails(&format!("{waits} & a")),
        "line 2: still waiting at the end: a; advance until it ends, or hang up"
    );
    assert_eq!(fails("> CreateQueue {\"QueueName\": \"$x\"}"), "line 1: there is no variable $x");
    assert_eq!(fails("! in nowhere"), "line 1: there is no universe nowhere");
    assert_eq!(fails("> s3:ListBuckets"), "line 1: no service \"s3\" is registered in this bed");
    assert_eq!(fails("! hang up nobody"), "line 1: no call nobody is waiting");
}

#[test]
fn a_check_names_the_file_and_the_line_that_cannot_be_carried_out() {
    let line = line!() + 6;
    let scenario = || {
        check(
            register,
            "probe",
            expect![[r#"
            ! explode
        "#]],
        );
    };
    let panic = std::panic::catch_unwind(scenario).expect_err("it cannot");
    let words = panic.downcast_ref::<String>().map_or("", String::as_str);
    assert!(words.contains(&format!("testkit/main.rs:{line}: `! explode`: there are")), "{words}");
}

#[test]
fn a_step_that_runs_for_ever_fails_and_says_what_runs() {
    let bed = TestBed::new(register).with_patience(Duration::from_millis(50));
    let error = transcript(&bed, "probe", "> Stall {\"QueueUrl\": \"q\"}").expect_err("it stalls");
    let what = "the step did not end within 50ms; 1 runs in universe default; not answered: Stall";
    assert_eq!(error.to_string(), format!("line 1: {what}"));
}

#[test]
fn an_operation_that_is_not_served_is_refused_by_its_name() {
    let reply = TestBed::new(register).call("probe", "Unserved", "{}");
    assert!(reply.error.is_some() && reply.body.to_string().contains("Unserved"), "{reply:?}");
}

#[test]
fn a_call_answers_with_its_members_whatever_the_protocol() {
    let bed = TestBed::new(register);
    for protocol in [Protocol::AwsJson10, Protocol::AwsQuery, Protocol::RpcV2Cbor] {
        let reply = bed.call_in(protocol, "probe", "CreateQueue", r#"{"QueueName": "q"}"#);
        assert_eq!(reply.status, 200);
        assert_eq!(reply.body.to_string(), r#"{"QueueUrl": "http://localhost:4566/000000000000/q"}"#);
    }
    bed.set_region("eu-west-1");
    let reply = bed.call("probe", "SendMessage", r#"{"QueueUrl": "q", "MessageBody": "x"}"#);
    assert_eq!((reply.status, reply.error.as_deref()), (400, Some("QueueDoesNotExist")));
    let before = bed.now();
    assert_eq!(bed.advance(Duration::from_secs(90)).now.since(before), Duration::from_secs(90));
}
