//! botocore's wheel: fetched from PyPI, checked, unpacked under `target/codegen`, and read.

use super::model::{Model, Paginators};
use super::settings::Botocore;
use anyhow::{Context, Result, bail};
use flate2::read::GzDecoder;
use sha2::{Digest, Sha256};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The unpacked models.
pub(super) struct Source {
    data: PathBuf,
}

impl Source {
    /// The pinned release, from the cache or from PyPI; nothing if it can be had from neither.
    ///
    /// # Errors
    /// A wheel whose digest is not the pinned one, or that cannot be unpacked.
    pub(super) fn obtain(root: &Path, pinned: &Botocore) -> Result<Option<Self>> {
        let cache = root.join("target/codegen");
        std::fs::create_dir_all(&cache)?;
        let wheel = cache.join(format!("botocore-{}-py3-none-any.whl", pinned.version));
        if !wheel.exists() && !download(&cache, &pinned.version)? {
            return Ok(None);
        }
        let digest = digest(&wheel)?;
        if digest != pinned.sha256 {
            bail!("{} has sha256 {digest}, but models.toml pins {}", wheel.display(), pinned.sha256);
        }
        let unpacked = cache.join(&digest);
        if !unpacked.exists() {
            unpack(&wheel, &unpacked)?;
        }
        Ok(Some(Self { data: unpacked.join("botocore/data") }))
    }

    /// The model in a directory of botocore's data.
    pub(super) fn model(&self, directory: &str) -> Result<Model> {
        let directory = self.data.join(directory);
        let text = read(&directory, "service-2.json")?
            .with_context(|| format!("{} holds no model", directory.display()))?;
        let mut model: Model = serde_json::from_str(&text)?;
        if let Some(text) = read(&directory, "paginators-1.json")? {
            let paginators: Paginators = serde_json::from_str(&text)?;
            model.paginators = paginators.pagination;
        }
        Ok(model)
    }
}

/// A file of the wheel, which may be compressed.
fn read(directory: &Path, name: &str) -> Result<Option<String>> {
    let plain = directory.join(name);
    if plain.exists() {
        return Ok(Some(std::fs::read_to_string(plain)?));
    }
    let compressed = directory.join(format!("{name}.gz"));
    if !compressed.exists() {
        return Ok(None);
    }
    let mut text = String::new();
    GzDecoder::new(std::fs::File::open(compressed)?).read_to_string(&mut text)?;
    Ok(Some(text))
}

fn download(cache: &Path, version: &str) -> Result<bool> {
    let output = Command::new("python3")
        .args(["-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:", "--dest"])
        .arg(cache)
        .arg(format!("botocore=={version}"))
        .output()
        .context("python3 with pip is needed to fetch botocore")?;
    if !output.status.success() {
        eprintln!("{}", String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(output.status.success())
}

fn digest(path: &Path) -> Result<String> {
    let bytes = std::fs::read(path).with_context(|| format!("{} cannot be read", path.display()))?;
    Ok(Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Unpacks beside the destination first, so that an interrupted run leaves nothing half done.
fn unpack(wheel: &Path, to: &Path) -> Result<()> {
    let partial = to.with_extension("partial");
    if partial.exists() {
        std::fs::remove_dir_all(&partial)?;
    }
    let status = Command::new("python3").args(["-m", "zipfile", "-e"]).arg(wheel).arg(&partial).status()?;
    if !status.success() {
        bail!("{} cannot be unpacked", wheel.display());
    }
    std::fs::rename(&partial, to)?;
    Ok(())
}
