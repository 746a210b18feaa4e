//! The ways out of this process: what the edge and Lambda know to do, put together.

use bytes::Bytes;
use futures_util::future::BoxFuture;
use mesh_lambda_runtime::platform::Platform;
use mesh_router::outside::{Command, Listen, Listening, OutsideError, Process, Scratch};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The machine that mesh-local runs on.
#[derive(Debug)]
pub struct Outside {
    platform: Platform,
}

impl Outside {
    /// The machine, with the search path and the directory for temporary files that this process was started with, and
    /// the libraries for functions that `mesh-local runtimes install` left there.
    pub fn new() -> Arc<Self> {
        let search_path = std::env::var_os("PATH").unwrap_or_default();
        Arc::new(Self { platform: Platform::new(search_path, &std::env::temp_dir(), &libraries_directory()) })
    }

    /// Whether functions see AWS's places on this machine.
    pub fn has_views(&self) -> bool {
        self.platform.has_views()
    }

    /// Ends every child process, and removes the directories: the process is about to end.
    pub fn end(&self) {
        self.platform.end();
    }
}

impl mesh_router::outside::Outside for Outside {
    fn listen(&self, listen: Listen) -> Result<Box<dyn Listening>, OutsideError> {
        mesh_edge::outside::listen(listen)
    }

    fn process(&self, command: Command) -> Result<Arc<dyn Process>, OutsideError> {
        self.platform.process(command)
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
        self.platform.scratch(purpose)
    }

    fn http(
        &self,
        request: http::Request<Bytes>,
    ) -> BoxFuture<'static, Result<http::Response<Bytes>, OutsideError>> {
        Box::pin(mesh_edge::outgoing::send(request))
    }
}

/// Where libraries for functions are, by language: they can be fetched again.
pub fn libraries_directory() -> PathBuf {
    user_directory("XDG_CACHE_HOME", ".cache").join("libraries")
}

/// Ours in the directory that a variable names, or in the usual one below the home.
pub fn user_directory(variable: &str, usual: &str) -> PathBuf {
    let absolute = |name| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    absolute(variable)
        .or_else(|| absolute("HOME").map(|home| home.join(usual)))
        .unwrap_or_else(std::env::temp_dir)
        .join("mesh-local")
}
