//! Platform code: child processes in groups of their own, what they write, directories of their own.
//!
//! The one module of this crate that touches the system. It implements the `process` and `scratch` parts of
//! [`Outside`](mesh_router::outside::Outside) for whoever wires the program together; the rest of the crate asks for
//! them through its context.
//!
//! A child's output goes through one pipe for stdout and stderr, so that their order is kept.

mod memory;
mod process;
mod scratch;
#[cfg_attr(not(target_os = "linux"), path = "no_view.rs")]
mod view;

use mesh_router::outside::{Command, OutsideError, Process, Scratch};
use std::ffi::{OsStr, OsString};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

/// What the machine gives: where programs are, and where directories may be made.
#[derive(Debug)]
pub struct Platform {
    search_path: OsString,
    libraries: PathBuf,
    scratch: scratch::Root,
    groups: Arc<process::Groups>,
    has_views: OnceLock<bool>,
}

impl Platform {
    /// A platform that searches programs in `search_path`, makes directories below `temporary`, and finds libraries for
    /// functions in `libraries`, by language.
    pub fn new(search_path: OsString, temporary: &Path, libraries: &Path) -> Self {
        Self {
            search_path,
            libraries: libraries.to_owned(),
            scratch: scratch::Root::new(temporary),
            groups: Arc::default(),
            has_views: OnceLock::new(),
        }
    }

    /// See [`Outside::process`](mesh_router::outside::Outside::process). Called on a runtime.
    ///
    /// # Errors
    /// The program cannot be started.
    pub fn process(&self, command: Command) -> Result<Arc<dyn Process>, OutsideError> {
        process::start(command, &self.groups)
    }

    /// See [`Outside::libraries`](mesh_router::outside::Outside::libraries).
    pub fn libraries(&self, language: &str) -> Option<PathBuf> {
        Some(self.libraries.join(language)).filter(|place| place.is_dir())
    }

    /// See [`Outside::shows`](mesh_router::outside::Outside::shows).
    pub fn shows(&self, place: &Path, kept: Option<&Path>) -> bool {
        let is_in = |path: &Path| path.starts_with(place);
        let hides = |kept: &Path| is_in(kept) || kept.canonicalize().is_ok_and(|kept| is_in(&kept));
        !kept.is_some_and(hides) && view::can_be_at(place) && self.has_views()
    }

    /// Whether this machine lets a child see a directory of its own in another's place. Asked once.
    pub fn has_views(&self) -> bool {
        *self
            .has_views
            .get_or_init(|| self.scratch.make("probe").is_ok_and(|scratch| view::is_possible(scratch.path())))
    }

    /// See [`Outside::scratch`](mesh_router::outside::Outside::scratch).
    ///
    /// # Errors
    /// The directory cannot be made.
    pub fn scratch(&self, purpose: &str) -> Result<Arc<dyn Scratch>, OutsideError> {
        self.scratch.make(purpose)
    }

    /// See [`Outside::programs`](mesh_router::outside::Outside::programs).
    pub fn programs(&self, name: &str) -> Vec<PathBuf> {
        let is_program = |path: &PathBuf| {
            let file = std::fs::metadata(path).ok().filter(std::fs::Metadata::is_file);
            file.is_some_and(|file| file.permissions().mode() & 0o111 != 0)
        };
        std::env::split_paths(&self.search_path).map(|place| place.join(name)).filter(is_program).collect()
    }

    /// See [`Outside::search_path`](mesh_router::outside::Outside::search_path).
    pub fn search_path(&self) -> &OsStr {
        &self.search_path
    }

    /// Kills every process group that still runs, and removes the directories. For the end of the program, when nobody
    /// is left to drop the handles.
    pub fn end(&self) {
        self.groups.kill_all();
        self.scratch.remove();
    }
}

impl Drop for Platform {
    fn drop(&mut self) {
        self.end();
    }
}
