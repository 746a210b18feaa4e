//! What has to be there before measuring: a scenario's resources, its rows, and receipts of its messages.

use crate::client::{self, Client};
use crate::request;
use crate::scenario::{self, Run, Scenario};
use anyhow::{Context, Result, bail};
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::task::JoinSet;

/// Makes a scenario's resources.
pub(crate) async fn set_up(scenario: &Scenario, run: &Run) -> Result<()> {
    let mut client = Client::connect(run.target).await?;
    for call in (scenario.setup)(run) {
        client.send_well(&request::bytes(run.target, &call)).await.context(call.operation())?;
    }
    Ok(())
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
