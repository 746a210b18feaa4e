//! AWS's protocol test cases: botocore's source archive, fetched from PyPI and checked, of which the cases are unpacked
//! under `target/protocol-cases`, where the tests of mesh-wire look for them.

use crate::ci;
use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The release that the tests name as well.
const RELEASE: &str = "botocore-1.44.5";
const REQUIREMENT: &str = "botocore==1.44.5";
const SHA256: &str = "a988f39e3a4484def0b8010f41128f71157da0515a4804fccce4739aa8f216da";
/// What of the archive is unpacked.
const CASES: &str = "tests/unit/protocols";

/// Whether the cases are there.
#[derive(Debug)]
pub(crate) enum Fetched {
    /// Where: the directory of the release, in which the cases lie as in the archive.
    Present(PathBuf),
    /// Why not.
    Skipped(String),
}

/// Fetches the cases, unless they are there.
///
/// # Errors
/// An archive whose digest is not the pinned one, or that cannot be unpacked.
pub(crate) fn fetch() -> Result<Fetched> {
    fetch_into(&ci::target_directory()?.join("protocol-cases"), &download)
}

/// Whether the cases are there already.
pub(crate) fn are_present() -> Result<bool> {
    Ok(ci::target_directory()?.join("protocol-cases").join(RELEASE).join(CASES).is_dir())
}

/// Puts the archive into a directory; the failure is a sentence.
type Download<'a> = &'a dyn Fn(&Path) -> Result<(), String>;

fn fetch_into(cache: &Path, download: Download<'_>) -> Result<Fetched> {
    let release = cache.join(RELEASE);
    if release.join(CASES).is_dir() {
        return Ok(Fetched::Present(release));
    }
    std::fs::create_dir_all(cache)?;
    let archive = cache.join(format!("{RELEASE}.tar.gz"));
    if !archive.exists()
        && let Err(reason) = download(cache)
    {
        return Ok(Fetched::Skipped(reason));
    }
    check(&archive, SHA256)?;
    unpack(&archive, cache)?;
    Ok(Fetched::Present(release))
}

fn download(cache: &Path) -> Result<(), String> {
    let pip = Command::new("python3")
        .args(["-m", "pip", "download", "--quiet", "--disable-pip-version-check"])
        .args(["--no-deps", "--no-binary", ":all:", REQUIREMENT, "--dest"])
        .arg(cache)
        .stdin(Stdio::null())
        .output();
    match pip {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => {
            let errors = String::from_utf8_lossy(&output.stderr);
            Err(format!("pip could not fetch {REQUIREMENT}: {}", errors.lines().last().unwrap_or_default()))
        }
        Err(_) => Err("python3 with pip is not installed".to_owned()),
    }
}

/// An archive that is not the pinned one is removed, so that the next run fetches it anew.
fn check(archive: &Path, pinned: &str) -> Result<()> {
    let bytes = std::fs::read(archive).with_context(|| format!("{} cannot be read", archive.display()))?;
    let digest: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    if digest != pinned {
        std::fs::remove_file(archive)?;
        bail!("{} has sha256 {digest}, but {pinned} is pinned", archive.display());
    }
    Ok(())
}

/// Unpacks the cases beside their destination first, so that an interrupted run leaves nothing half done.
fn unpack(archive: &Path, cache: &Path) -> Result<()> {
    let partial = cache.join("partial");
    for stale in [&partial, &cache.join(RELEASE)] {
        if stale.exists() {
            std::fs::remove_dir_all(stale)?;
        }
    }
    std::fs::create_dir(&partial)?;
    let tar = Command::new("tar")
        .arg("-xzf")
        .arg(archive)
        .arg("-C")
        .arg(&partial)
        .arg(format!("{RELEASE}/{CASES}"))
        .status()
        .context("tar is needed to unpack the protocol test cases")?;
    if !tar.success() {
        bail!("{} cannot be unpacked", archive.display());
    }
    std::fs::rename(partial.join(RELEASE), cache.join(RELEASE))?;
    std::fs::remove_dir(&partial)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scratch(name: &str) -> PathBuf {
        let directory =
            ci::target_directory().expect("cargo knows it").join("protocol-cases-test").join(name);
        if directory.exists() {
            std::fs::remove_dir_all(&directory).expect("it is ours");
        }
        directory
    }

    #[test]
    fn what_cannot_be_fetched_is_skipped_with_its_reason() {
        let fetched = fetch_into(&scratch("offline"), &|_| Err("no network".to_owned()));
        assert!(matches!(fetched, Ok(Fetched::Skipped(reason)) if reason == "no network"));
    }

    #[test]
    fn another_archive_than_the_pinned_one_is_refused_and_removed() {
        let cache = scratch("forged");
        let archive = cache.join(format!("{RELEASE}.tar.gz"));
        let error =
            fetch_into(&cache, &|_| std::fs::write(&archive, "forged").map_err(|error| error.to_string()))
                .expect_err("its digest is another");
        assert!(error.to_string().contains(SHA256), "{error}");
        assert!(!archive.exists());
    }

    #[test]
    fn cases_that_are_there_are_not_fetched_again() {
        let cache = scratch("present");
        std::fs::create_dir_all(cache.join(RELEASE).join(CASES)).expect("a scratch directory");
        let fetched = fetch_into(&cache, &|_| panic!("nothing is missing"));
        assert!(matches!(fetched, Ok(Fetched::Present(path)) if path == cache.join(RELEASE)));
    }
}
