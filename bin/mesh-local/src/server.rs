//! `mesh-local up`.

use crate::environment::{self, LocalStack};
use crate::init::{Init, Runner};
use crate::{detached, faults};
use anyhow::{Context as _, Result, anyhow, bail};
use clap::{Args, ValueEnum};
use mesh_clock::{Mode, RealTime, Seed};
use mesh_edge::control::Info;
use mesh_edge::{ControlState, Front, Guard, Limits};
use mesh_local_embed::wiring::{self, Outside};
use mesh_router::{Entry, Observer, Options, Quotas, Record, Router};
use mesh_store::{Durability, UniverseName, Universes};
use smol_str::format_smolstr;
use std::fs::File;
use std::io::Write;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::oneshot;
use tracing::level_filters::LevelFilter;

/// Start, and print one line for each call.
#[derive(Args, Clone, Default)]
pub(crate) struct Up {
    /// The port; 0 takes a free one [default: 4566].
    #[arg(long, env = "MESH_LOCAL_PORT")]
    pub(crate) port: Option<u16>,
    /// The address to listen on [default: 127.0.0.1]. Creating a function is running code: one that others can reach
    /// wants a token.
    #[arg(long, env = "MESH_LOCAL_HOST")]
    host: Option<IpAddr>,
    /// What callers must show where others than this machine can reach the port.
    #[arg(long, env = "MESH_LOCAL_TOKEN", hide_env_values = true)]
    token: Option<String>,
    /// Refuse calls that are not signed, and rightly: the secret of a key is the one that STS issued with it, or else
    /// test. Keys that name a universe are refused.
    #[arg(long, env = "MESH_LOCAL_VERIFY_SIGNATURES")]
    verify_signatures: bool,
    /// Hold AWS's quotas that protect AWS, calls in a second and messages in flight: what exceeds one is refused.
    #[arg(long, env = "MESH_LOCAL_STRICT_QUOTAS")]
    strict_quotas: bool,
    /// Serve under this host name too, or under all that end in it if it begins with a dot.
    #[arg(long = "allow-host", env = "MESH_LOCAL_ALLOW_HOST", value_delimiter = ',')]
    allow_hosts: Vec<String>,
    /// The seed of all ids and dice: the same calls then give the same answers.
    #[arg(long, env = "MESH_LOCAL_SEED")]
    seed: Option<u64>,
    /// Keep the state in this directory, and begin with what is there [default: in memory].
    #[arg(long, env = "MESH_LOCAL_DATA_DIR", value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// When what is acknowledged is on disk: within 50 ms, or before it is acknowledged.
    #[arg(long, env = "MESH_LOCAL_DURABILITY", value_enum, value_name = "WHEN", default_value_t)]
    durability: WhenDurable,
    /// Begin with a universe that was exported into this file.
    #[arg(long, env = "MESH_LOCAL_RESTORE", value_name = "FILE")]
    restore: Option<PathBuf>,
    /// Run the scripts in boot.d, start.d, ready.d and shutdown.d of this directory, after those of
    /// /etc/localstack/init.
    #[arg(long, env = "MESH_LOCAL_INIT", value_name = "DIR", value_delimiter = ',')]
    init: Vec<PathBuf>,
    /// Say more on standard error: off, error, warn, info, debug or trace [default: warn].
    #[arg(long, env = "MESH_LOCAL_LOG", value_name = "LEVEL")]
    log: Option<LevelFilter>,
    /// Begin with the fault rules of this file, TOML or JSON, in the universe default.
    #[arg(long, env = "MESH_LOCAL_FAULTS", value_name = "FILE")]
    faults: Option<String>,
    /// Run in the background, and return when it is ready: mesh-local down ends it.
    #[arg(long, short)]
    detach: bool,
    /// Print one line of JSON with endpoint and port, and nothing more.
    #[arg(long)]
    pub(crate) json: bool,
    /// Do not print a line for each call.
    #[arg(long)]
    quiet: bool,
    /// End when standard input ends: whoever has started this, and holds the other end of a pipe, is gone.
    #[arg(long, conflicts_with = "detach")]
    end_with_input: bool,
    /// Where a process in the background tells the one that started it that it is ready.
    #[arg(long, hide = true)]
    pub(crate) announce: Option<PathBuf>,
    #[command(flatten)]
    localstack: LocalStack,
}

/// When what is acknowledged is on disk.
#[derive(Clone, Copy, Default, ValueEnum)]
enum WhenDurable {
    /// Within 50 ms.
    #[default]
    Relaxed,
    /// Before it is acknowledged.
    Strict,
}

impl From<WhenDurable> for Durability {
    fn from(when: WhenDurable) -> Self {
        match when {
            WhenDurable::Relaxed => Self::Relaxed,
            WhenDurable::Strict => Self::Strict,
        }
    }
}

impl Up {
    /// A private instance on a free port, that says nothing.
    pub(crate) fn private() -> Self {
        Self { port: Some(0), quiet: true, ..Self::default() }
    }

    /// The address and the port to listen on.
    fn listen(&self) -> Result<(IpAddr, u16)> {
        let (host, port) = self.localstack.listen()?;
        let host = self.host.or(host).unwrap_or(IpAddr::from([127, 0, 0, 1]));
        Ok((host, self.port.or(port).unwrap_or(environment::default_port())))
    }

    /// What is said on standard error.
    fn log(&self) -> LevelFilter {
        let asked = self.log.or_else(|| self.localstack.is_debugging().then_some(LevelFilter::DEBUG));
        asked.unwrap_or(LevelFilter::WARN)
    }

    /// Where the state is kept, if it is.
    fn data_directory(&self) -> Option<PathBuf> {
        self.data_dir.clone().or_else(|| self.localstack.data_directory())
    }

    /// Whether a line is printed for each call.
    fn prints_calls(&self) -> bool {
        !(self.json || self.quiet || self.localstack.is_quiet())
    }
}

/// A process that listens, and is not serving yet.
pub(crate) struct Bound {
    front: Arc<Front>,
    listener: TcpListener,
    pub(crate) address: SocketAddr,
    router: Router,
    control: ControlState,
    outside: Arc<Outside>,
}

/// Starts, serves until a signal, ends.
pub(crate) fn run(up: Up) -> Result<ExitCode> {
    if up.detach {
        return detached::start(&up);
    }
    if up.announce.is_some() {
        detached::leave_the_terminal();
    }
    let init = Init::find(&up.init)?;
    runtime()?.block_on(async {
        let signalled = end()?;
        let asked = async {
            tokio::select! {
                () = signalled => {}
                () = end_of_input(), if up.end_with_input => {}
            }
        };
        let bound = bind(&up).await?;
        greet(&up, &bound)?;
        let runner = Runner::new(init, bound.control.clone(), &bound.endpoint(), up.json);
        let (endpoint, port) = (bound.endpoint(), bound.address.port());
        let live = async {
            let opening = async {
                runner.open().await;
                tell_ready(&up, &endpoint, port);
                std::future::pending::<()>().await;
            };
            tokio::select! {
                () = asked => {}
                () = opening => {}
            }
        };
        bound.serve(live, close(&runner)).await?;
        Ok(ExitCode::SUCCESS)
    })
}

/// Runs the last scripts; a second signal cuts them short.
async fn close(runner: &Runner) {
    let Ok(asked_again) = end() else { return };
    tokio::select! {
        () = asked_again => {}
        () = runner.close() => {}
    }
}

pub(crate) fn runtime() -> Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("cannot start the worker threads")
}

pub(crate) async fn bind(up: &Up) -> Result<Bound> {
    mesh_router::log::to_stderr(up.log());
    for sentence in up.localstack.without_effect() {
        eprintln!("mesh-local: {sentence}.");
    }
    let (host, port) = up.listen()?;
    if !host.is_loopback() && up.token.is_none() {
        bail!(
            "{host} can be reached by others, and creating a function is running code: give a --token, or listen on \
             127.0.0.1"
        );
    }
    let listener = match TcpListener::bind((host, port)).await {
        Ok(listener) => listener,
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => bail!(
            "port {port} is in use: is another mesh-local running (mesh-local status)? --port 0 takes a free port, \
             mesh-local doctor says more"
        ),
        Err(error) => {
            return Err(error).with_context(|| {
                format!(
                    "cannot listen on {host}:{port}: choose another --host or --port; 0 takes a free port"
                )
            });
        }
    };
    let address = listener.local_addr().context("the listener has no address")?;
    let outside = Outside::new();
    let router = router(up, address, &outside)?;
    if let Some(file) = &up.faults {
        begin_with_faults(&router, file)?;
    }
    let allow_hosts = up.allow_hosts.iter().cloned().chain(up.localstack.host_name()).collect();
    let guard = Guard { allow_hosts, token: up.token.clone(), verify_signatures: up.verify_signatures };
    let info = Info {
        version: env!("CARGO_PKG_VERSION").into(),
        started_at: RealTime::now(),
        is_in_container: is_in_container(),
    };
    let control = ControlState::new(&router, info);
    let front = Front::new(&router, guard, Limits::default(), control.clone());
    Ok(Bound { front: Arc::new(front), listener, address, router, control, outside })
}

fn router(up: &Up, address: SocketAddr, outside: &Arc<Outside>) -> Result<Router> {
    let observer: Option<Observer> = if up.prints_calls() { Some(Box::new(print_entry)) } else { None };
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    // Without a seed, the moment and the port make one: two processes draw different ids.
    let seed = up
        .seed
        .unwrap_or_else(|| RealTime::now().as_micros().unsigned_abs() ^ u64::from(address.port()) << 48);
    let (outside, mut registry) = (Arc::clone(outside), wiring::registry());
    registry.hold(if up.strict_quotas { Quotas::Strict } else { Quotas::Off });
    let universes = match up.data_directory() {
        Some(directory) => Universes::open(&directory, up.durability.into(), registry.kinds(), Seed(seed))?,
        None => Universes::of_kinds(registry.kinds(), Seed(seed), Mode::Running { offset_micros: 0 }),
    };
    if let Some(file) = &up.restore {
        restore(&universes, file)?;
    }
    let router = Router::with_outside(
        registry,
        Options {
            universes,
            interceptors: Vec::new(),
            record: Record::new(workers, observer),
            endpoint: format_smolstr!("http://localhost:{}", address.port()),
        },
        outside,
    );
    router.resume();
    Ok(router)
}

/// Puts an export in the place of the default universe, which must be empty.
fn restore(universes: &Universes, file: &Path) -> Result<()> {
    let is_empty = universes.get(&UniverseName::DEFAULT).is_none_or(|default| default.partitions() == 0);
    if !is_empty {
        bail!(
            "the data directory holds a state already: leave out --restore to go on with it, or give an empty \
             --data-dir"
        );
    }
    let exported = File::open(file).with_context(|| format!("cannot read {}", file.display()))?;
    let imported = universes.import(UniverseName::DEFAULT, exported, true);
    imported.with_context(|| format!("cannot begin with {}", file.display()))?;
    Ok(())
}

/// Gives the universe `default` the fault rules of a file.
fn begin_with_faults(router: &Router, file: &str) -> Result<()> {
    let rules =
        mesh_edge::control::read_rules(router, faults::read(file)?).with_context(|| file.to_owned())?;
    let universe = router.universe(&UniverseName::DEFAULT).context("there is no universe default")?;
    router
        .faults()
        .replace(&universe, &rules)
        .map_err(|need| anyhow!("the fault rules are not in place: {need}"))?;
    Ok(())
}

impl Bound {
    /// What clients are told to call.
    pub(crate) fn endpoint(&self) -> String {
        format!("http://localhost:{}", self.address.port())
    }

    /// Serves until `end` comes or a call asks for the end, and through `close`.
    pub(crate) async fn serve(
        self,
        end: impl Future<Output = ()>,
        close: impl Future<Output = ()>,
    ) -> Result<()> {
        let control = self.control;
        let router = self.router;
        let told = tokio::spawn(tell_failures(router.clone()));
        let end = async {
            tokio::select! {
                () = end => {}
                () = control.end_is_asked() => {}
            }
            close.await;
        };
        let served = mesh_edge::serve(self.front, self.listener, end).await.context("the listener failed");
        // Whatever functions still run ends with the process that started them.
        self.outside.end();
        told.abort();
        // What was acknowledged is on disk before the process ends.
        tokio::task::spawn_blocking(move || router.universes().close())
            .await
            .context("the state was not saved")?;
        served
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

/// Ends when there is nothing more to read from standard input.
async fn end_of_input() {
    let (input, ended) = oneshot::channel::<()>();
    // A thread of its own: the end of the runtime would wait for one of its threads that reads.
    std::thread::spawn(move || {
        std::io::copy(&mut std::io::stdin(), &mut std::io::sink()).ok();
        drop(input);
    });
    ended.await.ok();
}

/// Whether the process runs in a container, by the marks that Docker and podman leave.
fn is_in_container() -> bool {
    ["/.dockerenv", "/run/.containerenv"].iter().any(|mark| std::path::Path::new(mark).exists())
}

/// Says what runs where.
fn greet(up: &Up, bound: &Bound) -> Result<()> {
    if up.json {
        return Ok(());
    }
    let endpoint = bound.endpoint();
    let has = |name: &&str| !bound.router.served(name).is_empty();
    let served: Vec<_> = mesh_models::SERVICES.iter().map(|service| service.name).filter(has).collect();
    let mut out = std::io::stdout().lock();
    writeln!(out, "mesh-local {} at {endpoint}", env!("CARGO_PKG_VERSION"))?;
    writeln!(out, "  serves  {}", served.join(", "))?;
    if let Some(directory) = up.data_directory() {
        writeln!(out, "  keeps   its state in {}", directory.display())?;
    }
    writeln!(out, "  next    aws --endpoint-url {endpoint} sqs create-queue --queue-name hello")?;
    out.flush().context("cannot write to the terminal")
}

/// Says that the scripts of the start have run.
fn tell_ready(up: &Up, endpoint: &str, port: u16) {
    let ready = serde_json::json!({ "endpoint": endpoint, "port": port, "ready": true });
    let mut out = std::io::stdout().lock();
    let written = if up.json { writeln!(out, "{ready}") } else { writeln!(out, "Ready.") };
    // A terminal that is gone is no reason to end.
    written.and_then(|()| out.flush()).ok();
    if let Some(file) = &up.announce {
        detached::announce(file, &ready);
    }
}

/// Says it when the disk fails.
async fn tell_failures(router: Router) {
    let failure = router.universes().failed().await;
    eprintln!("mesh-local: {failure}. Until then it can be read, and nothing can be changed.");
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
        Entry::Outside(outside) => format!(
            "            {:?} {}{}",
            outside.deed,
            outside.what,
            outside.error.as_ref().map(|error| format!("  {error}")).unwrap_or_default(),
        ),
        Entry::Fault(fault) => {
            let (service, operation) = (fault.service, fault.operation);
            format!("            {service} {operation}  fault {} {}", fault.rule, fault.effect)
        }
    };
    // A terminal that is gone is no reason to end.
    writeln!(std::io::stdout(), "{line}").ok();
}
