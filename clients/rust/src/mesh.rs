//! The emulator on threads of its own.

use crate::clock::moment;
use crate::control::{Control, Refused};
use crate::universe::Universe;
use crate::wiring::{self, Outside};
use http::Method;
use mesh_clock::{Mode, RealTime, Seed};
use mesh_edge::control::Info;
use mesh_edge::{ControlState, Front, Guard, Limits};
use mesh_router::{Record, Router};
use mesh_store::Universes;
use serde_json::{Value, json};
use smol_str::ToSmolStr as _;
use std::fmt;
use std::io;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, SystemTime};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::oneshot;

/// Threads that serve.
const WORKERS: usize = 2;

/// How long requests that still run may take to end, and then what is left of the runtime: no test waits longer for a drop.
const GRACE: Duration = Duration::from_millis(100);

/// What a [`Mesh`] can be told. The default is a free port, seed 0 and a clock that runs with the machine's.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The port of 127.0.0.1; 0 takes a free one.
    pub port: u16,
    /// The seed of all ids and dice: the same calls then give the same answers.
    pub seed: u64,
    /// Where the clock of the universe `default` stands at first; nothing for one that runs.
    pub frozen_at: Option<SystemTime>,
}

/// It could not be started.
#[derive(Debug)]
pub enum StartError {
    /// The port is taken, or the system gives none.
    Listen(io::Error),
    /// The system gives no threads.
    Threads(io::Error),
    /// The clock cannot stand at that moment.
    Clock(Refused),
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Listen(_) => f.write_str("cannot listen on 127.0.0.1: port 0 takes a free port"),
            Self::Threads(_) => f.write_str("cannot start the threads that serve"),
            Self::Clock(refused) => write!(f, "the clock cannot stand there: {refused}"),
        }
    }
}

impl std::error::Error for StartError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Listen(error) | Self::Threads(error) => Some(error),
            Self::Clock(refused) => Some(refused),
        }
    }
}

/// A whole mesh-local in this process. Dropping it frees its port and ends the functions that it runs.
#[derive(Debug)]
pub struct Mesh {
    default: Universe,
    control: Control,
    /// Dropped to have it end.
    end: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Mesh {
    /// Starts with the default [`Options`], and returns when it listens.
    ///
    /// # Errors
    /// The system gives no threads or no port.
    pub async fn start() -> Result<Self, StartError> {
        Self::start_with(Options::default()).await
    }

    /// Starts, and returns when it listens.
    ///
    /// # Errors
    /// The port is taken; the system gives no threads; the clock cannot stand where it is told.
    pub async fn start_with(options: Options) -> Result<Self, StartError> {
        let (end, asked) = oneshot::channel();
        let (tell, told) = oneshot::channel();
        let frozen_at = options.frozen_at;
        let body = move || run(&options, tell, asked);
        let thread = std::thread::Builder::new().name("mesh-local".to_owned()).spawn(body);
        let thread = thread.map_err(StartError::Threads)?;
        let lost = || StartError::Threads(io::Error::other("the thread ended before it listened"));
        let control = told.await.map_err(|_| lost())??;
        let default = Universe::of(control.clone(), "default".to_owned());
        let mesh = Self { default, control, end: Some(end), thread: Some(thread) };
        if let Some(at) = frozen_at {
            let asked = json!({ "at": moment(at) });
            mesh.default.ask(Method::POST, "/clock/freeze", asked).await.map_err(StartError::Clock)?;
        }
        Ok(mesh)
    }

    /// What an AWS SDK is told as its endpoint, to call the universe `default`. Any access key will do.
    pub fn endpoint_url(&self) -> &str {
        self.default.endpoint_url()
    }

    /// The universe that is there from the start.
    pub fn universe(&self) -> &Universe {
        &self.default
    }

    /// Makes an empty universe, which stays until the mesh ends.
    ///
    /// # Errors
    /// The name is none, or is taken.
    pub async fn create(&self, name: &str) -> Result<Universe, Refused> {
        self.control.ask(Method::POST, "/_mesh/universes", json!({ "name": name, "empty": true })).await?;
        Ok(Universe::of(self.control.clone(), name.to_owned()))
    }

    /// Makes a universe that is as one was when it was exported, by [`Universe::export`] or the command line. It stays until
    /// the mesh ends.
    ///
    /// # Errors
    /// The name is none, or is taken; it is no such file.
    pub async fn create_from(&self, exported: Vec<u8>, name: &str) -> Result<Universe, Refused> {
        let path = format!("/_mesh/universes/{name}/import");
        self.control.exchange(Method::POST, &path, exported).await?;
        Ok(Universe::of(self.control.clone(), name.to_owned()))
    }

    /// The names of all universes.
    ///
    /// # Errors
    /// None that is known: the type is that of every question.
    pub async fn universes(&self) -> Result<Vec<String>, Refused> {
        let told = self.control.ask(Method::GET, "/_mesh/universes", Value::Null).await?;
        let name = |universe: &Value| universe["name"].as_str().map(ToOwned::to_owned);
        Ok(told["universes"].as_array().into_iter().flatten().filter_map(name).collect())
    }
}

impl Drop for Mesh {
    fn drop(&mut self) {
        drop(self.end.take());
        // A thread that panicked has said so.
        self.thread.take().map(JoinHandle::join).transpose().ok();
    }
}

/// The life of the thread: it listens, tells how it is asked, serves until it is to end.
fn run(options: &Options, tell: oneshot::Sender<Result<Control, StartError>>, asked: oneshot::Receiver<()>) {
    let runtime = match runtime() {
        Ok(runtime) => runtime,
        Err(error) => return drop(tell.send(Err(StartError::Threads(error)))),
    };
    let listening = runtime.block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, options.port)));
    let address = listening.and_then(|listener| Ok((listener.local_addr()?.port(), listener)));
    let (port, listener) = match address {
        Ok(listening) => listening,
        Err(error) => return drop(tell.send(Err(StartError::Listen(error)))),
    };
    let outside = Outside::new();
    let router = router(options, format!("http://localhost:{port}"), &outside);
    let info = Info {
        version: env!("CARGO_PKG_VERSION").into(),
        started_at: RealTime::now(),
        is_in_container: false,
    };
    let state = ControlState::new(&router, info);
    let limits = Limits { grace: GRACE, ..Limits::default() };
    let front = Arc::new(Front::new(&router, Guard::default(), limits, state.clone()));
    let control = Control {
        routes: mesh_edge::control::routes(state.clone()),
        runtime: runtime.handle().clone(),
        endpoint: router.endpoint().to_string(),
    };
    if tell.send(Ok(control)).is_err() {
        // Nobody waited for it.
        return;
    }
    let end = async {
        tokio::select! {
            _ = asked => {}
            () = state.end_is_asked() => {}
        }
        // Long polls end at once, and nobody waits for them.
        router.universes().all().iter().for_each(mesh_store::Universe::end);
    };
    // A listener that fails is one that has ended: its clients are refused.
    runtime.block_on(mesh_edge::serve(front, listener, end)).ok();
    outside.end();
    runtime.shutdown_timeout(GRACE);
}

fn runtime() -> io::Result<Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(WORKERS)
        .thread_name("mesh-local")
        .enable_all()
        .build()
}

fn router(options: &Options, endpoint: String, outside: &Arc<Outside>) -> Router {
    let registry = wiring::registry();
    let parts = mesh_router::Options {
        universes: Universes::of_kinds(
            registry.kinds(),
            Seed(options.seed),
            Mode::Running { offset_micros: 0 },
        ),
        interceptors: Vec::new(),
        record: Record::new(WORKERS, None),
        endpoint: endpoint.to_smolstr(),
    };
    let outside: Arc<Outside> = Arc::clone(outside);
    Router::with_outside(registry, parts, outside)
}
