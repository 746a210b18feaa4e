//! What a subscription costs a publish that its filter policy turns away.

use super::figure::{Figure, median};
use super::server::Server;
use super::tool::Request;
use super::{Binaries, Plan};
use anyhow::{Context, Result};

/// How many subscriptions the topic has.
const SUBSCRIPTIONS: usize = 100;

/// The CPU time of a publish to many subscriptions that all turn it away, and to none, in turns.
pub(super) fn filtered(binaries: &Binaries, plan: Plan) -> Result<Vec<Figure>> {
    let server = Server::ours(&binaries.ours)?;
    let cost = |subscriptions: usize, round: usize| {
        let request = Request::of("sns-publish-filtered", format!("filtered-{subscriptions}-{round}"))
            .option("depth", subscriptions)
            .option("seconds", plan.seconds)
            .option("connections", plan.connections);
        binaries.tool.load(&server, &request)?.cpu_us_per_request.context("no CPU time was read")
    };
    let (mut none, mut many, mut each) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..plan.rounds {
        let (of_none, of_many) = (cost(0, round)?, cost(SUBSCRIPTIONS, round)?);
        none.push(of_none);
        many.push(of_many);
        each.push((of_many - of_none) / SUBSCRIPTIONS as f64);
    }
    let told = |what: String, values: &[f64]| Figure::told(what, median(values), "us");
    Ok(vec![
        told("filtered: CPU of a publish without subscriptions".to_owned(), &none),
        told(format!("filtered: CPU of a publish to {SUBSCRIPTIONS} that turn it away"), &many),
        told("filtered: of that, a subscription".to_owned(), &each),
    ])
}
