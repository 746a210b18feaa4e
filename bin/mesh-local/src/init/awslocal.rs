//! `awslocal` for scripts that call it where it is not installed.

use crate::environment;
use anyhow::{Context as _, Result};
use std::ffi::OsString;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// Its name in scripts that were written for LocalStack.
const NAME: &str = "awslocal";

/// The AWS CLI, told where we are: version 1 does not look into the environment for that.
const SCRIPT: &str = r#"#!/bin/sh
command -v aws >/dev/null 2>&1 || {
    echo "awslocal: the AWS CLI (aws) is not on the PATH: install it, or call the API in another way" >&2
    exit 127
}
exec aws --endpoint-url "$AWS_ENDPOINT_URL" "$@"
"#;

/// The search path for scripts: ours, and behind it a place where `awslocal` is. `None` if it is installed.
pub(super) fn search_path() -> Option<OsString> {
    if !environment::programs(NAME).is_empty() {
        return None;
    }
    match write(&environment::state_directory().join("bin")) {
        Ok(place) => environment::search_path_and(place),
        Err(error) => {
            eprintln!("mesh-local: scripts have no awslocal: {error:#}");
            None
        }
    }
}

/// Writes it into a directory.
fn write(place: &Path) -> Result<PathBuf> {
    let file = place.join(NAME);
    if fs::read_to_string(&file).is_ok_and(|text| text == SCRIPT) && environment::is_program(&file) {
        return Ok(place.to_owned());
    }
    let part = place.join(format!("{NAME}.{}", std::process::id()));
    let written = fs::create_dir_all(place)
        .and_then(|()| fs::write(&part, SCRIPT))
        .and_then(|()| fs::set_permissions(&part, Permissions::from_mode(0o755)))
        // under another name first, so that nobody runs half of it
        .and_then(|()| fs::rename(&part, &file));
    written.with_context(|| {
        format!("cannot write {}: set XDG_STATE_HOME to a directory of yours", file.display())
    })?;
    Ok(place.to_owned())
}
