//! Where a function's process finds its code, its client of the Runtime API, and its directories.

use crate::domain::{Language, Settings};
use mesh_router::outside::{Outside, OutsideError, Place, Scratch};
use std::path::{Path, PathBuf};

/// AWS's own places.
const TASK: &str = "/var/task";
const RUNTIME: &str = "/var/runtime";
const LAYERS: &str = "/opt";

/// Ours: Python is told of the one, and Node finds the other above the code.
const PYTHON_LIBRARIES: &str = "/var/libraries";
const NODE_LIBRARIES: &str = "/var/node_modules";

const TEMPORARY: &str = "/tmp";

/// Names of directories within those that were unpacked, and of an environment's own.
pub(super) const CODE_TASK: &str = "task";
pub(super) const CODE_RUNTIME: &str = "runtime";
pub(super) const CODE_LAYERS: &str = "opt";
const OWN_TEMPORARY: &str = "tmp";
const OWN_HOME: &str = "home";

/// The places, as the process sees them.
pub(super) struct Places {
    /// The function's code.
    pub(super) task: PathBuf,
    /// The clients of the Runtime API.
    pub(super) runtime: PathBuf,
    /// Libraries that its interpreter may lack.
    pub(super) libraries: Option<PathBuf>,
    /// Where the function may write.
    pub(super) temporary: PathBuf,
    /// Its home: its own, too.
    pub(super) home: PathBuf,
    /// A path where nothing is.
    pub(super) nowhere: PathBuf,
    /// What must be shown to the process for that.
    pub(super) view: Vec<Place>,
}

impl Places {
    /// AWS's places where the machine can show them without hiding the interpreter, and else directories of the
    /// machine.
    pub(super) fn new(
        outside: &dyn Outside,
        settings: &Settings,
        interpreter: Option<&Path>,
        code: &dyn Scratch,
        own: &dyn Scratch,
    ) -> Result<Self, OutsideError> {
        let shows = |place: &str| outside.shows(Path::new(place), interpreter);
        let has_view = shows(TASK) && shows(RUNTIME);
        let has_temporary = has_view && shows(TEMPORARY);
        let mut view = Vec::new();
        if has_view {
            let shown = |at: &str, what| Place::Shown { at: PathBuf::from(at), what: code.path().join(what) };
            view.extend([shown(TASK, CODE_TASK), shown(RUNTIME, CODE_RUNTIME)]);
            if shows(LAYERS) {
                view.push(shown(LAYERS, CODE_LAYERS));
            }
        }
        let installed = match settings.runtime.language() {
            Some(Language::Python(_)) => {
                outside.libraries("python").map(|installed| (installed, PYTHON_LIBRARIES))
            }
            Some(Language::Node(_)) => {
                outside.libraries("node").map(|installed| (installed.join("node_modules"), NODE_LIBRARIES))
            }
            _ => None,
        };
        let libraries = installed.map(|(installed, place)| {
            if !(has_view && shows(place)) {
                return installed;
            }
            view.push(Place::Shown { at: PathBuf::from(place), what: installed });
            PathBuf::from(place)
        });
        if has_temporary {
            // last: it hides what is below the machine's
            let bytes = u64::from(settings.ephemeral_storage) * 1024 * 1024;
            view.push(Place::Own { at: PathBuf::from(TEMPORARY), bytes });
        } else {
            own.directory(OWN_TEMPORARY)?;
            own.directory(OWN_HOME)?;
        }
        let of_code = |place: &str, name| match has_view {
            true => PathBuf::from(place),
            false => code.path().join(name),
        };
        let of_own = |name| match has_temporary {
            true => PathBuf::from(TEMPORARY),
            false => own.path().join(name),
        };
        Ok(Self {
            task: of_code(TASK, CODE_TASK),
            runtime: of_code(RUNTIME, CODE_RUNTIME),
            libraries,
            temporary: of_own(OWN_TEMPORARY),
            home: of_own(OWN_HOME),
            nowhere: own.path().join("none"),
            view,
        })
    }
}
