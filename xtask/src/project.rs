//! Where the project's files are, and the one place of the workshop that reads the machine's clock.

use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

/// The root of the workspace.
pub(crate) fn root() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().unwrap_or(manifest).to_owned()
}

/// A text file of the project.
#[derive(Debug, Clone)]
pub(crate) struct File {
    /// Its path from the root, with `/` between the parts.
    pub(crate) path: String,
    /// Its contents.
    pub(crate) text: String,
}

impl File {
    /// What follows the last dot of its name.
    pub(crate) fn extension(&self) -> &str {
        let name = self.path.rsplit('/').next().unwrap_or_default();
        name.rsplit_once('.').map_or("", |(_, extension)| extension)
    }
}

/// The text files that git knows or would add, in order of their paths. What is not UTF-8 is not text.
pub(crate) fn files() -> Result<Vec<File>> {
    let root = root();
    let listed = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(&root)
        .output()
        .context("git is needed to list the project's files")?;
    if !listed.status.success() {
        bail!("git ls-files: {}", String::from_utf8_lossy(&listed.stderr).trim());
    }
    let mut paths: Vec<&str> =
        std::str::from_utf8(&listed.stdout)?.split('\0').filter(|path| !path.is_empty()).collect();
    paths.sort_unstable();
    paths.dedup();
    let mut files = Vec::with_capacity(paths.len());
    for path in paths {
        // A listed file that is gone has been deleted and not yet committed; that is no one's fault.
        let Ok(bytes) = std::fs::read(root.join(path)) else { continue };
        if let Ok(text) = String::from_utf8(bytes) {
            files.push(File { path: path.to_owned(), text });
        }
    }
    Ok(files)
}

/// Compares a committed file with what it should hold, or writes it.
pub(crate) fn settle(path: &str, wanted: &str, write: bool, remedy: &str) -> Result<()> {
    let full = root().join(path);
    let held = std::fs::read_to_string(&full).unwrap_or_default();
    if held == wanted {
        return Ok(());
    }
    if write {
        if let Some(folder) = full.parent() {
            std::fs::create_dir_all(folder)?;
        }
        std::fs::write(&full, wanted).with_context(|| format!("cannot write {path}"))?;
        println!("wrote {path}");
        return Ok(());
    }
    bail!("{path}:{}: differs from what it should say; run `{remedy}`", first_difference(&held, wanted))
}

fn first_difference(held: &str, wanted: &str) -> usize {
    let (mut held, mut wanted) = (held.lines(), wanted.lines());
    let mut line = 1;
    loop {
        match (held.next(), wanted.next()) {
            (Some(left), Some(right)) if left == right => line += 1,
            _ => return line,
        }
    }
}

/// A measured span of real time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts to measure.
    pub(crate) fn start() -> Self {
        #[expect(
            clippy::disallowed_methods,
            reason = "the workshop measures real time, here and nowhere else"
        )]
        let now = Instant::now();
        Self(now)
    }

    /// What has passed since.
    pub(crate) fn elapsed(self) -> Duration {
        self.0.elapsed()
    }
}

/// A directory that is removed in the end.
pub(crate) struct Scratch {
    /// Where it is.
    pub(crate) path: PathBuf,
}

/// Makes a directory for a purpose.
pub(crate) fn scratch(purpose: &str) -> Result<Scratch> {
    let path = std::env::temp_dir().join(format!("mesh-{purpose}-{}", std::process::id()));
    std::fs::create_dir_all(&path).with_context(|| format!("cannot make {}", path.display()))?;
    Ok(Scratch { path })
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What is left of it is in the directory for temporary files.
        let _ = std::fs::remove_dir_all(&self.path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_difference_is_named_by_its_line() {
        assert_eq!(first_difference("a\nb\n", "a\nc\n"), 2);
        assert_eq!(first_difference("", "a\n"), 1);
        assert_eq!(first_difference("a\nb\nc\n", "a\nb\n"), 3);
    }

    #[test]
    fn the_projects_own_files_are_listed() {
        let files = files().expect("the project is a git checkout");
        assert!(files.iter().any(|file| file.path == "xtask/src/project.rs"));
        assert!(files.iter().all(|file| !file.path.starts_with("target/")));
    }
}
