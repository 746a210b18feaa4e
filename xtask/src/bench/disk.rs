//! What the disk costs: starting with many rows, and waiting for every commit.

use super::figure::{Figure, median};
use super::server::Server;
use super::tool::Request;
use super::{Binaries, Plan};
use crate::project::{Stopwatch, scratch};
use anyhow::{Context, Result};
use std::fs::File;
use std::io::Write;
use std::path::Path;

/// Connections that wait for the disk together.
const CLIENTS: usize = 64;

/// How much of what could be had must be had.
const BAR: f64 = 0.6;

/// Syncs that are timed.
const SYNCS: usize = 200;

/// From exec to ready with very many rows to read: after an orderly end, and after a kill.
pub(super) fn loading(binaries: &Binaries, plan: Plan) -> Result<Vec<Figure>> {
    let mut figures = Vec::new();
    for scenario in ["sqs-receive", "ddb-get"] {
        let directory = scratch("loading")?;
        let start = || Server::on_disk(&binaries.ours, &directory.path, "relaxed");
        let server = start()?;
        let rows = Request::of(scenario, "loading").option("depth", plan.deep_rows).option("payload", 100);
        binaries.tool.fill(&server, &rows)?;
        server.end()?;
        let mut took = Vec::new();
        for _ in 0..3 {
            let server = start()?;
            took.push(server.started.as_secs_f64());
            server.end()?;
        }
        let what = format!("loading: ready with {} rows of {scenario}", plan.deep_rows);
        figures.push(Figure::below(what.clone(), median(&took), "s", 1.0));
        drop(start()?);
        figures.push(Figure::told(format!("{what}, after a kill"), start()?.started.as_secs_f64(), "s"));
    }
    Ok(figures)
}

/// The rate of a strict server, beside that of one in memory and what the disk could do. The load sleeps while it waits: on a
/// machine of two processors, one that does not would take half of what the thread that writes needs.
pub(super) fn strict(binaries: &Binaries, plan: Plan) -> Result<Vec<Figure>> {
    let directory = scratch("strict")?;
    let (mut of_disk, mut in_memory, mut syncs) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..plan.rounds {
        let request = Request::of("sqs-send", format!("strict-{round}"))
            .option("connections", CLIENTS)
            .option("seconds", plan.seconds)
            .sleeping();
        syncs.push(sync_time(&directory.path)?);
        let server = Server::on_disk(&binaries.ours, &directory.path, "strict")?;
        of_disk.push(binaries.tool.load(&server, &request)?.requests_per_second);
        server.end()?;
        let server = Server::ours(&binaries.ours)?;
        in_memory.push(binaries.tool.load(&server, &request)?.requests_per_second);
    }
    let (sync, memory, strict) = (median(&syncs), median(&in_memory), median(&of_disk));
    let could = memory.min(CLIENTS as f64 / sync);
    Ok(vec![
        Figure::told("strict: a sync of the disk", sync * 1e6, "us"),
        Figure::told(format!("strict: in memory, {CLIENTS} clients"), memory, "requests per second"),
        Figure::told(format!("strict: on disk, {CLIENTS} clients"), strict, "requests per second"),
        Figure::below("strict: what could be had, times what is", could / strict, "times", 1.0 / BAR),
    ])
}

/// How long the disk takes to sync a page, in seconds.
fn sync_time(directory: &Path) -> Result<f64> {
    let mut file = File::create(directory.join("sync")).context("cannot write where syncs are timed")?;
    let mut took = Vec::new();
    for _ in 0..SYNCS {
        file.write_all(&[7; 4096])?;
        let watch = Stopwatch::start();
        file.sync_data()?;
        took.push(watch.elapsed().as_secs_f64());
    }
    Ok(median(&took))
}
