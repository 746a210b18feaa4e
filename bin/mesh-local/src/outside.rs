//! The ways out of this process: what the edge and Lambda know to do, put together.

use crate::environment::libraries_directory;
use bytes::Bytes;
use futures_util::future::BoxFuture;
use mesh_lambda_runtime::platform::Platform;
use mesh_router::outside::{Command, Listen, Listening, OutsideError, Process, Scratch};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The machine that mesh-local runs on.
#[derive(Debug)]
pub(crate) struct Outside {
    platform: Platform,
}

impl Outside {
    /// The machine, with the search path and the directory for temporary files that this process was started with.
    pub(crate) fn new() -> Arc<Self> {
        let search_path = std::env::var_os("PATH").unwrap_or_default();
        Arc::new(Self { platform: Platform::new(search_path, &std::env::temp_dir(), &libraries_directory()) })
    }

    /// Whether functions see AWS's places on this machine.
    pub(crate) fn has_views(&self) -> bool {
        self.platform.has_views()
    }

    /// Ends every child process, and removes the directories: the process is about to end.
    pub(crate) fn end(&self) {
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
