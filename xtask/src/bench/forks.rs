//! What very many forks of very many rows cost in memory: what they change, and no more.

use super::figure::Figure;
use super::server::Server;
use super::tool::Request;
use super::{Binaries, Plan};
use crate::client::Client;
use anyhow::Result;
use serde_json::json;

/// How many forks: one for each test of a large suite.
const FORKS: usize = 1_000;

/// KiB that a fork may take which nobody has written to. It has a clock, deadlines, signals, a record.
const UNTOUCHED: f64 = 16.0;

/// KiB that a fork may take in which one row was changed. The way to a row, in the table and in its index, is copied: that
/// grows with the logarithm of the rows. A copy of a million rows would take some hundred thousand.
const CHANGED: f64 = 64.0;

/// Forks of a table of very many rows: made, then each changed in one row.
pub(super) fn forks(binaries: &Binaries, plan: Plan) -> Result<Vec<Figure>> {
    let (tool, server) = (&binaries.tool, Server::ours(&binaries.ours)?);
    let rows = Request::of("ddb-get", "forks").option("depth", plan.deep_rows).option("payload", 100);
    let resident = || -> Result<f64> { Ok(tool.watch(&server, 0.0)?.resident as f64 / 1024.0) };
    let empty = resident()?;
    tool.fill(&server, &rows)?;
    let mut client = Client::connect(&server.target())?;
    let before = resident()?;
    for fork in 0..FORKS {
        client.control("/universes", &json!({ "from": "default", "name": format!("fork-{fork}") }))?;
    }
    let forked = resident()?;
    for fork in 0..FORKS {
        client.enter(&format!("fork-{fork}"));
        // A row far from that of the fork before.
        let row = fork * (plan.deep_rows / FORKS);
        let item = json!({ "pk": { "S": format!("row-{row}") }, "changed": { "N": fork.to_string() } });
        client.call("DynamoDB_20120810.PutItem", &json!({ "TableName": "bench-forks", "Item": item }))?;
    }
    let changed = resident()?;
    let each = |from: f64, to: f64| (to - from).max(0.0) / FORKS as f64;
    let what = |what: &str| format!("forks: {what}, {FORKS} forks of {} rows", plan.deep_rows);
    Ok(vec![
        Figure::told(what("all rows"), (before - empty) / 1024.0, "MiB"),
        Figure::below(what("a fork that nobody wrote to"), each(before, forked), "KiB", UNTOUCHED),
        Figure::below(what("a fork with one row changed"), each(before, changed), "KiB", CHANGED),
    ])
}
