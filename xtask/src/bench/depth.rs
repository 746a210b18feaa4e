//! That a request costs the same however much there is.

use super::figure::{Figure, median};
use super::server::Server;
use super::tool::Request;
use super::{Binaries, Plan};
use anyhow::{Context, Result};

/// How many rows the shallow one has.
const SHALLOW: usize = 10_000;
/// How much more a request may cost on the deep one.
const BAR: f64 = 1.5;
/// The scenarios that are measured at both depths. Queries have theirs to add here.
const SCENARIOS: [&str; 2] = ["sqs-receive", "ddb-get"];
/// How many turns a load takes: fewer than the shallow one has rows, so that a receive never comes back empty.
const TURNS: usize = 8_000;
const ROUNDS: usize = 3;

/// The CPU time per request on many rows, divided by that on few.
pub(super) fn deep(binaries: &Binaries, plan: Plan) -> Result<Vec<Figure>> {
    let deep = plan.deep_rows;
    Ok(SCENARIOS
        .iter()
        .map(|scenario| {
            let what = format!("deep: {scenario} on {deep} rows, times that on {SHALLOW}");
            match ratio(binaries, (scenario, SHALLOW), (scenario, deep)) {
                Ok(ratio) => Figure::below(what, ratio, "times", BAR),
                Err(error) => Figure::not_measured(&what, &error),
            }
        })
        .collect())
}

/// The CPU time per request on a FIFO queue with a group for each message, divided by that with few groups and as many
/// messages.
pub(super) fn groups(binaries: &Binaries, plan: Plan) -> Result<Vec<Figure>> {
    let groups = plan.groups;
    Ok(["receive-delete", "send"]
        .iter()
        .map(|act| {
            let what = format!("groups: sqs-fifo-{act} with {groups} groups, times that with few");
            let [few, many] = ["few", "many"].map(|number| format!("sqs-fifo-{act}-{number}"));
            match ratio(binaries, (&few, groups), (&many, groups)) {
                Ok(ratio) => Figure::below(what, ratio, "times", BAR),
                Err(error) => Figure::not_measured(&what, &error),
            }
        })
        .collect())
}

/// What the second of two scenarios on so many rows costs, divided by what the first does.
fn ratio(binaries: &Binaries, first: (&str, usize), second: (&str, usize)) -> Result<f64> {
    let mut ratios = Vec::new();
    for _ in 0..ROUNDS {
        let base = cost(binaries, first)?;
        ratios.push(cost(binaries, second)? / base);
    }
    Ok(median(&ratios))
}

/// A server of its own each time, so that neither pays for what the other left behind.
fn cost(binaries: &Binaries, (scenario, depth): (&str, usize)) -> Result<f64> {
    let server = Server::ours(&binaries.ours)?;
    let request = Request::of(scenario, "depth")
        .option("depth", depth)
        .option("payload", 100)
        .option("turns", TURNS)
        // All turns are measured, and the measurement ends with the last.
        .option("warm-up", 0)
        .option("seconds", 30)
        .option("connections", 8);
    let loaded = binaries.tool.load(&server, &request)?;
    loaded.cpu_us_per_request.context("no CPU time was read")
}
