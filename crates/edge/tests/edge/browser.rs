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
        ("POST /?Action=ListQueues HTTP/1.1", &["Host: default.universe.localhost", "Origin: null"]),
        // An API call in every form in which it names its operation.
        ("POST / HTTP/1.1", &[LOCAL, "Origin: null", "X-Amz-Target: AmazonSQS.ListQueues"]),
        (
            "POST /service/AmazonSQS/operation/ListQueues HTTP/1.1",
            &[LOCAL, "Origin: https://evil.example", "smithy-protocol: rpc-v2-cbor"],
        ),
        (
            "POST /?Action=ListQueues HTTP/1.1",
            &[LOCAL, "Origin: null", "Content-Type: application/x-www-form-urlencoded"],
        ),
        ("POST /?Action=ListQueues HTTP/1.1", &["Host: sqs.evil.example"]),
        // A page signs what it likes: nobody verifies it.
        (
            "POST /?Action=ListQueues HTTP/1.1",
            &[
                LOCAL,
                "Origin: https://evil.example",
                "Authorization: AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/sqs/aws4_request",
            ],
        ),
        (
            "GET /?Action=ListQueues&X-Amz-Credential=test%2F20260101%2Fus-east-1%2Fsqs%2Faws4_request HTTP/1.1",
            &[LOCAL, "Sec-Fetch-Site: cross-site", "Sec-Fetch-Dest: image"],
        ),
        // The control plane and LocalStack's doors, whatever they do.
        ("GET /_mesh/universes HTTP/1.1", &[LOCAL, "x-mesh: 1", "Origin: null"]),
        ("POST /_mesh/universes HTTP/1.1", &[LOCAL, "x-mesh: 1", "Origin: https://evil.example"]),
        ("POST /_mesh/shutdown HTTP/1.1", &["Host: evil.example", "x-mesh: 1"]),
        ("POST /_mesh/shutdown HTTP/1.1", &[LOCAL]),
        ("GET /_localstack/info HTTP/1.1", &[LOCAL, "Origin: null"]),
        ("GET /_localstack/init HTTP/1.1", &[LOCAL, "Sec-Fetch-Site: cross-site", "Sec-Fetch-Dest: image"]),
        ("POST /_localstack/health HTTP/1.1", &[LOCAL, "Origin: https://evil.example"]),
        ("GET /_localstack/health HTTP/1.1", &["Host: evil.example"]),
        // Deployed APIs answer to origins by their own rules, and to our names only.
        ("GET /pages/one HTTP/1.1", &["Host: evil.example"]),
        ("POST /pages/one HTTP/1.1", &["Host: evil.example:4566", "Origin: http://evil.example:4566"]),
        ("GET /_mesh/u/default/pages/one HTTP/1.1", &["Host: rebound.evil.example"]),
        ("GET / HTTP/1.1", &["Host: a.pages.evil.example"]),
        ("OPTIONS /pages/one HTTP/1.1", &["Host: evil.example", "Origin: https://evil.example"]),
    ] {
        let answer = process.request(request_line, headers).await;
        assert!(answer.starts_with("HTTP/1.1 403 "), "{request_line} {headers:?}: {answer}");
        assert!(
            !answer.to_ascii_lowercase().contains("access-control-allow-origin"),
            "{request_line} {headers:?}: {answer}"
        );
    }
    assert!(!process.is_reset_since(&before));
    assert_eq!((process.reached(), process.router.universes().all().len()), (0, 1));
    // What they would have reached is there.
    assert_eq!(status(&process.request("POST /?Action=ListQueues HTTP/1.1", &[LOCAL]).await), 200);
    assert_eq!(process.reached(), 1);
}

#[tokio::test]
async fn a_deployed_api_that_shares_our_origin_is_sandboxed() {
    let process = Process::start(Guard::default()).await;
    for (path, host, is_sandboxed) in [
        ("/pages/one", "localhost:4566", true),
        ("/_mesh/u/default/pages/one", "localhost:4566", true),
        ("/one", "a.pages.localhost:4566", false),
    ] {
        let host = format!("Host: {host}");
        // Any page may call it, from wherever it is.
        let headers = [host.as_str(), "Origin: https://elsewhere.example", "Sec-Fetch-Site: cross-site"];
        let answer = process.request(&format!("GET {path} HTTP/1.1"), &headers).await.to_ascii_lowercase();
        assert!(answer.starts_with("http/1.1 200 ") && answer.ends_with("a page"), "{path}: {answer}");
        assert_eq!(answer.contains("content-security-policy: sandbox"), is_sandboxed, "{path}: {answer}");
    }
    assert_eq!(process.reached(), 3);
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
