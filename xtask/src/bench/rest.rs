//! What is measured without a load: starting, doing nothing, the memory of rows, forks.

use super::figure::{Figure, median};
use super::server::{Server, first_line};
use super::tool::Request;
use super::{Binaries, Plan};
use anyhow::{Context, Result};
use serde_json::Value;
use std::process::Stdio;

const MEBIBYTE: f64 = 1024.0 * 1024.0;
/// Seconds that an idle server is watched.
const IDLE: f64 = 5.0;

/// From exec to the ready line and an open port, and how large the binary is.
pub(super) fn startup(binaries: &Binaries, plan: Plan) -> Result<Vec<Figure>> {
    let mut took = Vec::new();
    for _ in 0..plan.starts {
        took.push(Server::ours(&binaries.ours)?.started.as_secs_f64() * 1000.0);
    }
    let size = std::fs::metadata(&binaries.ours)?.len() as f64 / MEBIBYTE;
    Ok(vec![
        Figure::below(
            format!("startup: ready after exec, median of {}", plan.starts),
            median(&took),
            "ms",
            20.0,
        ),
        Figure::told("startup: the slowest", took.iter().copied().fold(0.0, f64::max), "ms"),
        Figure::below("startup: the binary", size, "MiB", 40.0),
    ])
}

/// Memory and CPU time of a server that has nothing to do: empty, and with queues and long polls.
pub(super) fn idle(binaries: &Binaries, _: Plan) -> Result<Vec<Figure>> {
    let (tool, server) = (&binaries.tool, Server::ours(&binaries.ours)?);
    let empty = tool.watch(&server, IDLE)?;
    let mut figures = vec![
        Figure::below("idle: resident when empty", empty.resident as f64 / MEBIBYTE, "MiB", 15.0),
        cpu("idle: CPU when empty", empty.cpu_ns),
    ];
    let mut waiting = tool
        .command()
        .args(["idle", "--target", &server.target()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let output = waiting.stdout.take().context("no output")?;
    let watched = first_line(output).and_then(|_| {
        // The polls are on their way when the line comes; the first second is theirs.
        tool.watch(&server, 1.0)?;
        tool.watch(&server, IDLE)
    });
    // It ends by itself when its input is closed, and by this at the latest.
    let _ = waiting.kill();
    let _ = waiting.wait();
    match watched {
        Ok(watched) => figures.extend([
            Figure::below(
                "idle: resident with 300 queues and 12 long polls",
                watched.resident as f64 / MEBIBYTE,
                "MiB",
                15.0,
            ),
            cpu("idle: CPU with 300 queues and 12 long polls", watched.cpu_ns),
        ]),
        Err(error) => figures.push(Figure::not_measured("idle: 300 queues and 12 long polls", &error)),
    }
    Ok(figures)
}

/// CPU 0 means: less than a thousandth of a core, which leaves the kernel's own doings some room.
fn cpu(what: &str, nanoseconds: u64) -> Figure {
    Figure::below(what, nanoseconds as f64 / 1e6 / IDLE, "ms per second", 1.0)
}

/// How much memory a message and an item take.
pub(super) fn memory(binaries: &Binaries, plan: Plan) -> Result<Vec<Figure>> {
    let mut figures = Vec::new();
    // The JSON of a message in a receive's answer, and of an item in a get's, is about 350 and 130 bytes over its payload.
    for (scenario, payload, bar) in [
        ("sqs-receive", 1024, 2.0 * (1024.0 + 350.0)),
        ("sqs-receive", 100, 600.0),
        ("ddb-get", 1024, 2.0 * (1024.0 + 130.0)),
        ("ddb-get", 100, 600.0),
    ] {
        let what = format!("memory: a row of {scenario} with a payload of {payload}");
        figures.push(match bytes_per_row(binaries, scenario, payload, plan.memory_rows) {
            Ok(bytes) => Figure::below(what, bytes, "bytes", bar),
            Err(error) => Figure::not_measured(&what, &error),
        });
    }
    Ok(figures)
}

fn bytes_per_row(binaries: &Binaries, scenario: &str, payload: usize, rows: usize) -> Result<f64> {
    let (tool, server) = (&binaries.tool, Server::ours(&binaries.ours)?);
    let request =
        |run: &str, rows: usize| Request::of(scenario, run).option("depth", rows).option("payload", payload);
    // What the first rows bring along (buffers, threads) is not the rows' own.
    tool.fill(&server, &request("first", 1000))?;
    let before = tool.watch(&server, 0.0)?.resident;
    tool.fill(&server, &request("rows", rows))?;
    let after = tool.watch(&server, 0.0)?.resident;
    Ok(after.saturating_sub(before) as f64 / rows as f64)
}

/// A request of the control plane whose time is measured. `{n}` in the body becomes the request's number.
struct Control {
    what: &'static str,
    path: &'static str,
    body: &'static str,
}

/// What has to take less than a millisecond, whatever there is. Reset comes last: it ends what the others need.
const CONTROLS: [Control; 3] = [
    Control { what: "fork", path: "/_mesh/universes", body: r#"{"from": "default", "name": "bench-{n}"}"# },
    Control { what: "snapshot", path: "/_mesh/universes/default/snapshot", body: r#"{"name": "bench-{n}"}"# },
    Control { what: "reset", path: "/_mesh/universes/default/reset", body: "{}" },
];

/// Forks, snapshots and resets of one queue with very many messages.
pub(super) fn fork(binaries: &Binaries, plan: Plan) -> Result<Vec<Figure>> {
    let (tool, server) = (&binaries.tool, Server::ours(&binaries.ours)?);
    tool.fill(
        &server,
        &Request::of("sqs-receive", "fork").option("depth", plan.deep_rows).option("payload", 100),
    )?;
    let target = server.target();
    Ok(CONTROLS
        .iter()
        .map(|control| {
            let what = format!("fork: {} of {} rows", control.what, plan.deep_rows);
            let arguments = [
                "time",
                "--target",
                &target,
                "--path",
                control.path,
                "--body",
                control.body,
                "--count",
                "20",
            ];
            let took = tool
                .call::<Value>(&arguments)
                .and_then(|took| took["p50_us"].as_f64().context("mesh-bench told no time"));
            match took {
                Ok(microseconds) => Figure::below(what, microseconds / 1000.0, "ms", 1.0),
                Err(error) => Figure::not_measured(&what, &error),
            }
        })
        .collect())
}
