//! What the control plane works on.

use super::failure::Failure;
use super::localstack::Hooks;
use mesh_router::Router;
use mesh_store::{Universe, UniverseName};
use mesh_types::Timestamp;
use smol_str::SmolStr;
use std::sync::Arc;
use tokio::sync::Notify;

/// What the control plane works on. Cheap to clone; all clones are the same one.
#[derive(Debug, Clone)]
pub struct ControlState {
    pub(super) router: Router,
    pub(super) info: Arc<Info>,
    pub(super) hooks: Hooks,
    end: Arc<Notify>,
}

/// What is told about the process.
#[derive(Debug, Clone)]
pub struct Info {
    /// The version of the program.
    pub version: SmolStr,
    /// When it started, in real time.
    pub started_at: Timestamp,
    /// Whether it runs in a container.
    pub is_in_container: bool,
}

impl ControlState {
    /// The control plane of this router's universes.
    pub fn new(router: &Router, info: Info) -> Self {
        Self { router: router.clone(), info: Arc::new(info), hooks: Hooks::default(), end: Arc::default() }
    }

    /// The scripts of the life cycle, so that whoever runs them can say how they went.
    pub fn hooks(&self) -> &Hooks {
        &self.hooks
    }

    /// Waits until a call asks the process to end.
    pub async fn end_is_asked(&self) {
        self.end.notified().await;
    }

    pub(super) fn ask_for_end(&self) {
        self.end.notify_one();
    }

    /// A universe, as it is.
    pub(super) fn universe(&self, name: &UniverseName) -> Result<Universe, Failure> {
        self.router.universes().get(name).ok_or_else(|| Failure::no_universe(name))
    }

    /// A universe, awake: what it owes is sent, and what is due runs.
    pub(super) fn awake(&self, name: &UniverseName) -> Result<Universe, Failure> {
        self.router.universe(name).ok_or_else(|| Failure::no_universe(name))
    }
}
