//! `cargo xtask codegen`: writes `crates/models` from botocore's API models.
//!
//! The version of botocore and the operations to serve stand in `models.toml`; what the models do not say, in
//! `overlays/<service>.toml`, with reasons. A model is read ([`model`]), corrected by its overlay ([`overlay`]), pruned
//! to the served operations ([`prune`]) and written as Rust ([`emit`]). None of AWS's prose is carried over.

mod emit;
mod model;
mod names;
mod overlay;
mod prune;
mod settings;
mod source;

use crate::ci::Outcome;
use crate::project::root;
use anyhow::{Context, Result, bail};
use settings::Settings;
use source::Source;
use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The directory of the generated files, from the root.
const OUTPUT: &str = "crates/models/src";
/// The list of every operation's input members, for `cargo xtask coverage`.
const MEMBERS: &str = "crates/models/members.txt";

/// The generated files: path from the root, and text.
type Files = BTreeMap<String, String>;

/// Writes the models, or with `check` compares them with the committed ones. A check without the models to be had is
/// skipped.
pub(crate) fn run(check: bool) -> Result<Outcome> {
    let root = root();
    let settings = Settings::read(&root)?;
    let source = match Source::obtain(&root, &settings.botocore)? {
        Some(source) => source,
        None if check => {
            let version = &settings.botocore.version;
            let why = format!("botocore {version} is neither cached nor to be had from PyPI");
            return Ok(Outcome::Skipped(why));
        }
        None => bail!("botocore {} cannot be had from PyPI", settings.botocore.version),
    };
    let files = generate(&root, &settings, &source)?;
    let stale = differences(&root, &files)?;
    if check {
        if !stale.is_empty() {
            bail!("generated files are not current; run `cargo xtask codegen`:\n  {}", stale.join("\n  "));
        }
        return Ok(Outcome::Passed);
    }
    for path in &stale {
        let full = root.join(path);
        match files.get(path) {
            Some(text) => {
                std::fs::create_dir_all(full.parent().unwrap_or(&root))?;
                std::fs::write(&full, text).with_context(|| format!("{path} cannot be written"))?;
            }
            None => std::fs::remove_file(&full).with_context(|| format!("{path} cannot be removed"))?,
        }
    }
    println!("codegen: {} files, {} changed", files.len(), stale.len());
    Ok(Outcome::Passed)
}

fn generate(root: &Path, settings: &Settings, source: &Source) -> Result<Files> {
    let mut files = Files::new();
    let mut members = emit::members::header();
    for (name, service) in &settings.services {
        let with_name = || format!("service {name}");
        let overlay = overlay::Overlay::read(root, name).with_context(with_name)?;
        let mut model = source.model(&service.model).with_context(with_name)?;
        members.push_str(&emit::members::of(name, &model));
        overlay.apply(&mut model).with_context(with_name)?;
        let pruned = prune::prune(&model, &service.operations).with_context(with_name)?;
        for (file, text) in emit::service(name, &model, &pruned, &overlay).with_context(with_name)? {
            let text = format(root, &text).with_context(|| format!("formatting {file}"))?;
            files.insert(format!("{OUTPUT}/{file}"), text);
        }
    }
    let crate_root = emit::crate_root(settings.services.keys());
    files.insert(format!("{OUTPUT}/lib.rs"), format(root, &crate_root)?);
    files.insert(MEMBERS.to_owned(), members);
    Ok(files)
}

/// The paths whose text differs, and the committed ones that are generated no more.
fn differences(root: &Path, files: &Files) -> Result<Vec<String>> {
    let mut stale: Vec<String> = files
        .iter()
        .filter(|(path, text)| std::fs::read_to_string(root.join(path)).ok().as_ref() != Some(text))
        .map(|(path, _)| path.clone())
        .collect();
    for path in rust_files(&root.join(OUTPUT))? {
        let path = path.strip_prefix(root)?.to_string_lossy().replace('\\', "/");
        if !files.contains_key(&path) {
            stale.push(path);
        }
    }
    stale.sort();
    Ok(stale)
}

fn rust_files(directory: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    if !directory.exists() {
        return Ok(found);
    }
    for entry in std::fs::read_dir(directory)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(rust_files(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    Ok(found)
}

/// Formats Rust as the workspace does.
fn format(root: &Path, text: &str) -> Result<String> {
    let mut rustfmt = Command::new("rustfmt")
        .args(["--edition", "2024", "--config-path"])
        .arg(root)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .context("rustfmt is needed: rustup component add rustfmt")?;
    let mut stdin = rustfmt.stdin.take().context("rustfmt takes no input")?;
    let input = text.to_owned();
    // rustfmt reads all before it writes, but that is its own affair: feed it from another thread
    let feeder = std::thread::spawn(move || stdin.write_all(input.as_bytes()));
    let output = rustfmt.wait_with_output()?;
    let fed = feeder.join();
    if !output.status.success() {
        bail!("rustfmt: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    if !matches!(fed, Ok(Ok(()))) {
        bail!("rustfmt did not read its input");
    }
    Ok(String::from_utf8(output.stdout)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changed_missing_and_left_over_files_are_named() -> Result<()> {
        let root = std::env::temp_dir().join(format!("mesh-codegen-{}", std::process::id()));
        let source = root.join(OUTPUT);
        std::fs::create_dir_all(source.join("gone"))?;
        for (file, text) in [("same.rs", "a"), ("changed.rs", "old"), ("gone/errors.rs", "x")] {
            std::fs::write(source.join(file), text)?;
        }
        let wanted = [("same.rs", "a"), ("changed.rs", "new"), ("missing.rs", "b")];
        let files = wanted.map(|(file, text)| (format!("{OUTPUT}/{file}"), text.to_owned()));
        let stale = differences(&root, &Files::from(files));
        std::fs::remove_dir_all(&root)?;
        let wanted = ["changed.rs", "gone/errors.rs", "missing.rs"].map(|file| format!("{OUTPUT}/{file}"));
        assert_eq!(stale?, wanted);
        Ok(())
    }
}
