//! Measures the server beside a bare HTTP server that reads the same requests and answers as many bytes, in one run, in
//! turns. What counts is the server's CPU time per request, the bare server's divided by ours: on a noisy machine it
//! hardly moves, requests per second do.
//!
//! | name | what is measured | bar |
//! |---|---|---|
//! | a scenario of `mesh-bench scenarios` | echo's CPU time per request, divided by ours | its own |
//! | `startup` | from exec to the ready line and an open port; the binary's size | 20 ms, 40 MiB |
//! | `idle` | resident memory and CPU time, empty and with 300 queues and 12 long polls | 15 MiB, 0 |
//! | `memory` | bytes a message and an item of 1 KB and of 100 bytes take | twice its JSON, 600 |
//! | `deep` | CPU time per request at a million rows, times that at ten thousand | 1.5 |
//! | `groups` | CPU time of a FIFO queue's requests with 100,000 groups, times that with 100 | 1.5 |
//! | `filtered` | CPU time of a publish to 100 subscriptions that turn it away, and of that a subscription's | - |
//! | `fork` | fork, snapshot and reset of a million rows, the call's round trip | 1 ms |
//! | `forks` | memory of a fork, of 1,000 of a million rows: that nobody wrote to, and with one row changed | 16 KiB, 64 KiB |
//! | `writers` | fork and reset of 10,000 queues under 16 writers, as the server took it; the writers' pause | 1 ms |
//! | `warm` | a warm Python and Node function through a REST API, p50 over the same handler's bare runtime loop | 1 ms |
//! | `cold` | the first invocation of a fresh function, p50 over the start of the interpreter alone | 60 ms |
//! | `started` | from SendMessage to a warm function's start by a mapping, p50 over a pipe's ping-pong; by a topic | 1 ms, - |
//! | `queues` | two busy queues on two threads in process, times one | 1.7 |
//! | `loading` | from exec to ready with a million rows on disk, after an orderly end | 1 s |
//! | `strict` | the lesser of memory's rate and 64 a sync, divided by strict's rate, 64 clients | 1.67 |
//!
//! `--quick` takes fewer and shorter rounds and a tenth of the rows of `deep`, `groups`, `fork`, `forks` and `loading`; every figure names what it
//! was taken from, and 10,000 queues stay 10,000.

mod depth;
mod disk;
mod figure;
mod filtered;
mod forks;
pub(crate) mod function;
mod parallel;
mod rest;
pub(crate) mod server;
mod tool;

use crate::ci::target_directory;
use crate::project;
use anyhow::{Context, Result, bail};
use clap::Args;
use figure::{Figure, Row, Verdict};
use serde::Deserialize;
use server::Server;
use std::path::PathBuf;
use std::process::Command;
use tool::{Loaded, Request, Tool};

/// What to measure, and how thoroughly.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Fewer and shorter rounds, and fewer rows: enough to see a mistake, not enough to believe a figure.
    #[arg(long)]
    quick: bool,
    /// Measure a bare server in the place of ours: every ratio has to come out at about 1, or the measuring is wrong.
    #[arg(long)]
    bare: bool,
    /// Only these: names of scenarios, or `startup`, `idle`, `memory`, `deep`, `groups`, `filtered`, `fork`, `forks`, `writers`, `warm`, `cold`,
    /// `started`, `queues`, `loading`, `strict`. Everything if none is named.
    names: Vec<String>,
}

/// How thoroughly.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan {
    rounds: usize,
    seconds: f64,
    connections: usize,
    starts: usize,
    deep_rows: usize,
    groups: usize,
    memory_rows: usize,
    invocations: usize,
    cold_starts: usize,
    sends: usize,
}

const THOROUGH: Plan = Plan {
    rounds: 5,
    seconds: 2.0,
    connections: 32,
    starts: 20,
    deep_rows: 1_000_000,
    groups: 100_000,
    memory_rows: 200_000,
    invocations: 300,
    cold_starts: 20,
    sends: 200_000,
};
const QUICK: Plan = Plan {
    rounds: 3,
    seconds: 0.7,
    connections: 32,
    starts: 5,
    deep_rows: 100_000,
    groups: 10_000,
    memory_rows: 50_000,
    invocations: 50,
    cold_starts: 5,
    sends: 50_000,
};

/// A scenario as `mesh-bench scenarios` lists it.
#[derive(Debug, Deserialize)]
struct Scenario {
    name: String,
    bar: f64,
}

/// The other things that are measured.
const OTHERS: [&str; 15] = [
    "startup", "idle", "memory", "deep", "groups", "filtered", "fork", "forks", "writers", "warm", "cold",
    "started", "queues", "loading", "strict",
];

/// The binaries.
pub(crate) struct Binaries {
    ours: PathBuf,
    tool: Tool,
    parallel: Tool,
}

/// Builds, measures, prints, keeps the figures in target/bench/latest.json, and fails if a bar was missed.
pub(crate) fn run(options: &Options) -> Result<()> {
    let plan = if options.quick { QUICK } else { THOROUGH };
    // What measures knows the scenarios, and is built of less, so a wrong name is told before the longest build.
    let release = target_directory()?.join("release");
    build("mesh-bench")?;
    let tool = Tool::new(release.join("mesh-bench"));
    let scenarios: Vec<Scenario> = serde_json::from_value(tool.call(&["scenarios"])?)?;
    check_names(&options.names, &scenarios)?;
    if !options.bare {
        build("mesh-local")?;
    }
    let parallel = Tool::new(release.join("mesh-parallel"));
    let binaries = Binaries { ours: release.join("mesh-local"), tool, parallel };
    let wanted = |name: &str| options.names.is_empty() || options.names.iter().any(|wanted| wanted == name);

    let mut rows = Vec::new();
    let measured: Vec<&Scenario> = scenarios.iter().filter(|scenario| wanted(&scenario.name)).collect();
    if !measured.is_empty() {
        println!("{}", Row::head());
    }
    for scenario in measured {
        let row = compare(&binaries, scenario, plan, options.bare);
        println!("{row}");
        rows.push(row);
    }
    let mut figures = Vec::new();
    if !options.bare {
        type Measure = fn(&Binaries, Plan) -> Result<Vec<Figure>>;
        let others: [Measure; 15] = [
            rest::startup,
            rest::idle,
            rest::memory,
            depth::deep,
            depth::groups,
            filtered::filtered,
            rest::fork,
            forks::forks,
            parallel::writers,
            function::warm,
            function::cold,
            function::started,
            parallel::queues,
            disk::loading,
            disk::strict,
        ];
        for (name, measure) in OTHERS.into_iter().zip(others).filter(|(name, _)| wanted(name)) {
            for figure in
                measure(&binaries, plan).unwrap_or_else(|error| vec![Figure::not_measured(name, &error)])
            {
                println!("{figure}");
                figures.push(figure);
            }
        }
    }
    keep(&rows, &figures, options)?;
    let verdicts = rows.iter().map(|row| &row.verdict).chain(figures.iter().map(|figure| &figure.verdict));
    let missed = verdicts.filter(|verdict| **verdict == Verdict::Missed).count();
    if missed > 0 {
        bail!("bench: {missed} bars missed");
    }
    Ok(())
}

fn check_names(names: &[String], scenarios: &[Scenario]) -> Result<()> {
    for name in names {
        if !OTHERS.contains(&name.as_str()) && !scenarios.iter().any(|scenario| scenario.name == *name) {
            let known: Vec<&str> =
                scenarios.iter().map(|scenario| scenario.name.as_str()).chain(OTHERS).collect();
            bail!("nothing called {name} is measured; there are {}", known.join(", "));
        }
    }
    Ok(())
}

fn build(package: &str) -> Result<()> {
    let status = Command::new("cargo")
        .args(["build", "--release", "--package", package])
        .current_dir(project::root())
        .status()
        .context("cannot run cargo")?;
    if !status.success() {
        bail!("the release build of {package} failed");
    }
    Ok(())
}

/// Measures one scenario on both servers, in turns.
fn compare(binaries: &Binaries, scenario: &Scenario, plan: Plan, bare: bool) -> Row {
    rounds(binaries, scenario, plan, bare)
        .unwrap_or_else(|error| Row::not_measured(&scenario.name, scenario.bar, &error))
}

/// How many bytes the bare server answers where it stands in for ours.
const STAND_IN: u64 = 350;

fn rounds(binaries: &Binaries, scenario: &Scenario, plan: Plan, bare: bool) -> Result<Row> {
    let tool = &binaries.tool;
    let request = |run: String| {
        Request::of(&scenario.name, run)
            .option("seconds", plan.seconds)
            .option("connections", plan.connections)
    };
    let ours = if bare { Server::bare(tool, STAND_IN)? } else { Server::ours(&binaries.ours)? };
    let stand_in = Loaded::answering(STAND_IN);
    let on_ours = |request: Request| tool.load(&ours, &if bare { request.like(&stand_in) } else { request });

    // A first, short load tells how long our answers are.
    let probe = on_ours(request("probe".to_owned()).option("seconds", 0.2))?;
    let echo = Server::bare(tool, probe.answer_bytes)?;
    let (mut of_echo, mut of_ours) = (Vec::new(), Vec::new());
    for round in 0..plan.rounds {
        let run = format!("round-{round}");
        // Whoever begins changes, so that a machine that grows slower or faster favours neither.
        if round % 2 == 0 {
            of_echo.push(tool.load(&echo, &request(run.clone()).like(&probe))?);
            of_ours.push(on_ours(request(run))?);
        } else {
            of_ours.push(on_ours(request(run.clone()))?);
            of_echo.push(tool.load(&echo, &request(run).like(&probe))?);
        }
    }
    Ok(Row::of(&scenario.name, scenario.bar, &of_echo, &of_ours))
}

/// Writes what was measured to target/bench/latest.json.
fn keep(rows: &[Row], figures: &[Figure], options: &Options) -> Result<()> {
    let folder = target_directory()?.join("bench");
    std::fs::create_dir_all(&folder)?;
    let all = serde_json::json!({ "quick": options.quick, "bare": options.bare, "scenarios": rows, "figures": figures });
    std::fs::write(folder.join("latest.json"), serde_json::to_string_pretty(&all)? + "\n")?;
    println!("kept in target/bench/latest.json");
    Ok(())
}
