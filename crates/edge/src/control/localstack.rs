//! LocalStack's own doors, so that its wait loops, health checks and set-up scripts go on working.
//!
//! `GET /_localstack/health`, `/info`, `/init` and `/init/STAGE` answer in LocalStack's forms, and
//! `POST /_localstack/state/reset` empties the universe (`default`, unless header or host name another). `POST /_localstack/health` takes the action `kill`;
//! `restart` is refused, because what would be lost by it depends on whether the state is kept on disk.

use super::failure::Failure;
use super::request::{self, Chosen};
use super::state::ControlState;
use super::universe;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use bytes::Bytes;
use http::{StatusCode, header};
use mesh_clock::RealTime;
use mesh_types::{RequestId, Timestamp};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::ser::Formatter;
use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

/// What all these paths begin with.
pub(super) const PREFIX: &str = "/_localstack/";

/// The path of the health.
pub(super) const HEALTH: &str = "/_localstack/health";

/// The edition that has these doors.
const EDITION: &str = "community";

pub(super) fn routes() -> axum::Router<ControlState> {
    axum::Router::new()
        .route(HEALTH, get(health).post(act))
        .route("/_localstack/info", get(info))
        .route("/_localstack/init", get(all_stages))
        .route("/_localstack/init/{stage}", get(one_stage))
        .route("/_localstack/state/reset", post(reset))
}

/// A stage of the process's life, at which scripts of `/etc/localstack/init` run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Before the start.
    Boot,
    /// While starting.
    Start,
    /// Once requests are served.
    Ready,
    /// At the end.
    Shutdown,
}

impl Stage {
    /// All stages, in the order of life.
    pub const ALL: [Self; 4] = [Self::Boot, Self::Start, Self::Ready, Self::Shutdown];

    fn name(self) -> &'static str {
        match self {
            Self::Boot => "BOOT",
            Self::Start => "START",
            Self::Ready => "READY",
            Self::Shutdown => "SHUTDOWN",
        }
    }
}

impl Serialize for Stage {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.name())
    }
}

/// How a script went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum ScriptState {
    /// Found, and not yet begun.
    Unknown,
    /// It runs.
    Running,
    /// It ended well.
    Successful,
    /// It ended badly.
    Error,
}

/// Stages and their scripts. Cheap to clone; all clones are the same.
#[derive(Debug, Clone, Default)]
pub struct Hooks(Arc<Mutex<Progress>>);

#[derive(Debug, Default)]
struct Progress {
    /// Stages that are over.
    completed: Vec<Stage>,
    scripts: Vec<Script>,
}

#[derive(Debug, Clone, Serialize)]
struct Script {
    stage: Stage,
    name: String,
    state: ScriptState,
}

impl Hooks {
    /// Notes how a script of a stage went; the first time, that it is there.
    pub fn note(&self, stage: Stage, name: &str, state: ScriptState) {
        let scripts = &mut self.0.lock().scripts;
        match scripts.iter_mut().find(|script| script.stage == stage && script.name == name) {
            Some(script) => script.state = state,
            None => scripts.push(Script { stage, name: name.to_owned(), state }),
        }
    }

    /// Notes that all scripts of a stage have run.
    pub fn complete(&self, stage: Stage) {
        let completed = &mut self.0.lock().completed;
        if !completed.contains(&stage) {
            completed.push(stage);
        }
    }

    fn is_completed(&self, stage: Stage) -> bool {
        self.0.lock().completed.contains(&stage)
    }

    fn scripts(&self, of: impl Fn(Stage) -> bool) -> Vec<Script> {
        self.0.lock().scripts.iter().filter(|script| of(script.stage)).cloned().collect()
    }
}

#[derive(Serialize)]
struct Health {
    services: BTreeMap<&'static str, &'static str>,
    edition: &'static str,
    version: String,
}

/// `GET /_localstack/health`
async fn health(State(state): State<ControlState>) -> Spaced<Health> {
    let is_served = |name| !state.router.served(name).is_empty();
    let apis = state.router.apis().into_iter().map(|meta| meta.name);
    Spaced(Health {
        services: apis.map(|name| (name, if is_served(name) { "available" } else { "disabled" })).collect(),
        edition: EDITION,
        version: state.info.version.to_string(),
    })
}

#[derive(Deserialize)]
struct Act {
    action: Option<String>,
}

/// `POST /_localstack/health`
async fn act(State(state): State<ControlState>, body: Bytes) -> Result<&'static str, Failure> {
    let Act { action } = request::body(&body)?;
    match action.as_deref() {
        Some("kill") => {
            state.ask_for_end();
            Ok("ok")
        }
        Some("restart") => Err(Failure::new(
            StatusCode::NOT_IMPLEMENTED,
            "mesh-local does not restart itself. POST /_localstack/state/reset empties its state.",
        )),
        _ => Err(Failure::bad_request(r#"The action is one of "kill" and "restart": {"action": "kill"}."#)),
    }
}

#[derive(Serialize)]
struct Instance {
    version: String,
    edition: &'static str,
    is_license_activated: bool,
    session_id: String,
    machine_id: &'static str,
    system: &'static str,
    is_docker: bool,
    server_time_utc: String,
    uptime: u64,
}

/// `GET /_localstack/info`
async fn info(State(state): State<ControlState>) -> Spaced<Instance> {
    let started_at = state.info.started_at;
    let now = RealTime::now();
    let seconds = super::moment::text(Timestamp::from_secs(now.as_secs()));
    Spaced(Instance {
        version: state.info.version.to_string(),
        edition: EDITION,
        is_license_activated: false,
        session_id: session_id(started_at),
        machine_id: "mesh-local",
        system: std::env::consts::OS,
        is_docker: state.info.is_in_container,
        server_time_utc: seconds.split('.').next().unwrap_or_default().to_owned(),
        uptime: now.since(started_at).as_secs(),
    })
}

/// An id that stays the same for the life of the process. It names nothing else: nobody is told of it.
fn session_id(started_at: Timestamp) -> String {
    RequestId::from_random(u128::from(started_at.as_micros().unsigned_abs())).to_string()
}

#[derive(Serialize)]
struct AllStages {
    #[serde(serialize_with = "in_order")]
    completed: [(Stage, bool); 4],
    scripts: Vec<Script>,
}

/// Stages in the order of life, not of the alphabet.
fn in_order<S: Serializer>(stages: &[(Stage, bool); 4], to: S) -> Result<S::Ok, S::Error> {
    to.collect_map(stages.iter().map(|(stage, completed)| (stage, completed)))
}

/// `GET /_localstack/init`
async fn all_stages(State(state): State<ControlState>) -> Spaced<AllStages> {
    Spaced(AllStages {
        completed: Stage::ALL.map(|stage| (stage, state.hooks.is_completed(stage))),
        scripts: state.hooks.scripts(|_| true),
    })
}

#[derive(Serialize)]
struct OneStage {
    completed: bool,
    scripts: Vec<Script>,
}

/// `GET /_localstack/init/STAGE`
async fn one_stage(
    State(state): State<ControlState>,
    Path(name): Path<String>,
) -> Result<Spaced<OneStage>, Failure> {
    let Some(stage) = Stage::ALL.into_iter().find(|stage| stage.name().eq_ignore_ascii_case(&name)) else {
        return Err(Failure::not_found(format!(
            "There is no stage {name:?}. They are boot, start, ready and shutdown."
        )));
    };
    let scripts = state.hooks.scripts(|of| of == stage);
    Ok(Spaced(OneStage { completed: state.hooks.is_completed(stage), scripts }))
}

/// `POST /_localstack/state/reset`
async fn reset(State(state): State<ControlState>, Chosen(name): Chosen) -> Result<StatusCode, Failure> {
    universe::empty(&state, &name).map(|_| StatusCode::OK)
}

/// JSON with a space behind each colon and comma, as LocalStack writes it: health checks grep for
/// `"sqs": "available"`.
struct Spaced<T>(T);

impl<T: Serialize> IntoResponse for Spaced<T> {
    fn into_response(self) -> Response {
        let mut body = Vec::new();
        let mut writer = serde_json::Serializer::with_formatter(&mut body, Spaces);
        match self.0.serialize(&mut writer) {
            Ok(()) => ([(header::CONTENT_TYPE, "application/json")], body).into_response(),
            Err(error) => Failure::new(
                StatusCode::INTERNAL_SERVER_ERROR,
                format!("The answer cannot be written: {error}."),
            )
            .into_response(),
        }
    }
}

struct Spaces;

impl Formatter for Spaces {
    fn begin_array_value<W: ?Sized + io::Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        if first { Ok(()) } else { writer.write_all(b", ") }
    }

    fn begin_object_key<W: ?Sized + io::Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        if first { Ok(()) } else { writer.write_all(b", ") }
    }

    fn begin_object_value<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        writer.write_all(b": ")
    }
}
