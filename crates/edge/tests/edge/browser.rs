//! What web pages can and cannot reach, over a real connection: the requests are those that browsers send.

use crate::process::{Process, status};
use mesh_edge::Guard;

const LOCAL: &str = "Host: localhost:4566";

#[tokio::test]
async fn a_page_of_elsewhere_reaches_nothing() {
    let process = Process::start(Guard::default()).await;
    let before = process.universe();
    for (request_line, headers) in [
        // A form, and a fetch without asking.
        (
            "POST /_localstack/state/reset HTTP/1.1",
            &[LOCAL, "Origin: https://evil.example", "Sec-Fetch-Site: cross-site"][..],
        ),
        (
            "POST /?Action=DeleteQueue HTTP/1.1",
            &[LOCAL, "Origin: https://evil.example", "Content-Type: text/plain"],
        ),
        // A sandboxed frame, and a page that was opened from a file.
        ("POST /_localstack/state/reset HTTP/1.1", &[LOCAL, "Origin: null"]),
        // An image's source, a link's target.
        (
            "GET /?Action=DeleteQueue HTTP/1.1",
            &[LOCAL, "Sec-Fetch-Site: cross-site", "Sec-Fetch-Dest: image"],
        ),
        ("GET /_mesh/status HTTP/1.1", &[LOCAL, "Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate"]),
        // A name that points here by now.
        (
            "POST /_mesh/reset HTTP/1.1",
            &["Host: evil.example:4566", "Origin: http://evil.example:4566", "x-mesh: 1"],
        ),
        (
            "POST /_localstack/state/reset HTTP/1.1",
            &["Host: EVIL.example.:4566", "Sec-Fetch-Site: same-origin"],
        ),
        ("GET /_mesh/health HTTP/1.1", &["Host: 127.0.0.1.evil.example"]),
        // Asking for the headers of the control plane, of an SDK.
        (
            "OPTIONS /_mesh/reset HTTP/1.1",
            &[
                LOCAL,
                "Origin: https://evil.example",
                "Access-Control-Request-Method: POST",
                "Access-Control-Request-Headers: x-mesh",
            ],
        ),
        (
            "OPTIONS / HTTP/1.1",
            &[LOCAL, "Origin: https://evil.example", "Access-Control-Request-Method: POST"],
        ),
        // In another universe it is the same.
        ("GET /_mesh/u/default/?Action=ListQueues HTTP/1.1", &[LOCAL, "Sec-Fetch-Site: cross-site"]),
        ("POST /_mesh/u/default/ HTTP/1.1", &[LOCAL, "Origin: https://evil.example"]),
    ] {
        let answer = process.request(request_line, headers).await;
        assert!(answer.starts_with("HTTP/1.1 403 "), "{request_line} {headers:?}: {answer}");
        assert!(
            !answer.to_ascii_lowercase().contains("access-control-allow-origin"),
            "{request_line} {headers:?}: {answer}"
        );
    }
    assert!(!process.is_reset_since(&before));
}

#[tokio::test]
async fn programs_and_local_pages_are_served() {
    let process = Process::start(Guard::default()).await;
    let before = process.universe();
    for (request_line, headers) in [
        ("GET /_mesh/health HTTP/1.1", &[LOCAL][..]),
        ("GET /_mesh/health HTTP/1.0", &[]),
        ("GET /_mesh/health HTTP/1.1", &["Host: mesh-local"]),
        ("GET /_localstack/health HTTP/1.1", &["Host: [::1]:4566"]),
        ("GET /_mesh/status HTTP/1.1", &[LOCAL, "x-mesh: 1"]),
        (
            "GET /_mesh/status HTTP/1.1",
            &[LOCAL, "x-mesh: 1", "Origin: http://localhost:3000", "Sec-Fetch-Site: same-site"],
        ),
    ] {
        assert_eq!(status(&process.request(request_line, headers).await), 200, "{request_line} {headers:?}");
    }
    assert_eq!(
        status(&process.request("GET /_mesh/status HTTP/1.1", &[LOCAL]).await),
        403,
        "without its header"
    );
    assert_eq!(
        status(&process.request("POST /_localstack/state/reset HTTP/1.1", &["Host: localhost:4566"]).await),
        200
    );
    assert!(process.is_reset_since(&before));
}

#[tokio::test]
async fn a_token_is_asked_of_everything_but_the_health() {
    let process = Process::start(Guard { token: Some("secret".to_owned()), ..Guard::default() }).await;
    for path in ["/_mesh/health", "/_localstack/health"] {
        assert_eq!(status(&process.request(&format!("GET {path} HTTP/1.1"), &[LOCAL]).await), 200, "{path}");
    }
    for request_line in [
        "GET /_mesh/status HTTP/1.1",
        "GET /_localstack/info HTTP/1.1",
        "GET /?Action=ListQueues HTTP/1.1",
        "POST / HTTP/1.1",
    ] {
        assert_eq!(
            status(&process.request(request_line, &[LOCAL, "x-mesh: 1"]).await),
            403,
            "{request_line}"
        );
        let answered =
            status(&process.request(request_line, &[LOCAL, "x-mesh: 1", "x-mesh-token: secret"]).await);
        assert!(!matches!(answered, 0 | 403), "{request_line}: {answered}");
    }
}

#[tokio::test]
async fn a_local_page_may_ask_and_read() {
    let process = Process::start(Guard::default()).await;
    let page = "Origin: http://localhost:3000";
    let asked =
        [LOCAL, page, "Access-Control-Request-Method: POST", "Access-Control-Request-Headers: x-amz-target"];
    let answer = process.request("OPTIONS / HTTP/1.1", &asked).await.to_ascii_lowercase();
    assert!(answer.starts_with("http/1.1 204 "), "{answer}");
    assert!(answer.contains("access-control-allow-headers: x-amz-target\r\n"), "{answer}");
    for request_line in ["GET /_mesh/health HTTP/1.1", "POST /?Action=ListQueues HTTP/1.1"] {
        let answer = process.request(request_line, &[LOCAL, page]).await.to_ascii_lowercase();
        assert!(
            answer.contains("access-control-allow-origin: http://localhost:3000\r\n"),
            "{request_line}: {answer}"
        );
        assert!(!answer.starts_with("http/1.1 403 "), "{request_line}: {answer}");
    }
}
