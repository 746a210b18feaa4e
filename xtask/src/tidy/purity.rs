//! A service reaches the outside through the router only: there the record, faults, egress rules and dormancy act, and
//! tests replace it. So no service names a socket, a file, the environment or the machine's clock.

use super::Finding;
use super::source::{code, has_word};
use crate::project::File;

/// What depends on the router and is no service.
const PLATFORM: &[&str] = &["crates/edge", "crates/testkit"];

const FOREIGN: &[&str] =
    &["hyper", "axum", "std::fs", "std::env", "std::net", "tokio::net", "tokio::fs", "SystemTime", "Instant"];

/// The folders of the service crates: those that depend on the router and are not part of the platform.
fn services(files: &[File]) -> Vec<&str> {
    files
        .iter()
        .filter_map(|file| {
            let folder = file.path.strip_suffix("/Cargo.toml")?;
            let manifest = file.text.parse::<toml::Table>().ok()?;
            let uses_router = manifest.get("dependencies")?.get("mesh-router").is_some();
            (uses_router && folder.starts_with("crates/") && !PLATFORM.contains(&folder)).then_some(folder)
        })
        .collect()
}

pub(super) fn services_keep_to_the_router(files: &[File]) -> Vec<Finding> {
    let services = services(files);
    let mut findings = Vec::new();
    for file in files {
        let Some(folder) = services
            .iter()
            .find(|folder| file.path.strip_prefix(**folder).is_some_and(|rest| rest.starts_with('/')))
        else {
            continue;
        };
        if file.extension() != "rs" && file.path != format!("{folder}/Cargo.toml") {
            continue;
        }
        for (number, line) in code(file) {
            for name in FOREIGN {
                if has_word(line, name) {
                    let what = format!(
                        "a service does not touch `{name}`; ask the context (`cx.outside()`, `tx.now()`)"
                    );
                    findings.push(Finding::new(file, number, what));
                }
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::super::{file, said};
    use super::*;

    #[test]
    fn a_service_that_touches_the_outside_is_found() {
        let manifest = "[dependencies]\nmesh-router.workspace = true\n";
        let files = [
            file("crates/queues/Cargo.toml", &format!("{manifest}hyper.workspace = true\n")),
            file(
                "crates/queues/src/driver.rs",
                "//! Instant.\nuse std::time::Instant;\nlet instantly = Instantly;\n",
            ),
            file("crates/queues-more/src/lib.rs", "use std::fs;\n"),
            file("crates/edge/Cargo.toml", manifest),
            file("crates/edge/src/lib.rs", "use hyper::server;\n"),
            file("crates/store/Cargo.toml", "[dependencies]\n"),
            file("crates/store/src/lib.rs", "use std::fs;\n"),
        ];
        assert_eq!(
            said(&services_keep_to_the_router(&files)),
            [
                "crates/queues/Cargo.toml:3: a service does not touch `hyper`; ask the context (`cx.outside()`, `tx.now()`)",
                "crates/queues/src/driver.rs:2: a service does not touch `Instant`; ask the context (`cx.outside()`, `tx.now()`)",
            ]
        );
    }
}
