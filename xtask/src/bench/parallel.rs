//! What happens side by side: cuts under writers, and two busy queues.

use super::figure::{Figure, median};
use super::server::Server;
use super::{Binaries, Plan};
use anyhow::{Context, Result};
use serde::Deserialize;
use serde_json::Value;

/// How many queues there are when they are cut, and how many writers write.
const QUEUES: usize = 10_000;
const WRITERS: usize = 16;

/// Forks and resets of ten thousand queues under writers.
pub(super) fn writers(binaries: &Binaries, _: Plan) -> Result<Vec<Figure>> {
    let server = Server::ours(&binaries.ours)?;
    let (target, queues, writers) = (server.target(), QUEUES.to_string(), WRITERS.to_string());
    let told: Value =
        binaries.tool.call(&["writers", "--target", &target, "--queues", &queues, "--writers", &writers])?;
    let milliseconds = |cut: &str, what: &str, which: &str| {
        let figure = told[cut][what][which].as_f64();
        figure.map(|us| us / 1000.0).with_context(|| format!("mesh-bench told no {what} of {cut}"))
    };
    let mut figures = Vec::new();
    for cut in ["fork", "reset"] {
        let what = |what: &str| format!("writers: {cut} of {QUEUES} queues under {WRITERS} writers, {what}");
        figures.extend([
            Figure::below(
                what("as the server took it, p50"),
                milliseconds(cut, "server", "p50_us")?,
                "ms",
                1.0,
            ),
            Figure::told(what("the slowest"), milliseconds(cut, "server", "most_us")?, "ms"),
            Figure::told(
                what("the call's round trip, p50"),
                milliseconds(cut, "round_trip", "p50_us")?,
                "ms",
            ),
            Figure::told(what("the writers' pause, p50"), milliseconds(cut, "pause", "p50_us")?, "ms"),
            Figure::told(what("the writers' longest pause"), milliseconds(cut, "pause", "most_us")?, "ms"),
        ]);
    }
    figures.push(Figure::told(
        "writers: their pause when nothing is cut, p50",
        milliseconds("quiet", "pause", "p50_us")?,
        "ms",
    ));
    figures.push(Figure::told(
        "writers: their longest pause when nothing is cut",
        milliseconds("quiet", "pause", "most_us")?,
        "ms",
    ));
    Ok(figures)
}

#[derive(Deserialize)]
struct Queues {
    rounds: Vec<Round>,
}

#[derive(Deserialize)]
struct Round {
    one: f64,
    times: f64,
    wall_times: f64,
}

/// Two busy queues on two threads beside one, in process.
pub(super) fn queues(binaries: &Binaries, plan: Plan) -> Result<Vec<Figure>> {
    let told: Queues = binaries.parallel.call(&["--sends", &plan.sends.to_string()])?;
    let middle = |of: fn(&Round) -> f64| median(&told.rounds.iter().map(of).collect::<Vec<_>>());
    Ok(vec![
        Figure::at_least("queues: two busy ones, times one", middle(|round| round.times), "times", 1.7),
        Figure::told(
            "queues: the same by the wall's clock, other processes included",
            middle(|round| round.wall_times),
            "times",
        ),
        Figure::told("queues: one", middle(|round| round.one), "sends per second"),
    ])
}
