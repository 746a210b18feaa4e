//! `models.toml`: which botocore, which services, which operations.

use anyhow::{Context, Result};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;

/// The file's content.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Settings {
    /// Where the models come from.
    pub(super) botocore: Botocore,
    /// The services by the names of their modules.
    pub(super) services: BTreeMap<String, Service>,
}

/// A release of botocore on PyPI.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Botocore {
    pub(super) version: String,
    /// Of the wheel, in hexadecimal.
    pub(super) sha256: String,
}

/// A service to generate.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Service {
    /// The directory of its model inside botocore's data: `sqs/2012-11-05`.
    pub(super) model: String,
    /// The operations that get input, output and error types. The routes of the others are kept.
    pub(super) operations: Operations,
}

/// A choice of operations.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Operations {
    /// `"all"`
    All(All),
    /// These.
    Only(Vec<String>),
}

/// The word `all`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum All {
    All,
}

impl Settings {
    /// Reads `models.toml`.
    pub(super) fn read(root: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(root.join("models.toml")).context("models.toml cannot be read")?;
        toml::from_str(&text).context("models.toml is not understood")
    }
}
