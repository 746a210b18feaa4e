//! `mesh-local up`.

use crate::services;
use anyhow::{Context as _, Result, bail};
use clap::Args;
use mesh_clock::{Mode, RealTime, Seed};
use mesh_edge::control::Info;
use mesh_edge::{ControlState, Front, Guard, Limits};
use mesh_router::{Entry, Observer, Options, Record, Router};
use mesh_store::Universes;
use smol_str::format_smolstr;
use std::io::Write;
use std::net::{IpAddr, SocketAddr};
use std::process::ExitCode;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

/// Start, and print one line for each call.
#[derive(Args, Clone)]
pub(crate) struct Up {
    /// The port; 0 takes a free one.
    #[arg(long, env = "MESH_LOCAL_PORT", default_value_t = 4566)]
    pub(crate) port: u16,
    /// The address to listen on. Creating a function is running code: one that others can reach wants a token.
    #[arg(long, env = "MESH_LOCAL_HOST", default_value = "127.0.0.1")]
    host: IpAddr,
    /// What callers must show where others than this machine can reach the port.
    #[arg(long, env = "MESH_LOCAL_TOKEN", hide_env_values = true)]
    token: Option<String>,
    /// Serve under this host name too, or under all that end in it if it begins with a dot.
    #[arg(long = "allow-host", env = "MESH_LOCAL_ALLOW_HOST", value_delimiter = ',')]
    allow_hosts: Vec<String>,
    /// The seed of all ids and dice: the same calls then give the same answers.
    #[arg(long, env = "MESH_LOCAL_SEED")]
    seed: Option<u64>,
    /// Print one line of JSON with endpoint and port, and nothing more.
    #[arg(long)]
    pub(crate) json: bool,
    /// Do not print a line for each call.
    #[arg(long)]
    quiet: bool,
}

impl Up {
    /// A private instance on a free port, that says nothing.
    pub(crate) fn private() -> Self {
        Self {
            port: 0,
            host: IpAddr::from([127, 0, 0, 1]),
            token: None,
            allow_hosts: Vec::new(),
            seed: None,
            json: false,
            quiet: true,
        }
    }
}

/// A process that listens, and is not serving yet.
pub(crate) struct Bound {
    front: Arc<Front>,
    listener: TcpListener,
    pub(crate) address: SocketAddr,
    router: Router,
    control: ControlState,
}

/// Starts, serves until a signal, ends.
pub(crate) fn run(up: Up) -> Result<ExitCode> {
    runtime()?.block_on(async {
        let bound = bind(&up).await?;
        announce(&up, &bound)?;
        bound.serve(end()?).await?;
        Ok(ExitCode::SUCCESS)
    })
}

pub(crate) fn runtime() -> Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("cannot start the worker threads")
}

pub(crate) async fn bind(up: &Up) -> Result<Bound> {
    if !up.host.is_loopback() && up.token.is_none() {
        bail!(
            "{} can be reached by others, and creating a function is running code: give a --token, or listen on \
             127.0.0.1",
            up.host
        );
    }
    let listener = match TcpListener::bind((up.host, up.port)).await {
        Ok(listener) => listener,
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => bail!(
            "port {} is in use: is another mesh-local running (mesh-local status)? --port 0 takes a free port",
            up.port
        ),
        Err(error) => return Err(error).with_context(|| format!("cannot listen on {}:{}", up.host, up.port)),
    };
    let address = listener.local_addr().context("the listener has no address")?;
    let router = router(up, address);
    let guard = Guard { allow_hosts: up.allow_hosts.clone(), token: up.token.clone() };
    let info = Info {
        version: env!("CARGO_PKG_VERSION").into(),
        started_at: RealTime::now(),
        is_in_container: is_in_container(),
    };
    let control = ControlState::new(&router, info);
    let front = Front::new(&router, guard, Limits::default(), control.clone());
    Ok(Bound { front: Arc::new(front), listener, address, router, control })
}

fn router(up: &Up, address: SocketAddr) -> Router {
    let observer: Option<Observer> = if up.json || up.quiet { None } else { Some(Box::new(print_entry)) };
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    // Without a seed, the moment and the port make one: two processes draw different ids.
    let seed = up
        .seed
        .unwrap_or_else(|| RealTime::now().as_micros().unsigned_abs() ^ u64::from(address.port()) << 48);
    Router::new(
        services::registry(),
        Options {
            universes: Universes::new(Seed(seed), Mode::Running { offset_micros: 0 }),
            interceptors: Vec::new(),
            record: Record::new(workers, observer),
            endpoint: format_smolstr!("http://localhost:{}", address.port()),
        },
    )
}

impl Bound {
    pub(crate) async fn serve(self, end: impl Future<Output = ()>) -> Result<()> {
        let control = self.control;
        let end = async {
            tokio::select! {
                () = end => {}
                () = control.end_is_asked() => {}
            }
        };
        mesh_edge::serve(self.front, self.listener, end).await.context("the listener failed")
    }
}

/// Ends at SIGTERM and at the terminal's interrupt.
fn end() -> Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate()).context("cannot wait for signals")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("cannot wait for signals")?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// Whether the process runs in a container, by the marks that Docker and podman leave.
fn is_in_container() -> bool {
    ["/.dockerenv", "/run/.containerenv"].iter().any(|mark| std::path::Path::new(mark).exists())
}

fn announce(up: &Up, bound: &Bound) -> Result<()> {
    let (endpoint, port) = (format!("http://localhost:{}", bound.address.port()), bound.address.port());
    let mut out = std::io::stdout().lock();
    if up.json {
        writeln!(out, "{}", serde_json::json!({ "endpoint": endpoint, "port": port, "ready": true }))?;
    } else {
        let has = |name: &&str| !bound.router.served(name).is_empty();
        let served: Vec<_> = mesh_models::SERVICES.iter().map(|service| service.name).filter(has).collect();
        writeln!(out, "mesh-local {} at {endpoint}", env!("CARGO_PKG_VERSION"))?;
        writeln!(out, "  serves  {}", served.join(", "))?;
        writeln!(out, "  next    aws --endpoint-url {endpoint} sqs create-queue --queue-name hello")?;
        writeln!(out, "Ready.")?;
    }
    out.flush().context("cannot write to the terminal")
}

/// One line on the terminal for a call or a delivery.
fn print_entry(entry: &Entry) {
    let line = match entry {
        Entry::Call(call) => format!(
            "{:>7.1} ms  {}  {} {}  {}{}",
            call.took.as_secs_f64() * 1_000.0,
            call.status,
            call.service,
            call.operation,
            call.request_id,
            call.error.map(|code| format!("  {code}")).unwrap_or_default(),
        ),
        Entry::Delivery(delivery) => format!("            {}  {:?}", delivery.to, delivery.outcome),
    };
    // A terminal that is gone is no reason to end.
    writeln!(std::io::stdout(), "{line}").ok();
}
