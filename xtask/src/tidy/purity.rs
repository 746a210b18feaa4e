//! A service reaches the outside through the router only: there the record, faults, egress rules and dormancy act, and
//! tests replace it. So no service names a socket, a file, the environment or the machine's clock.

use super::Finding;
use super::source::{code, has_word};
use crate::project::File;

/// What depends on the router and is no service.
const PLATFORM: &[&str] = &["crates/edge", "crates/testkit"];

/// The one place of a service that is platform code, where processes and directories are made for `cx.outside()`, and
/// the tests that look at what those leave behind.
const PROCESSES: &[&str] = &["crates/lambda-runtime/src/platform/", "crates/lambda-runtime/tests/"];

/// The one place with unsafe code, which the lint would forbid otherwise: there a child sets itself up.
const UNSAFE: &str = "crates/lambda-runtime/src/platform/view.rs";

/// Addresses are plain values; sockets and name lookups are not.
const FOREIGN: &[&str] = &[
    "hyper",
    "axum",
    "std::fs",
    "std::env",
    "tokio::net",
    "tokio::fs",
    "TcpListener",
    "TcpStream",
    "UdpSocket",
    "ToSocketAddrs",
    "SystemTime",
    "Instant",
];

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
        if PROCESSES.iter().any(|folder| file.path.starts_with(folder)) {
            continue;
        }
        if file.extension() != "rs" && file.path != format!("{folder}/Cargo.toml") {
            continue;
        }
        let mut touches = |number: usize, name: &str| {
            let what =
                format!("a service does not touch `{name}`; ask the context (`cx.outside()`, `tx.now()`)");
            findings.push(Finding::new(file, number, what));
        };
        for (number, line) in code(file) {
            FOREIGN.iter().filter(|name| has_word(line, name)).for_each(|name| touches(number, name));
        }
        for (number, path) in grouped_imports(file) {
            FOREIGN.iter().filter(|name| is_in(&path, name)).for_each(|name| touches(number, name));
        }
    }
    findings.sort();
    findings.dedup();
    findings
}

/// The lint against unsafe code is lifted in one file alone.
pub(super) fn unsafe_code_is_in_one_place(files: &[File]) -> Vec<Finding> {
    let elsewhere = files.iter().filter(|file| file.extension() == "rs" && file.path != UNSAFE);
    let lifts = elsewhere.flat_map(|file| code(file).map(move |(number, line)| (file, number, line)));
    // put together, so that this line is none
    let lint = concat!("(unsafe", "_code");
    lifts
        .filter(|(_, _, line)| line.contains(lint))
        .map(|(file, number, _)| Finding::new(file, number, format!("unsafe code belongs to {UNSAFE} alone")))
        .collect()
}

/// Whether a path is this module's, or of something in it.
fn is_in(path: &str, module: &str) -> bool {
    path.strip_prefix(module).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

/// What is imported in groups, path by path with its line: `use std::{fs, net::IpAddr}` as `std::fs` and
/// `std::net::IpAddr`, which no line of the file spells out.
fn grouped_imports(file: &File) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut open: Option<Import> = None;
    for (number, line) in code(file) {
        let rest = match &open {
            Some(_) => line,
            None => match import(line) {
                Some(rest) => rest,
                None => continue,
            },
        };
        let tree = open.get_or_insert_default();
        if tree.read(number, rest, &mut found) {
            open = None;
        }
    }
    found
}

/// What follows `use` on a line that begins with it.
fn import(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let line = match line.strip_prefix("pub") {
        Some(rest) => rest.trim_start_matches(|c| c != ' ').trim_start(),
        None => line,
    };
    line.strip_prefix("use ")
}

/// A `use` that is being read.
#[derive(Default)]
struct Import {
    /// What stands before each open brace.
    groups: Vec<String>,
    path: String,
}

impl Import {
    /// Reads a line, and says whether the import ends on it.
    fn read(&mut self, number: usize, line: &str, found: &mut Vec<(usize, String)>) -> bool {
        for letter in line.chars() {
            match letter {
                '{' => self.groups.push(std::mem::take(&mut self.path)),
                ',' | '}' | ';' => {
                    let path = std::mem::take(&mut self.path);
                    let name = path.split(" as ").next().unwrap_or_default().trim();
                    if !name.is_empty() && !self.groups.is_empty() {
                        let path = self.groups.concat() + name;
                        found.push((number, path.trim_end_matches("::self").to_owned()));
                    }
                    if letter == '}' {
                        self.groups.pop();
                    }
                    if letter == ';' {
                        return true;
                    }
                }
                letter if letter.is_whitespace() && self.path.is_empty() => {}
                letter => self.path.push(letter),
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::super::{file, said};
    use super::*;

    #[test]
    fn unsafe_code_elsewhere_is_found() {
        let text = concat!("#[allow(unsafe", "_code)]\nfn f() {}\n");
        let files = [file("crates/store/src/lib.rs", text), file(UNSAFE, text)];
        let found = format!("crates/store/src/lib.rs:1: unsafe code belongs to {UNSAFE} alone");
        assert_eq!(said(&unsafe_code_is_in_one_place(&files)), [found]);
    }

    #[test]
    fn what_is_imported_in_groups_is_found() {
        let files = [
            file("crates/queues/Cargo.toml", "[dependencies]\nmesh-router.workspace = true\n"),
            file(
                "crates/queues/src/lib.rs",
                "use std::{fs, fmt};\nuse std::fmt::{self, Debug};\npub(crate) use tokio::{\n    net::{\n        \
                 lookup_host as look,\n    },\n    sync,\n};\nuse std::{env::{self}, fs_extra};\n",
            ),
        ];
        let found = services_keep_to_the_router(&files);
        let places: Vec<_> = found.iter().map(|finding| (finding.line, finding.what.as_str())).collect();
        let wanted = [(1, "`std::fs`"), (5, "`tokio::net`"), (9, "`std::env`")];
        assert_eq!(places.len(), wanted.len(), "{places:?}");
        for ((line, what), (wanted_line, name)) in places.iter().zip(wanted) {
            assert!(*line == wanted_line && what.contains(name), "{line}: {what}");
        }
    }

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
