//! How an environment is started: its directories, its port, its process, and the process's whole environment.

use super::environment::Environment;
use super::interpreter::{self, Interpreter};
use super::log::Log;
use super::places::{CODE_LAYERS, CODE_RUNTIME, CODE_TASK, Places};
use super::pool::Pool;
use super::runtime_api;
use crate::domain::failure::InvalidParameter;
use crate::domain::{Archive, FilePath, LATEST, Language, Settings};
use crate::limits::{INIT, RESPONSE};
use mesh_clock::Clock;
use mesh_router::Context;
use mesh_router::outside::{Command, FileMode, Listen, Outside, OutsideError, Scratch};
use mesh_types::{AccountId, Region, Timestamp};
use smol_str::{SmolStr, format_smolstr};
use std::ffi::{OsStr, OsString};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::OnceCell;

/// The clients of the Runtime API that run functions in interpreted languages.
const PYTHON: &str = include_str!("../../runtime/python/bootstrap.py");
const NODE: &str = include_str!("../../runtime/node/bootstrap.mjs");

/// What is the same for all environments of a function in one generation.
pub(crate) struct Launch {
    /// The ways out.
    pub(crate) outside: Arc<dyn Outside>,
    /// The universe's clock: logs are in its time.
    pub(crate) clock: Clock,
    /// Whose the function is.
    pub(crate) account: AccountId,
    /// Where it is.
    pub(crate) region: Region,
    /// Its name.
    pub(crate) name: SmolStr,
    /// Its configuration.
    pub(crate) settings: Settings,
    /// Its archive.
    pub(crate) archive: Arc<[u8]>,
    /// Where it reaches AWS: this universe.
    pub(crate) endpoint: SmolStr,
    /// The code, unpacked once for all.
    pub(crate) code: OnceCell<Arc<dyn Scratch>>,
}

/// Why no environment could be started.
pub(super) enum LaunchError {
    /// Something that the caller can put right.
    Unfit(String),
    /// Something that AWS, too, finds only when it starts the environment.
    Invalid { kind: &'static str, sentence: String },
    /// The machine has no room for another one now.
    Full(String),
    /// Trouble of the machine.
    Broken(String),
}

impl From<OutsideError> for LaunchError {
    fn from(error: OutsideError) -> Self {
        let is_full = error.io().is_some_and(is_full);
        let error = error.to_string();
        let error = error.trim_end_matches('.');
        if is_full {
            return Self::Full(format!(
                "this machine lets mesh-local start no other environment: {error}; give it more (ulimit -n, ulimit -u, \
                 docker run --ulimit, --pids-limit), or let fewer run at once"
            ));
        }
        Self::Broken(format!("The function's environment could not be started: {error}."))
    }
}

impl From<InvalidParameter> for LaunchError {
    fn from(refused: InvalidParameter) -> Self {
        Self::Broken(refused.sentence)
    }
}

/// Whether the machine refused for want of descriptors, processes, memory or ports: what others give back in a while.
fn is_full(error: &std::io::Error) -> bool {
    use rustix::io::Errno;
    let full = [Errno::MFILE, Errno::NFILE, Errno::AGAIN, Errno::NOMEM, Errno::ADDRINUSE];
    Errno::from_io_error(error).is_some_and(|error| full.contains(&error))
}

/// What runs.
struct Program {
    /// The interpreter; none where the archive brings its own program.
    interpreter: Option<PathBuf>,
    /// For the log.
    version: SmolStr,
    warning: Option<String>,
}

impl Program {
    /// Its path and its arguments.
    fn command(&self, settings: &Settings, places: &Places) -> (PathBuf, Vec<OsString>) {
        let Some(interpreter) = &self.interpreter else {
            return (places.task.join("bootstrap"), Vec::new());
        };
        let (flags, client) = match settings.runtime.language() {
            // Node makes its heap as large as the machine is, if nobody says how large the function is
            Some(Language::Node(_)) => {
                let heap = format!("--max-old-space-size={}", settings.memory / 10 * 9);
                (vec!["--no-warnings".to_owned(), heap], "bootstrap.mjs")
            }
            _ => (Vec::new(), "bootstrap.py"),
        };
        let client = places.runtime.join(client).into_os_string();
        let mut arguments: Vec<OsString> = flags.into_iter().map(OsString::from).chain([client]).collect();
        arguments.extend(places.libraries.clone().map(PathBuf::into_os_string));
        (interpreter.clone(), arguments)
    }
}

impl Launch {
    /// How long an environment may take until it asks for its first event. AWS begins anew after ten seconds, within
    /// the function's own time; here it goes on for as long.
    pub(super) fn init_limit(&self) -> Duration {
        INIT + self.settings.timeout()
    }

    /// The unpacked code.
    async fn code(&self) -> Result<Arc<dyn Scratch>, LaunchError> {
        let unpack = async || {
            let (outside, archive) = (Arc::clone(&self.outside), Arc::clone(&self.archive));
            let unpacked = tokio::task::spawn_blocking(move || unpack(&*outside, &archive)).await;
            unpacked.unwrap_or_else(|_| {
                Err(LaunchError::Broken("The function's code could not be unpacked.".into()))
            })
        };
        self.code.get_or_try_init(unpack).await.cloned()
    }

    async fn program(&self, code: &Path) -> Result<Program, LaunchError> {
        let name = self.settings.runtime.as_str();
        let Some(language) = self.settings.runtime.language() else {
            return Err(LaunchError::Unfit(format!(
                "mesh-local does not run {name} functions yet: it runs Python, Node and provided runtimes."
            )));
        };
        if language == Language::Provided {
            if !code.join(CODE_TASK).join("bootstrap").exists() {
                let kind = "Runtime.InvalidEntrypoint";
                let sentence =
                    "Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]".to_owned();
                return Err(LaunchError::Invalid { kind, sentence });
            }
            return Ok(Program { interpreter: None, version: SmolStr::new(name), warning: None });
        }
        let found = interpreter::find(&self.outside, language).await.map_err(LaunchError::Unfit)?;
        let Interpreter { program, version, is_exact } = found;
        let warning = (!is_exact).then(|| {
            format!(
                "mesh-local: {name} is not on the search path; {} (version {version}) runs in its place",
                program.display()
            )
        });
        Ok(Program { interpreter: Some(program), version, warning })
    }

    /// The process's whole environment.
    fn environment(&self, api: &str, stream: &str, places: &Places) -> Vec<(OsString, OsString)> {
        let Settings { runtime, handler, memory, variables, .. } = &self.settings;
        let Places { task, nowhere, .. } = places;
        let texts: [(&str, &str); 20] = [
            ("AWS_ACCESS_KEY_ID", self.account.as_str()),
            ("AWS_DEFAULT_REGION", self.region.as_str()),
            ("AWS_EC2_METADATA_DISABLED", "true"),
            ("AWS_ENDPOINT_URL", &self.endpoint),
            ("AWS_EXECUTION_ENV", &format!("AWS_Lambda_{}", runtime.as_str())),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", &memory.to_string()),
            ("AWS_LAMBDA_FUNCTION_NAME", &self.name),
            ("AWS_LAMBDA_FUNCTION_VERSION", LATEST),
            ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"),
            ("AWS_LAMBDA_LOG_GROUP_NAME", &self.settings.log_group(&self.name)),
            ("AWS_LAMBDA_LOG_STREAM_NAME", stream),
            ("AWS_LAMBDA_RUNTIME_API", api),
            ("AWS_REGION", self.region.as_str()),
            // what signatures by an account's own key are verified with
            ("AWS_SECRET_ACCESS_KEY", "test"),
            ("AWS_SESSION_TOKEN", "mesh-local"),
            ("AWS_XRAY_CONTEXT_MISSING", "LOG_ERROR"),
            ("LANG", "en_US.UTF-8"),
            ("LC_CTYPE", "C.UTF-8"),
            ("TZ", ":UTC"),
            ("_HANDLER", handler),
        ];
        let mut paths = vec![
            ("AWS_CONFIG_FILE", nowhere.clone()),
            ("AWS_SHARED_CREDENTIALS_FILE", nowhere.clone()),
            ("HOME", places.home.clone()),
            ("LAMBDA_RUNTIME_DIR", places.runtime.clone()),
            ("LAMBDA_TASK_ROOT", task.clone()),
            ("PATH", PathBuf::from(self.outside.search_path())),
            ("PWD", task.clone()),
            ("TMPDIR", places.temporary.clone()),
        ];
        if matches!(runtime.language(), Some(Language::Node(_))) {
            let places = [Some(task.join("node_modules")), places.libraries.clone()];
            let places = places.into_iter().flatten().map(PathBuf::into_os_string);
            paths.push(("NODE_PATH", PathBuf::from(places.collect::<Vec<_>>().join(OsStr::new(":")))));
        }
        // the function's own come last, so that they win over what is not reserved
        let own = variables.iter().flat_map(crate::domain::Variables::iter);
        let texts = texts.into_iter().map(|(name, value)| (OsString::from(name), OsString::from(value)));
        let paths = paths.into_iter().map(|(name, value)| (OsString::from(name), value.into_os_string()));
        let own = own.map(|(name, value)| (OsString::from(name.as_str()), OsString::from(value.as_str())));
        texts.chain(paths).chain(own).collect()
    }
}

/// Starts an environment; `None` where the pool has ended meanwhile.
pub(super) async fn start(pool: &Arc<Pool>, cx: &Context) -> Result<Option<Arc<Environment>>, LaunchError> {
    let launch = pool.launch();
    let code = launch.code().await?;
    let program = launch.program(code.path()).await?;
    let own = launch.outside.scratch("environment")?;
    let places =
        Places::new(&*launch.outside, &launch.settings, program.interpreter.as_deref(), &*code, &*own)?;
    let stream = stream(launch.clock.now(), cx.universe().draw_request_id());
    let group = launch.settings.log_group(&launch.name);
    let log = Arc::new(Log::new(group, stream.clone(), launch.clock.clone(), launch.settings.memory));
    log.line(&format!("INIT_START Runtime Version: {}", program.version));
    if let Some(warning) = &program.warning {
        log.line(warning);
    }
    let make = |number| Environment::new(number, pool, Arc::clone(&log), Arc::clone(&own), Arc::clone(&code));
    let Some(environment) = pool.add(make) else { return Ok(None) };
    let started = run(pool, &environment, &program, &stream, places);
    if let Err(error) = started {
        pool.forget(&environment);
        return Err(error);
    }
    Ok(Some(environment))
}

fn run(
    pool: &Arc<Pool>,
    environment: &Arc<Environment>,
    program: &Program,
    stream: &str,
    places: Places,
) -> Result<(), LaunchError> {
    let launch = pool.launch();
    let (weak_pool, weak) = (Arc::downgrade(pool), Arc::downgrade(environment));
    let answer = Arc::new(move |request| -> futures_util::future::BoxFuture<'static, _> {
        Box::pin(runtime_api::answer(weak_pool.clone(), weak.clone(), request))
    });
    let listening = launch.outside.listen(Listen { answer, body_limit: RESPONSE })?;
    let api = listening.address().to_string();
    environment.listens(listening);
    let log = Arc::clone(environment.log());
    let language = launch.settings.runtime.language();
    let (path, arguments) = program.command(&launch.settings, &places);
    let process = launch.outside.process(Command {
        program: path,
        arguments,
        environment: launch.environment(&api, stream, &places),
        directory: places.task,
        view: places.view,
        output: Arc::new(move |line| log.output(line)),
    });
    let process = process.map_err(|error| match error.io() {
        // the archive's own program is no program
        Some(io) if language == Some(Language::Provided) => LaunchError::Invalid {
            kind: "Runtime.InvalidEntrypoint",
            sentence: format!("fork/exec /var/task/bootstrap: {}", reason(io)),
        },
        _ => error.into(),
    })?;
    environment.runs(process);
    Ok(())
}

/// Why a program cannot be run, in the words of the system.
fn reason(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        std::io::ErrorKind::NotFound => "no such file or directory".to_owned(),
        _ if error.raw_os_error() == Some(8) => "exec format error".to_owned(),
        _ => error.to_string(),
    }
}

/// Unpacks an archive, and puts the clients of the Runtime API beside it.
fn unpack(outside: &dyn Outside, archive: &[u8]) -> Result<Arc<dyn Scratch>, LaunchError> {
    use crate::domain::ArchiveKind as Kind;
    let code = outside.scratch("code")?;
    code.directory(CODE_TASK)?;
    code.directory(CODE_LAYERS)?;
    Archive::open(archive)?.each(|path: &FilePath, kind, content: &mut dyn Read| {
        let path = format!("{CODE_TASK}/{}", path.as_str());
        match kind {
            Kind::Directory => code.directory(&path)?,
            Kind::Plain => code.file(&path, content, FileMode::Plain)?,
            Kind::Executable => code.file(&path, content, FileMode::Executable)?,
        }
        Ok::<_, LaunchError>(())
    })?;
    code.file(&format!("{CODE_RUNTIME}/bootstrap.py"), &mut PYTHON.as_bytes(), FileMode::Plain)?;
    code.file(&format!("{CODE_RUNTIME}/bootstrap.mjs"), &mut NODE.as_bytes(), FileMode::Plain)?;
    Ok(code)
}

/// The name of a log stream: `2026/01/31/[$LATEST]0123456789abcdef0123456789abcdef`.
fn stream(now: Timestamp, bits: u128) -> SmolStr {
    let (year, month, day) = crate::date::of(now);
    format_smolstr!("{year:04}/{month:02}/{day:02}/[{LATEST}]{bits:032x}")
}
