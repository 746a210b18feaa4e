//! A listening process with one operation, and what is sent to it.

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::request::Parts;
use mesh_clock::{Mode, RealTime, Seed};
use mesh_edge::control::Info;
use mesh_edge::{ControlState, Front, Guard, Limits};
use mesh_models::sqs::{ListQueues, ListQueuesError, ListQueuesInput, ListQueuesOutput, SERVICE};
use mesh_router::{Context, Options, Record, Registry, Router, Site};
use mesh_store::{Universe, UniverseName, Universes};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

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
pub(crate) struct Process {
    pub(crate) router: Router,
    address: SocketAddr,
    end: oneshot::Sender<()>,
    serving: JoinHandle<std::io::Result<()>>,
}

async fn list_queues(_: &Context, _: ListQueuesInput) -> Result<ListQueuesOutput, ListQueuesError> {
    Ok(ListQueuesOutput::default())
}

impl Process {
    pub(crate) async fn start(guard: Guard) -> Self {
        Self::with(guard, Limits::default()).await
    }

    pub(crate) async fn with(guard: Guard, limits: Limits) -> Self {
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
        let front = Arc::new(Front::new(&router, guard, limits, control));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let (end, ended) = oneshot::channel::<()>();
        let serving = tokio::spawn(mesh_edge::serve(front, listener, async { drop(ended.await) }));
        Self { router, address, end, serving }
    }

    /// Opens a connection and sends bytes.
    pub(crate) async fn connect(&self, bytes: &[u8]) -> TcpStream {
        let mut connection = TcpStream::connect(self.address).await.expect("a connection");
        connection.write_all(bytes).await.expect("it is sent");
        connection
    }

    /// Sends bytes and reads what comes until the connection ends.
    pub(crate) async fn send(&self, bytes: &[u8]) -> String {
        let mut connection = self.connect(bytes).await;
        let mut answer = Vec::new();
        let read = connection.read_to_end(&mut answer);
        tokio::time::timeout(Duration::from_secs(10), read).await.expect("it ends").ok();
        String::from_utf8_lossy(&answer).into_owned()
    }

    /// Sends a request without a body.
    pub(crate) async fn request(&self, request_line: &str, headers: &[&str]) -> String {
        let head = [&[request_line], headers, &["Connection: close", "Content-Length: 0", "\r\n"]]
            .concat()
            .join("\r\n");
        self.send(head.as_bytes()).await
    }

    /// The default universe.
    pub(crate) fn universe(&self) -> Universe {
        self.router.universe(&UniverseName::DEFAULT).expect("it is there")
    }

    /// How many calls of the operation and visits of the site there were.
    pub(crate) fn reached(&self) -> usize {
        self.router.record().of(&self.universe()).len()
    }

    pub(crate) fn is_reset_since(&self, before: &Universe) -> bool {
        self.router.universes().get(&UniverseName::DEFAULT).is_some_and(|now| !now.is_same(before))
    }

    /// Asks for the end, and waits no longer than it may take.
    pub(crate) async fn end_within(self, span: Duration) {
        self.end.send(()).expect("it serves");
        let ended = tokio::time::timeout(span, self.serving).await;
        ended.expect("in time").expect("it does not panic").expect("no error");
    }
}

/// The status of an answer; 0 where there is none.
pub(crate) fn status(answer: &str) -> u16 {
    answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0)
}
