//! What web pages can and cannot reach, over a real connection: the requests are those that browsers send.

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::request::Parts;
use mesh_clock::{Mode, RealTime, Seed};
use mesh_edge::control::Info;
use mesh_edge::{ControlState, Front, Guard, Limits};
use mesh_models::sqs::{ListQueues, ListQueuesError, ListQueuesInput, ListQueuesOutput, SERVICE};
use mesh_router::{Context, Options, Record, Registry, Router, Site};
use mesh_store::{UniverseName, Universes};
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

async fn list_queues(_: &Context, _: ListQueuesInput) -> Result<ListQueuesOutput, ListQueuesError> {
    Ok(ListQueuesOutput::default())
}

/// A deployed API: under `/pages/`, and as `a.pages.localhost`.
struct Pages;

impl Site for Pages {
    fn service(&self) -> &'static str {
        "pages"
    }

    fn claims(&self, host: &str, path: &str) -> bool {
        path.starts_with("/pages/")
            || host.split_once('.').is_some_and(|(_, rest)| rest.starts_with("pages."))
    }

    fn serve(&self, _: Context, _: Parts, _: Bytes) -> BoxFuture<'static, http::Response<Bytes>> {
        Box::pin(async { http::Response::new(Bytes::from_static(b"a page")) })
    }
}

/// A listening process with one operation and one site.
struct Process {
    router: Router,
    address: SocketAddr,
}

impl Process {
    async fn start(guard: Guard) -> Self {
        let options = Options {
            universes: Universes::new(Seed(7), Mode::Running { offset_micros: 0 }),
            interceptors: Vec::new(),
            record: Record::new(1, None),
            endpoint: "http://localhost:4566".into(),
        };
        let mut registry = Registry::default();
        registry.api(&SERVICE);
        registry.operation::<ListQueues>(list_queues);
        registry.site(Pages);
        let router = Router::new(registry, options);
        let info = Info { version: "1.2.3".into(), started_at: RealTime::now(), is_in_container: false };
        let control = ControlState::new(&router, info);
        let front = Arc::new(Front::new(&router, guard, Limits::default(), control));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        tokio::spawn(mesh_edge::serve(front, listener, std::future::pending()));
        Self { router, address }
    }

    /// Sends a request as it stands, and reads the answer as it comes.
    async fn send(&self, request_line: &str, headers: &[&str]) -> String {
        let mut connection = TcpStream::connect(self.address).await.expect("a connection");
        let head = [&[request_line], headers, &["Connection: close", "Content-Length: 0", "\r\n"]]
            .concat()
            .join("\r\n");
        connection.write_all(head.as_bytes()).await.expect("it is sent");
        let mut answer = Vec::new();
        connection.read_to_end(&mut answer).await.expect("an answer");
        String::from_utf8_lossy(&answer).into_owned()
    }

    async fn status(&self, request_line: &str, headers: &[&str]) -> u16 {
        let answer = self.send(request_line, headers).await;
        answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0)
    }

    /// How many calls of the operation and visits of the site there were.
    fn reached(&self) -> usize {
        self.router.record().of(&self.router.universe(&UniverseName::DEFAULT).expect("it is there")).len()
    }

    fn is_reset_since(&self, before: &mesh_store::Universe) -> bool {
        self.router.universes().get(&UniverseName::DEFAULT).is_some_and(|now| !now.is_same(before))
    }
}

const LOCAL: &str = "Host: localhost:4566";

#[tokio::test]
async fn a_page_of_elsewhere_reaches_nothing() {
    let process = Process::start(Guard::default()).await;
    let before = process.router.universe(&UniverseName::DEFAULT).expect("it is there");
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
        let answer = process.send(request_line, headers).await;
        assert!(answer.starts_with("HTTP/1.1 403 "), "{request_line} {headers:?}: {answer}");
        assert!(
            !answer.to_ascii_lowercase().contains("access-control-allow-origin"),
            "{request_line} {headers:?}: {answer}"
        );
    }
    assert!(!process.is_reset_since(&before));
    assert_eq!((process.reached(), process.router.universes().all().len()), (0, 1));
    // What they would have reached is there.
    assert_eq!(process.status("POST /?Action=ListQueues HTTP/1.1", &[LOCAL]).await, 200);
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
        let answer = process.send(&format!("GET {path} HTTP/1.1"), &headers).await.to_ascii_lowercase();
        assert!(answer.starts_with("http/1.1 200 ") && answer.ends_with("a page"), "{path}: {answer}");
        assert_eq!(answer.contains("content-security-policy: sandbox"), is_sandboxed, "{path}: {answer}");
    }
    assert_eq!(process.reached(), 3);
}

#[tokio::test]
async fn programs_and_local_pages_are_served() {
    let process = Process::start(Guard::default()).await;
    let before = process.router.universe(&UniverseName::DEFAULT).expect("it is there");
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
        assert_eq!(process.status(request_line, headers).await, 200, "{request_line} {headers:?}");
    }
    assert_eq!(process.status("GET /_mesh/status HTTP/1.1", &[LOCAL]).await, 403, "without its header");
    assert_eq!(
        process.status("POST /_localstack/state/reset HTTP/1.1", &["Host: localhost:4566"]).await,
        200
    );
    assert!(process.is_reset_since(&before));
}

#[tokio::test]
async fn a_token_is_asked_of_everything_but_the_health() {
    let process = Process::start(Guard { token: Some("secret".to_owned()), ..Guard::default() }).await;
    for path in ["/_mesh/health", "/_localstack/health"] {
        assert_eq!(process.status(&format!("GET {path} HTTP/1.1"), &[LOCAL]).await, 200, "{path}");
    }
    for request_line in [
        "GET /_mesh/status HTTP/1.1",
        "GET /_localstack/info HTTP/1.1",
        "GET /?Action=ListQueues HTTP/1.1",
        "POST / HTTP/1.1",
    ] {
        assert_eq!(process.status(request_line, &[LOCAL, "x-mesh: 1"]).await, 403, "{request_line}");
        let answered = process.status(request_line, &[LOCAL, "x-mesh: 1", "x-mesh-token: secret"]).await;
        assert!(!matches!(answered, 0 | 403), "{request_line}: {answered}");
    }
}

#[tokio::test]
async fn a_local_page_may_ask_and_read() {
    let process = Process::start(Guard::default()).await;
    let page = "Origin: http://localhost:3000";
    let asked =
        [LOCAL, page, "Access-Control-Request-Method: POST", "Access-Control-Request-Headers: x-amz-target"];
    let answer = process.send("OPTIONS / HTTP/1.1", &asked).await.to_ascii_lowercase();
    assert!(answer.starts_with("http/1.1 204 "), "{answer}");
    assert!(answer.contains("access-control-allow-headers: x-amz-target\r\n"), "{answer}");
    for request_line in ["GET /_mesh/health HTTP/1.1", "POST /?Action=ListQueues HTTP/1.1"] {
        let answer = process.send(request_line, &[LOCAL, page]).await.to_ascii_lowercase();
        assert!(
            answer.contains("access-control-allow-origin: http://localhost:3000\r\n"),
            "{request_line}: {answer}"
        );
        assert!(!answer.starts_with("http/1.1 403 "), "{request_line}: {answer}");
    }
}
