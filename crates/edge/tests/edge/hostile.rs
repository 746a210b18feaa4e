//! What is sent by nobody who means well, over a real connection.

use crate::process::{Process, status};
use mesh_edge::{Guard, Limits};
use mesh_router::Entry;
use mesh_store::UniverseName;
use std::time::Duration;

#[tokio::test]
async fn every_request_that_can_be_read_is_answered() {
    let (process, mut wrong) = (Process::start(Guard::default()).await, Vec::new());
    for (head, expected) in [
        ("OPTIONS * HTTP/1.1\r\nHost: localhost", 400),
        ("CONNECT localhost:1 HTTP/1.1\r\nHost: localhost", 400),
        ("GET http://localhost/_mesh/health HTTP/1.1\r\nHost: localhost", 200),
        ("GET http://evil.example/_mesh/health HTTP/1.1\r\nHost: localhost", 403),
        ("GET http://localhost/_mesh/health HTTP/1.1\r\nHost: evil.example", 403),
        ("GET /_mesh/health HTTP/1.1\r\nHost: localhost\r\nHost: evil.example", 403),
        ("GET /_mesh/health HTTP/1.1", 403),
        ("POST //_mesh/reset HTTP/1.1\r\nHost: localhost\r\nx-mesh: 1", 400),
        ("POST /_mesh%2freset HTTP/1.1\r\nHost: localhost\r\nx-mesh: 1", 400),
        ("POST /%5fmesh/reset HTTP/1.1\r\nHost: localhost\r\nx-mesh: 1", 400),
        ("POST /x/../_mesh/reset HTTP/1.1\r\nHost: localhost\r\nx-mesh: 1", 400),
        ("POST /_mesh/u/default/_mesh/reset HTTP/1.1\r\nHost: localhost\r\nx-mesh: 1", 400),
        ("POST /_mesh/universes/%2e%2e/reset HTTP/1.1\r\nHost: localhost\r\nx-mesh: 1", 400),
        ("POST /_mesh/universes/%ff/reset HTTP/1.1\r\nHost: localhost\r\nx-mesh: 1", 400),
        ("POST /_mesh%2fu%2fdefault/?Action=ListQueues HTTP/1.1\r\nHost: localhost", 200),
        ("POST /_mesh/u//?Action=ListQueues HTTP/1.1\r\nHost: localhost", 400),
        ("POST /_mesh/u/nowhere?Action=ListQueues HTTP/1.1\r\nHost: localhost", 404),
        ("POST /?Action=ListQueues HTTP/1.1\r\nHost: NOWHERE.Universe.localhost.", 404),
        ("HEAD /_mesh/health HTTP/1.1\r\nHost: localhost", 200),
        ("GET /_mesh/health HTTP/1.1\r\nHost: localhost\r\nUpgrade: h2c\r\nConnection: Upgrade", 200),
        ("POST / HTTP/1.1\r\nHost: localhost\r\nX-Amz-Target: \u{e9}.\u{e9}", 400),
        ("POST / HTTP/1.1\r\nHost: localhost\r\nX-Amz-Target: AmazonSQS.", 400),
        ("POST / HTTP/1.1\r\nHost: localhost\r\nsmithy-protocol: rpc-v2-cbor", 400),
        ("POST / HTTP/1.1\r\nHost: localhost\r\nAuthorization: AWS4-HMAC-SHA256 Credential=////", 400),
        ("POST /?Action=ListQueues&X-Amz-Credential=%ff%2f%2f HTTP/1.1\r\nHost: localhost", 200),
    ] {
        let request = format!("{head}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
        let answer = process.send(request.as_bytes()).await;
        if status(&answer) != expected {
            wrong.push(format!("{head}: {answer}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn what_is_refused_is_refused_in_the_callers_protocol() {
    let process = Process::with(Guard::default(), Limits { body: 10, ..Limits::default() }).await;
    let fork = mesh_store::UniverseName::parse("known").expect("a name");
    process.router.universes().fork(&UniverseName::DEFAULT, fork).expect("the name is free");
    let mut wrong = Vec::new();
    let speaks = [
        (
            "POST / HTTP/1.1\r\nX-Amz-Target: AmazonSQS.ListQueues",
            "application/x-amz-json-1.0",
            r#""__type":"mesh.local#"#,
        ),
        (
            "POST /service/AmazonSQS/operation/ListQueues HTTP/1.1\r\nsmithy-protocol: rpc-v2-cbor",
            "application/cbor",
            "__type",
        ),
        (
            "POST / HTTP/1.1\r\nHost: sqs.localhost\r\nContent-Type: application/x-www-form-urlencoded",
            "text/xml",
            "<Code>",
        ),
        ("POST /?Action=ListQueues HTTP/1.1", "text/xml", "<Code>"),
        ("POST /2015-03-31/functions HTTP/1.1", "application/json", r#""message":"#),
    ];
    let refused = [
        ("Content-Length: 11", 413, "larger than 10 bytes"),
        ("Origin: null\r\nContent-Length: 0", 403, "may not call mesh-local"),
        ("x-mesh-universe: nowhere\r\nContent-Length: 0", 404, "there are: default, known. Make it"),
        (
            "x-mesh-universe: known\r\nAuthorization: AWS4-HMAC-SHA256 Credential=other.universe/20260101/us-east-1/sqs/aws4_request\r\nContent-Length: 0",
            400,
            "known and other",
        ),
    ];
    for (head, content_type, mark) in speaks {
        for (headers, expected, sentence) in refused {
            let host = if head.contains("Host:") { "" } else { "Host: localhost\r\n" };
            let request = format!("{head}\r\n{host}{headers}\r\nConnection: close\r\n\r\n");
            let answer = process.send(request.as_bytes()).await;
            let is_typed = answer.to_ascii_lowercase().contains(&format!("content-type: {content_type}"));
            if status(&answer) != expected
                || !is_typed
                || !answer.contains(mark)
                || !answer.contains(sentence)
            {
                wrong.push(format!("{request}{answer}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn a_connection_over_which_no_request_comes_is_ended() {
    let process = Process::with(
        Guard::default(),
        Limits { head_timeout: Duration::from_millis(50), ..Limits::default() },
    )
    .await;
    for begun in [
        &b""[..],
        b"P",
        b"PRI * HTTP/2.0\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        // The settings too, and no request.
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0",
        b"GET / HT",
    ] {
        // It ends: what is read has an end.
        process.send(begun).await;
    }
}

#[tokio::test]
async fn what_a_caller_calls_an_operation_is_recorded_no_longer_than_a_name() {
    let process = Process::start(Guard::default()).await;
    let body = format!("Action={}", "x".repeat(100_000));
    let head = "POST / HTTP/1.1\r\nHost: sqs.localhost\r\nConnection: close";
    process.send(format!("{head}\r\nContent-Length: {}\r\n\r\n{body}", body.len()).as_bytes()).await;
    let entries = process.router.record().of(&process.universe());
    assert!(matches!(&*entries, [Entry::Call(call)] if call.operation.len() <= 256), "{}", entries.len());
}

#[tokio::test]
async fn a_compressed_form_says_which_operation_is_meant() {
    let process = Process::start(Guard::default()).await;
    // gzip of `Action=ListQueues&Version=2012-11-05`, stored.
    let form = b"Action=ListQueues&Version=2012-11-05";
    let size = u16::try_from(form.len()).expect("it is short");
    let mut body = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255, 1];
    body.extend(size.to_le_bytes());
    body.extend((!size).to_le_bytes());
    body.extend(form);
    body.extend(crc32(form).to_le_bytes());
    body.extend(u32::from(size).to_le_bytes());
    let mut request = format!(
        "POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Encoding: gzip\r\nContent-Type: \
         application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n",
        body.len()
    )
    .into_bytes();
    request.extend(body);
    let answer = process.send(&request).await;
    assert!(status(&answer) == 200 && answer.contains("ListQueuesResponse"), "{answer}");
}

fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32, _| if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 };
    !bytes.iter().fold(!0, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), step))
}

#[tokio::test]
async fn the_end_comes_within_a_second_whatever_is_open() {
    let process = Process::start(Guard::default()).await;
    let mut open = Vec::new();
    for begun in [
        &b""[..],
        b"PRI * HTTP/2.0\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"GET / HT",
        b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nabc",
        b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
        b"GET /_mesh/health HTTP/1.1\r\nHost: localhost\r\n\r\n",
    ] {
        open.push(process.connect(begun).await);
    }
    assert_eq!(
        status(
            &process
                .send(b"GET /_mesh/health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                .await
        ),
        200
    );
    process.end_within(Duration::from_secs(1)).await;
}
