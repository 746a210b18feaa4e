//! A mesh-local in process with real processes and ports, and what tests ask of it.

use bytes::Bytes;
use futures_util::future::BoxFuture;
use mesh_clock::{Mode, RealTime, Seed};
use mesh_lambda_runtime::LambdaRuntime;
use mesh_lambda_runtime::platform::Platform;
use mesh_models::lambda;
use mesh_router::outside::{Command, Listen, Listening, Outside, OutsideError, Process, Scratch};
use mesh_router::{Caller, Context, ContextParts, Options, Record, Registry, Router, Service};
use mesh_store::{Cause, Universe, UniverseName, Universes};
use mesh_types::{AccountId, Region, RequestId};
use mesh_wire::{ApiError, Blob, Operation};
use parking_lot::Mutex;
use serde_json::Value;
use std::ffi::OsString;
use std::future::Future;
use std::io::{Cursor, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use zip::write::{SimpleFileOptions, ZipWriter};

pub(crate) const ROLE: &str = "arn:aws:iam::000000000000:role/r";

/// Tells the rigs of a process apart.
static RIGS: AtomicUsize = AtomicUsize::new(0);

/// What a system answers that starts no other process.
const EAGAIN: i32 = 11;

/// The outside of a test: the machine's own, and what was handed out.
pub(crate) struct Machine {
    pub(crate) platform: Platform,
    /// Makes directories that functions see too: they are not in `/tmp`.
    pub(crate) shared: Platform,
    /// Libraries for functions.
    pub(crate) libraries: PathBuf,
    /// How many more processes it starts, where that is bounded.
    pub(crate) room: Mutex<Option<usize>>,
    pub(crate) processes: Mutex<Vec<u32>>,
    pub(crate) ports: Mutex<Vec<SocketAddr>>,
    pub(crate) directories: Mutex<Vec<PathBuf>>,
}

impl Outside for Machine {
    fn listen(&self, listen: Listen) -> Result<Box<dyn Listening>, OutsideError> {
        let listening = mesh_edge::outside::listen(listen)?;
        self.ports.lock().push(listening.address());
        Ok(listening)
    }

    fn process(&self, command: Command) -> Result<Arc<dyn Process>, OutsideError> {
        if let Some(room) = &mut *self.room.lock() {
            *room = room.checked_sub(1).ok_or_else(|| {
                OutsideError::failed("cannot start it", std::io::Error::from_raw_os_error(EAGAIN))
            })?;
        }
        let process = self.platform.process(command)?;
        self.processes.lock().push(process.id());
        Ok(process)
    }

    fn programs(&self, name: &str) -> Vec<PathBuf> {
        self.platform.programs(name)
    }

    fn search_path(&self) -> OsString {
        self.platform.search_path().to_owned()
    }

    fn libraries(&self, language: &str) -> Option<PathBuf> {
        self.platform.libraries(language)
    }

    fn shows(&self, place: &Path, kept: Option<&Path>) -> bool {
        self.platform.shows(place, kept)
    }

    fn scratch(&self, purpose: &str) -> Result<Arc<dyn Scratch>, OutsideError> {
        let scratch = self.platform.scratch(purpose)?;
        self.directories.lock().push(scratch.path().to_owned());
        Ok(scratch)
    }

    fn http(
        &self,
        _: http::Request<Bytes>,
    ) -> BoxFuture<'static, Result<http::Response<Bytes>, OutsideError>> {
        Box::pin(async { Err(OutsideError::refused("no test sends requests")) })
    }
}

/// A mesh-local in process.
pub(crate) struct Rig {
    pub(crate) router: Router,
    pub(crate) machine: Arc<Machine>,
    name: UniverseName,
}

/// What an invocation answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: i32,
    pub(crate) error: Option<String>,
    pub(crate) payload: Value,
    pub(crate) log: Option<String>,
}

impl Rig {
    pub(crate) fn new() -> Self {
        #[expect(clippy::disallowed_methods, reason = "a test has no options from the command line")]
        Self::searching(std::env::var("PATH").expect("PATH is set").into())
    }

    /// One that finds programs in these directories.
    pub(crate) fn searching(path: OsString) -> Self {
        Self::with(path, |_| {})
    }

    pub(crate) fn with(path: OsString, register: impl FnOnce(&mut Registry)) -> Self {
        Self::keeping(path, register, |_| Universes::new(Seed(7), Mode::Running { offset_micros: 0 }))
    }

    /// One that keeps its state as `universes` has it.
    pub(crate) fn keeping(
        path: OsString,
        register: impl FnOnce(&mut Registry),
        universes: impl FnOnce(&Registry) -> Universes,
    ) -> Self {
        let mut registry = Registry::default();
        LambdaRuntime.register(&mut registry);
        register(&mut registry);
        let options = Options {
            universes: universes(&registry),
            interceptors: Vec::new(),
            record: Record::new(1, None),
            endpoint: "http://localhost:4566".into(),
        };
        let shared = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let number = RIGS.fetch_add(1, Ordering::Relaxed);
        // of this test alone: a function of it finds here what the test puts there
        let libraries =
            std::env::temp_dir().join(format!("mesh-local-libraries-{}-{number}", std::process::id()));
        let machine = Arc::new(Machine {
            platform: Platform::new(path, &std::env::temp_dir(), &libraries),
            shared: Platform::new(OsString::new(), shared, shared),
            libraries,
            room: Mutex::default(),
            processes: Mutex::default(),
            ports: Mutex::default(),
            directories: Mutex::default(),
        });
        let outside: Arc<dyn Outside> = Arc::clone(&machine) as _;
        Self {
            router: Router::with_outside(registry, options, outside),
            machine,
            name: UniverseName::DEFAULT,
        }
    }

    /// The same, calling another universe.
    pub(crate) fn in_universe(&self, name: &UniverseName) -> Self {
        Self { router: self.router.clone(), machine: Arc::clone(&self.machine), name: name.clone() }
    }

    pub(crate) fn universe(&self) -> Universe {
        self.router.universe(&self.name).expect("it is there")
    }

    pub(crate) fn context(&self) -> Context {
        let universe = self.universe();
        let request_id = RequestId::from_random(universe.draw_request_id());
        let parts = ContextParts {
            universe,
            account: AccountId::DEFAULT,
            region: Region::DEFAULT,
            caller: Caller::AccessKey("test".into()),
            request_id,
            trace: None,
            cause: Cause::Request(request_id.bits()),
            arrived_at: RealTime::now(),
            endpoint: "http://localhost:4566".into(),
        };
        Context::new(&self.router, parts)
    }

    pub(crate) async fn call<O: Operation>(&self, input: O::Input) -> Result<O::Output, ApiError> {
        let cx = self.context();
        // a call counts as running, as one from the edge does
        let _busy = cx.universe().clock().activity().begin();
        cx.call::<O>(input).await
    }

    /// Makes a function of files.
    pub(crate) async fn create(&self, name: &str, runtime: &str, handler: &str, files: &[(&str, &str)]) {
        let created = self.call::<lambda::CreateFunction>(function(name, runtime, handler, files)).await;
        created.unwrap_or_else(|error| panic!("{name}: {error}"));
    }

    pub(crate) async fn configure(
        &self,
        name: &str,
        change: impl FnOnce(&mut lambda::UpdateFunctionConfigurationInput),
    ) {
        let mut input =
            lambda::UpdateFunctionConfigurationInput { function_name: text(name), ..Default::default() };
        change(&mut input);
        self.call::<lambda::UpdateFunctionConfiguration>(input).await.expect("it is changed");
    }

    pub(crate) async fn invoke(&self, name: &str, event: &str) -> Answer {
        self.try_invoke(name, event).await.unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    pub(crate) async fn try_invoke(&self, name: &str, event: &str) -> Result<Answer, ApiError> {
        let input = lambda::InvokeInput {
            function_name: text(name),
            log_type: text("Tail"),
            payload: Some(Blob::new(event.as_bytes())),
            ..Default::default()
        };
        self.call::<lambda::Invoke>(input).await.map(Answer::of)
    }

    /// Where libraries are.
    pub(crate) fn libraries(&self) -> &Path {
        &self.machine.libraries
    }

    /// Puts a file among the libraries.
    pub(crate) fn install(&self, name: &str, content: &str) {
        let file = self.libraries().join(name);
        std::fs::create_dir_all(file.parent().expect("a directory")).expect("it is made");
        std::fs::write(file, content).expect("it is written");
    }

    /// Ends the default universe, and waits until nothing of it is left on the machine.
    pub(crate) async fn end(self) {
        let machine = Arc::clone(&self.machine);
        self.universe().end();
        eventually("all processes, ports and directories are gone", || machine.is_clean()).await;
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.libraries).ok();
    }
}

impl Machine {
    /// Whether nothing that was handed out is left.
    pub(crate) fn is_clean(&self) -> bool {
        let is_closed = |port: &SocketAddr| std::net::TcpListener::bind(port).is_ok();
        self.groups().is_empty()
            && self.ports.lock().iter().all(is_closed)
            && self.directories.lock().iter().all(|directory| !directory.exists())
    }

    /// The processes that run in a group of one of ours; zombies count.
    pub(crate) fn groups(&self) -> Vec<u32> {
        self.states().into_iter().map(|(group, _)| group).collect()
    }

    /// As [`Machine::groups`], without those that have ended and that nobody asked about any more.
    pub(crate) fn running(&self) -> Vec<u32> {
        self.states().into_iter().filter(|(_, state)| state != "Z").map(|(group, _)| group).collect()
    }

    fn states(&self) -> Vec<(u32, String)> {
        let ours = self.processes.lock().clone();
        let running = std::fs::read_dir("/proc").expect("a system with /proc").filter_map(|entry| {
            let stat = std::fs::read_to_string(entry.ok()?.path().join("stat")).ok()?;
            // PID (NAME) STATE PARENT GROUP ...
            let mut fields = stat.rsplit_once(')')?.1.split_whitespace();
            let state = fields.next()?.to_owned();
            Some((fields.nth(1)?.parse::<u32>().ok()?, state))
        });
        running.filter(|(group, _)| ours.contains(group)).collect()
    }
}

impl Answer {
    fn of(output: lambda::InvokeOutput) -> Self {
        use base64::Engine;
        let decode = |log: String| base64::engine::general_purpose::STANDARD.decode(log).expect("base64");
        let payload = output.payload.map(Blob::into_inner).unwrap_or_default();
        Self {
            status: output.status_code.unwrap_or_default(),
            error: output.function_error,
            payload: serde_json::from_slice(&payload).unwrap_or(Value::Null),
            log: output.log_result.map(|log| String::from_utf8_lossy(&decode(log)).into_owned()),
        }
    }

    pub(crate) fn log(&self) -> &str {
        self.log.as_deref().unwrap_or_default()
    }
}

pub(crate) fn text(text: &str) -> Option<String> {
    Some(text.to_owned())
}

pub(crate) fn function(
    name: &str,
    runtime: &str,
    handler: &str,
    files: &[(&str, &str)],
) -> lambda::CreateFunctionInput {
    lambda::CreateFunctionInput {
        function_name: text(name),
        runtime: text(runtime),
        handler: text(handler),
        role: text(ROLE),
        timeout: Some(20),
        code: Some(lambda::FunctionCode { zip_file: Some(Blob::new(archive(files))), ..Default::default() }),
        ..Default::default()
    }
}

/// An archive; `bootstrap` is a program in it.
pub(crate) fn archive(files: &[(&str, &str)]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in files {
        let mode = if *name == "bootstrap" { 0o755 } else { 0o644 };
        writer.start_file(*name, SimpleFileOptions::default().unix_permissions(mode)).expect("an entry");
        writer.write_all(content.as_bytes()).expect("its content");
    }
    writer.finish().expect("an archive").into_inner()
}

/// Looks until something is so, for ten seconds.
pub(crate) async fn eventually(what: &str, is_so: impl Fn() -> bool) {
    let end = RealTime::now() + Duration::from_secs(10);
    let mut looks = tokio::time::interval(Duration::from_millis(5));
    while !is_so() {
        assert!(RealTime::now() < end, "in vain: {what}");
        looks.tick().await;
    }
}

/// Runs a test with all threads, for a minute at most.
pub(crate) fn run(test: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        tokio::time::timeout(Duration::from_secs(60), test).await.expect("it ends within a minute");
    });
}

/// Whether this machine has a program; a test that needs one that is missing says so and passes.
pub(crate) fn has(program: &str) -> bool {
    let rig_path = {
        #[expect(clippy::disallowed_methods, reason = "a test has no options")]
        std::env::var("PATH")
    };
    let found =
        std::env::split_paths(&rig_path.unwrap_or_default()).any(|place| place.join(program).exists());
    if !found {
        println!("skipped: there is no {program} on this machine");
    }
    found
}
