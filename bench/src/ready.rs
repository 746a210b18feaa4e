//! What has to be there before measuring: a scenario's resources, its rows, and receipts of its messages.

use crate::client::{self, Client};
use crate::request::{self, Call, Kept};
use crate::scenario::{self, Run, Scenario};
use anyhow::{Context, Result, bail};
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::task::JoinSet;

/// Makes a scenario's resources.
pub(crate) async fn set_up(scenario: &Scenario, run: &Run) -> Result<Kept> {
    let mut client = Client::connect(run.target).await?;
    make(&mut client, run.target, (scenario.setup)(run)).await
}

/// Makes calls in order; what one keeps the next may name.
pub(crate) async fn make(client: &mut Client, target: SocketAddr, calls: Vec<Call>) -> Result<Kept> {
    let mut kept = Kept::new();
    for call in calls {
        let call = call.filled(&kept);
        let answer = client.send_well(&request::bytes(target, &call)).await.context(call.operation())?;
        for name in call.keeps() {
            let value = client::string_member(answer, name);
            let value = value.with_context(|| format!("{} answered no {name}", call.operation()))?;
            kept.push((name, value.to_owned()));
        }
    }
    Ok(kept)
}

/// What a server that answers the same to everything would have brought.
pub(crate) fn canned(scenario: &Scenario, run: &Run) -> Kept {
    let calls = (scenario.setup)(run);
    calls.iter().flat_map(Call::keeps).map(|name| (*name, "0123456789".to_owned())).collect()
}

/// Connections that bring rows side by side.
const FILLERS: usize = 16;

/// Brings a scenario's rows.
pub(crate) async fn fill(scenario: &Scenario, run: &Run) -> Result<()> {
    let Some(row) = scenario.fill else { return Ok(()) };
    let mut fillers = JoinSet::new();
    for first in 0..FILLERS {
        let run = run.clone();
        let mut client = Client::connect(run.target).await?;
        fillers.spawn(async move {
            for number in (first..run.depth).step_by(FILLERS) {
                let call = row(&run, number);
                client.send_well(&request::bytes(run.target, &call)).await.context(call.operation())?;
            }
            anyhow::Ok(())
        });
    }
    while let Some(filled) = fillers.join_next().await {
        filled.context("a filler failed")??;
    }
    Ok(())
}

/// A resource may take a moment to become active.
pub(crate) async fn wait_until_served(target: SocketAddr, request: &[u8]) -> Result<()> {
    let began = crate::now();
    let mut client = Client::connect(target).await?;
    loop {
        match client.send_well(request).await {
            Ok(_) => return Ok(()),
            Err(error) if began.elapsed() > Duration::from_secs(5) => return Err(error),
            Err(_) => {
                let _ = tokio::time::timeout(Duration::from_millis(20), std::future::pending::<()>()).await;
            }
        }
    }
}

/// Receives every message of a run's queue, and keeps the receipts.
pub(crate) async fn receipts(run: &Run) -> Result<VecDeque<String>> {
    let mut client = Client::connect(run.target).await?;
    let request = request::bytes(run.target, &scenario::receive(run, 10));
    let mut receipts = VecDeque::new();
    while receipts.len() < run.depth {
        let before = receipts.len();
        let mut answer = client.send_well(&request).await.context("ReceiveMessage")?;
        while let Some(at) = client::find(answer, b"\"ReceiptHandle\"") {
            let receipt = client::string_member(&answer[at..], "ReceiptHandle")
                .context("a receipt that is no string")?;
            receipts.push_back(receipt.to_owned());
            answer = &answer[at + 1..];
        }
        if receipts.len() == before {
            bail!("{} messages were sent, but only {before} can be received", run.depth);
        }
    }
    Ok(receipts)
}
