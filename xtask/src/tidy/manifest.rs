//! Rules on the packages' manifests.

use super::Finding;
use crate::project::File;

/// A package's manifest: its file, the folder it stands in, and what it says.
fn packages(files: &[File]) -> impl Iterator<Item = (&File, &str, Result<toml::Table, toml::de::Error>)> {
    files.iter().filter_map(|file| {
        let folder = file.path.strip_suffix("/Cargo.toml")?;
        Some((file, folder, file.text.parse::<toml::Table>()))
    })
}

/// The name that a folder's package has to have, if the folder is one that has packages.
fn wanted_name(folder: &str) -> Option<String> {
    match folder.split_once('/') {
        Some(("crates", name)) if !name.contains('/') => Some(format!("mesh-{name}")),
        Some(("bin", name)) if !name.contains('/') => Some(name.to_owned()),
        None if folder == "xtask" => Some("xtask".to_owned()),
        None if matches!(folder, "tests" | "bench") => Some(format!("mesh-{folder}")),
        _ => None,
    }
}

pub(super) fn packages_are_named_and_described(files: &[File]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (file, folder, manifest) in packages(files) {
        let manifest = match manifest {
            Ok(manifest) => manifest,
            Err(error) => {
                findings.push(Finding::new(file, 1, format!("not a manifest: {}", error.message())));
                continue;
            }
        };
        let said = |key: &str| manifest.get("package")?.get(key)?.as_str();
        if let Some(wanted) = wanted_name(folder)
            && said("name") != Some(&wanted)
        {
            findings.push(Finding::new(
                file,
                line_of(file, "name"),
                format!("the package in {folder} is named {wanted}"),
            ));
        }
        if said("description").is_none_or(|description| description.trim().len() < 10) {
            let what = "a description is missing: what it is, and which AWS services it serves";
            findings.push(Finding::new(file, line_of(file, "description"), what));
        }
    }
    findings
}

/// The folders that the root's manifest keeps out of the workspace. A package in them cannot inherit anything.
fn outside_the_workspace(files: &[File]) -> Vec<String> {
    let root = files.iter().find(|file| file.path == "Cargo.toml");
    let manifest = root.and_then(|file| file.text.parse::<toml::Table>().ok());
    let excluded = manifest.as_ref().and_then(|table| table.get("workspace")?.get("exclude")?.as_array());
    excluded.into_iter().flatten().filter_map(|folder| folder.as_str().map(ToOwned::to_owned)).collect()
}

pub(super) fn packages_inherit_the_lints(files: &[File]) -> Vec<Finding> {
    let outside = outside_the_workspace(files);
    packages(files)
        .filter(|(_, folder, _)| !outside.iter().any(|outer| outer == folder))
        .filter(|(_, _, manifest)| {
            let inherited =
                manifest.as_ref().ok().and_then(|table| table.get("lints")?.get("workspace")?.as_bool());
            inherited != Some(true)
        })
        .map(|(file, _, _)| {
            Finding::new(file, line_of(file, "[lints]"), "`[lints] workspace = true` is missing")
        })
        .collect()
}

fn line_of(file: &File, beginning: &str) -> usize {
    file.text.lines().position(|line| line.starts_with(beginning)).map_or(1, |index| index + 1)
}

#[cfg(test)]
mod tests {
    use super::super::{file, said};
    use super::*;

    const GOOD: &str = "[package]\nname = \"mesh-queues\"\ndescription = \"Amazon SQS for mesh-local\"\n\n[lints]\nworkspace = true\n";

    #[test]
    fn a_good_manifest_has_no_findings() {
        let files = [file("crates/queues/Cargo.toml", GOOD), file("Cargo.toml", "[workspace]\n")];
        assert!(packages_are_named_and_described(&files).is_empty());
        assert!(packages_inherit_the_lints(&files).is_empty());
    }

    #[test]
    fn a_package_named_other_than_its_folder_is_found() {
        let files = [file("crates/kv-store/Cargo.toml", GOOD)];
        assert_eq!(
            said(&packages_are_named_and_described(&files)),
            ["crates/kv-store/Cargo.toml:2: the package in crates/kv-store is named mesh-kv-store"]
        );
    }

    #[test]
    fn a_package_without_description_is_found() {
        let files = [file("crates/queues/Cargo.toml", &GOOD.replace("Amazon SQS for mesh-local", ""))];
        let found = packages_are_named_and_described(&files);
        assert_eq!(found.len(), 1);
        assert!(found[0].what.starts_with("a description is missing"));
    }

    #[test]
    fn a_package_with_lints_of_its_own_is_found() {
        let files = [file("crates/queues/Cargo.toml", &GOOD.replace("[lints]\nworkspace = true\n", ""))];
        assert_eq!(
            said(&packages_inherit_the_lints(&files)),
            ["crates/queues/Cargo.toml:1: `[lints] workspace = true` is missing"]
        );
    }

    #[test]
    fn a_package_outside_the_workspace_has_lints_of_its_own() {
        let root = file("Cargo.toml", "[workspace]\nexclude = [\"fuzz\"]\n");
        let lone = |path| file(path, "[package]\n");
        let files = [root, lone("fuzz/Cargo.toml"), lone("bench/Cargo.toml")];
        assert_eq!(
            said(&packages_inherit_the_lints(&files)),
            ["bench/Cargo.toml:1: `[lints] workspace = true` is missing"]
        );
    }

    #[test]
    fn what_is_not_a_manifest_is_found() {
        let found = packages_are_named_and_described(&[file("xtask/Cargo.toml", "[package")]);
        assert!(found[0].what.starts_with("not a manifest"));
    }
}
