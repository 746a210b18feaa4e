//! Directories of their own.

use mesh_router::outside::{FileMode, OutsideError, Scratch};
use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Tells the roots of one process apart.
static ROOTS: AtomicU64 = AtomicU64::new(0);

/// The directory in which all others are; made with the first of them.
#[derive(Debug)]
pub(super) struct Root {
    path: PathBuf,
    made: AtomicU64,
}

impl Root {
    pub(super) fn new(temporary: &Path) -> Self {
        let number = ROOTS.fetch_add(1, Ordering::Relaxed);
        let path = temporary.join(format!("mesh-local-{}-{number}", std::process::id()));
        Self { path, made: AtomicU64::new(0) }
    }

    pub(super) fn make(&self, purpose: &str) -> Result<Arc<dyn Scratch>, OutsideError> {
        let number = self.made.fetch_add(1, Ordering::Relaxed);
        let path = self.path.join(format!("{purpose}-{number}"));
        let made = private().recursive(true).create(&path);
        made.map_err(|error| {
            OutsideError::failed(format!("cannot make the directory {}", path.display()), error)
        })?;
        Ok(Arc::new(Place(path)))
    }

    pub(super) fn remove(&self) {
        fs::remove_dir_all(&self.path).ok();
    }
}

/// Nobody else may look into what functions hold.
fn private() -> DirBuilder {
    let mut builder = DirBuilder::new();
    builder.mode(0o700);
    builder
}

#[derive(Debug)]
struct Place(PathBuf);

impl Place {
    fn inside(&self, relative: &str) -> Result<PathBuf, OutsideError> {
        let path = Path::new(relative);
        if path.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir)) {
            return Ok(self.0.join(path));
        }
        Err(OutsideError::refused(format!("{relative:?} leads out of its directory")))
    }
}

impl Scratch for Place {
    fn path(&self) -> &Path {
        &self.0
    }

    fn directory(&self, relative: &str) -> Result<(), OutsideError> {
        let path = self.inside(relative)?;
        let made = private().recursive(true).create(&path);
        made.map_err(|error| OutsideError::failed(format!("cannot make the directory {relative:?}"), error))
    }

    fn file(&self, relative: &str, content: &mut dyn Read, mode: FileMode) -> Result<(), OutsideError> {
        let path = self.inside(relative)?;
        let mode = match mode {
            FileMode::Plain => 0o644,
            FileMode::Executable => 0o755,
        };
        let mut write = || {
            if let Some(parent) = path.parent() {
                private().recursive(true).create(parent)?;
            }
            // a second entry of the same name takes the place of the first
            if let Err(error) = fs::remove_file(&path)
                && error.kind() != io::ErrorKind::NotFound
            {
                return Err(error);
            }
            let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(&path)?;
            io::copy(content, &mut file)
        };
        write().map(|_| ()).map_err(|error| OutsideError::failed(format!("cannot write {relative:?}"), error))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).ok();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_takes_nothing_outside_itself_and_is_removed_at_the_end() {
        let root = Root::new(&std::env::temp_dir());
        let place = root.make("test").expect("a directory");
        for bad in ["../x", "/etc/x", "a/../../x", ""] {
            assert!(place.file(bad, &mut &b"x"[..], FileMode::Plain).is_err(), "{bad:?}");
        }
        place.file("a/b/c", &mut &b"one"[..], FileMode::Plain).expect("written");
        place.file("a/b/c", &mut &b"two"[..], FileMode::Executable).expect("written again");
        let path = place.path().join("a/b/c");
        assert_eq!(fs::read(&path).expect("it is there"), b"two");
        let whole = place.path().to_owned();
        drop(place);
        assert!(!whole.exists());
        root.remove();
        assert!(!root.path.exists());
    }
}
