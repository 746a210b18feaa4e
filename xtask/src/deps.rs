//! Who may depend on whom. The graph of the workspace's own packages is committed as `docs/dependencies.txt`, so that a
//! new edge is seen in the change that draws it.

use crate::project;
use anyhow::{Context, Result, bail};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::process::Command;

const COMMITTED: &str = "docs/dependencies.txt";

/// What each package below the services may depend on.
const FOUNDATION: &[(&str, &[&str])] = &[
    ("mesh-types", &[]),
    ("mesh-clock", &["mesh-types"]),
    ("mesh-wire", &["mesh-types"]),
    // Waits and deadlines of a partition are on the universe's clock.
    ("mesh-store", &["mesh-types", "mesh-clock"]),
    // An item is the same value on the wire and as a row.
    ("mesh-attributes", &["mesh-wire", "mesh-store"]),
    ("mesh-patterns", &[]),
    ("mesh-models", &["mesh-types", "mesh-wire", "mesh-attributes"]),
    ("mesh-router", &["mesh-types", "mesh-clock", "mesh-wire", "mesh-store"]),
    ("mesh-edge", &["mesh-types", "mesh-clock", "mesh-wire", "mesh-store", "mesh-router"]),
    (
        "mesh-testkit",
        &["mesh-types", "mesh-clock", "mesh-wire", "mesh-store", "mesh-models", "mesh-router", "mesh-edge"],
    ),
];

/// What a service may depend on.
const SERVICE: &[&str] = &[
    "mesh-types",
    "mesh-clock",
    "mesh-wire",
    "mesh-attributes",
    "mesh-patterns",
    "mesh-store",
    "mesh-models",
    "mesh-router",
];

/// What may depend on anything, because nothing depends on it.
const FREE: &[&str] = &["mesh-tests", "mesh-bench", "xtask"];

/// What tests may use beyond that: Lambda's start processes, whose Runtime API the edge listens for; those of the
/// router and the edge need some operation to call; what a service delivers to others is seen there.
const TESTS: &[(&str, &str)] = &[
    ("mesh-lambda-runtime", "mesh-edge"),
    // ... and event source mappings want a queue that holds messages
    ("mesh-lambda-runtime", "mesh-queues"),
    ("mesh-router", "mesh-models"),
    // ... and the values of items, which the models take from there
    ("mesh-router", "mesh-attributes"),
    ("mesh-edge", "mesh-models"),
    // What a topic sends arrives in queues.
    ("mesh-topics", "mesh-queues"),
];

const BINARY: &str = "mesh-local";
/// Names every service, so that neither the binary nor anybody else has to.
const EMBED: &str = "mesh-local-embed";
const TESTKIT: &str = "mesh-testkit";

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    dependencies: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    name: String,
    /// Nothing for an ordinary dependency, else `dev` or `build`.
    kind: Option<String>,
    /// Where it is, if it is one of the workspace's own.
    path: Option<String>,
}

/// One package's own edges.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
struct Edges {
    uses: BTreeSet<String>,
    tests_use: BTreeSet<String>,
}

type Graph = BTreeMap<String, Edges>;

/// Checks the graph against the rules and the committed text, or rewrites the text.
pub(crate) fn run(write: bool) -> Result<()> {
    let graph = graph()?;
    if write {
        // the graph as it is: what is wrong with it is said below, and stays wrong
        project::settle(COMMITTED, &text(&graph), true, "")?;
    }
    let broken = broken(&graph);
    for sentence in &broken {
        println!("{sentence}");
    }
    if !broken.is_empty() {
        bail!("deps: {} edges that the design does not have", broken.len());
    }
    project::settle(COMMITTED, &text(&graph), false, "cargo xtask deps --write")?;
    println!("deps: {} packages, every edge allowed", graph.len());
    Ok(())
}

fn graph() -> Result<Graph> {
    let output = Command::new("cargo")
        .args(["metadata", "--format-version", "1", "--no-deps"])
        .current_dir(project::root())
        .output()
        .context("cannot run cargo metadata")?;
    if !output.status.success() {
        bail!("cargo metadata: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(edges(serde_json::from_slice(&output.stdout)?))
}

fn edges(metadata: Metadata) -> Graph {
    let mut graph = Graph::new();
    for package in metadata.packages {
        let edges = graph.entry(package.name).or_default();
        for dependency in package.dependencies.into_iter().filter(|dependency| dependency.path.is_some()) {
            let set = if dependency.kind.as_deref() == Some("dev") {
                &mut edges.tests_use
            } else {
                &mut edges.uses
            };
            set.insert(dependency.name);
        }
    }
    graph
}

/// The edges that the design does not have, a sentence each.
fn broken(graph: &Graph) -> Vec<String> {
    let mut sentences = Vec::new();
    for (package, edges) in graph {
        if FREE.contains(&package.as_str()) {
            continue;
        }
        for used in &edges.uses {
            if !may_use(package, used) {
                sentences.push(format!("{package} must not depend on {used}"));
            }
        }
        for used in &edges.tests_use {
            if used != TESTKIT && !tests_may_use(package, used) && !may_use(package, used) {
                sentences.push(format!("the tests of {package} must not depend on {used}"));
            }
        }
    }
    sentences
}

fn tests_may_use(package: &str, used: &str) -> bool {
    // in virtual time the binary's tests have the services that need nothing outside
    TESTS.contains(&(package, used)) || package == BINARY && is_service(used)
}

fn may_use(package: &str, used: &str) -> bool {
    if used == TESTKIT || FREE.contains(&used) || used == BINARY {
        return false;
    }
    if package == BINARY {
        return !is_service(used);
    }
    if used == EMBED {
        return false;
    }
    if package == EMBED {
        return true;
    }
    let allowed =
        FOUNDATION.iter().find(|(name, _)| *name == package).map_or(SERVICE, |(_, allowed)| allowed);
    allowed.contains(&used)
}

/// Whether a package is a service: what is neither below them nor above.
fn is_service(package: &str) -> bool {
    package != EMBED && !FOUNDATION.iter().any(|(name, _)| *name == package)
}

fn text(graph: &Graph) -> String {
    let list = |set: &BTreeSet<String>| set.iter().map(String::as_str).collect::<Vec<_>>().join(" ");
    let mut text = String::from(
        "# Generated by `cargo xtask deps --write`: which package of the workspace depends on which.\n\
         # `(tests)` are its dev-dependencies.\n\n",
    );
    for (package, edges) in graph {
        let _ = writeln!(text, "{}", format!("{package} -> {}", list(&edges.uses)).trim_end());
        if !edges.tests_use.is_empty() {
            let _ = writeln!(text, "{package} (tests) -> {}", list(&edges.tests_use));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn graph_of(edges: &[(&str, &[&str], &[&str])]) -> Graph {
        let set = |names: &[&str]| names.iter().map(ToString::to_string).collect();
        edges
            .iter()
            .map(|(package, uses, tests_use)| {
                (package.to_string(), Edges { uses: set(uses), tests_use: set(tests_use) })
            })
            .collect()
    }

    #[test]
    fn the_designs_own_edges_are_allowed() {
        let graph = graph_of(&[
            ("mesh-types", &[], &[]),
            ("mesh-clock", &["mesh-types"], &[]),
            ("mesh-models", &["mesh-wire"], &[]),
            (
                "mesh-queues",
                &["mesh-models", "mesh-router", "mesh-store", "mesh-types", "mesh-wire"],
                &["mesh-testkit"],
            ),
            ("mesh-edge", &["mesh-router"], &[]),
            ("mesh-local-embed", &["mesh-edge", "mesh-queues"], &["mesh-testkit"]),
            ("mesh-local", &["mesh-edge", "mesh-local-embed"], &["mesh-queues", "mesh-testkit"]),
            ("mesh-tests", &["mesh-local"], &[]),
        ]);
        assert_eq!(broken(&graph), Vec::<String>::new());
    }

    #[test]
    fn edges_that_the_design_does_not_have_are_found() {
        for (package, uses, tests_use, said) in [
            ("mesh-queues", "mesh-kv-store", "", "mesh-queues must not depend on mesh-kv-store"),
            ("mesh-queues", "mesh-edge", "", "mesh-queues must not depend on mesh-edge"),
            ("mesh-queues", "mesh-testkit", "", "mesh-queues must not depend on mesh-testkit"),
            ("mesh-queues", "", "mesh-kv-store", "the tests of mesh-queues must not depend on mesh-kv-store"),
            ("mesh-types", "mesh-clock", "", "mesh-types must not depend on mesh-clock"),
            ("mesh-models", "mesh-router", "", "mesh-models must not depend on mesh-router"),
            ("mesh-router", "mesh-models", "", "mesh-router must not depend on mesh-models"),
            ("mesh-edge", "mesh-queues", "", "mesh-edge must not depend on mesh-queues"),
            ("mesh-local", "mesh-testkit", "", "mesh-local must not depend on mesh-testkit"),
            ("mesh-local", "mesh-queues", "", "mesh-local must not depend on mesh-queues"),
            ("mesh-queues", "mesh-local-embed", "", "mesh-queues must not depend on mesh-local-embed"),
            ("mesh-local-embed", "mesh-local", "", "mesh-local-embed must not depend on mesh-local"),
            ("mesh-testkit", "mesh-queues", "", "mesh-testkit must not depend on mesh-queues"),
        ] {
            let uses: Vec<&str> = uses.split_whitespace().collect();
            let tests_use: Vec<&str> = tests_use.split_whitespace().collect();
            assert_eq!(broken(&graph_of(&[(package, &uses, &tests_use)])), [said]);
        }
    }

    #[test]
    fn only_the_workspaces_own_packages_are_in_the_graph() {
        let metadata = serde_json::from_str(
            r#"{"packages": [{"name": "mesh-clock", "dependencies": [
                {"name": "tokio", "kind": null},
                {"name": "mesh-types", "kind": null, "path": "/x"},
                {"name": "mesh-testkit", "kind": "dev", "path": "/y"}]}]}"#,
        )
        .expect("metadata");
        let graph = edges(metadata);
        assert_eq!(graph, graph_of(&[("mesh-clock", &["mesh-types"], &["mesh-testkit"])]));
        assert!(text(&graph).ends_with("\nmesh-clock -> mesh-types\nmesh-clock (tests) -> mesh-testkit\n"));
    }
}
