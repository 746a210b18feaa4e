//! `kill -9` under load: clients as SDKs are send messages, put items and make queues; the server is killed at a moment
//! that nobody chose; after a restart all must be there that was acknowledged, and no half of anything.
//!
//! A killed process leaves what it wrote in the page cache, so this proves nothing about syncing: the store's own tests do,
//! with a disk that forgets. It proves that the binary as a whole keeps its promise.

mod client;
mod ledger;

use crate::bench::server::Server;
use crate::ci;
use crate::project::{Stopwatch, scratch};
use anyhow::{Context, Result};
use client::Client;
use ledger::Ledger;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Clients at once, each with a queue of its own.
const CLIENTS: usize = 8;

/// Kills the server so often.
pub(crate) fn run(kills: u32) -> Result<()> {
    let binary = ci::binary()?;
    let directory = scratch("crash")?;
    let watch = Stopwatch::start();
    let mut ledgers: Vec<Ledger> = (0..CLIENTS).map(Ledger::new).collect();
    prepare(&binary, &directory.path, &ledgers)?;
    for kill in 0..kills {
        let server = Server::on_disk(&binary, &directory.path, "strict")?;
        check(&server, &mut ledgers).with_context(|| format!("after {kill} kills"))?;
        load(server, &mut ledgers, span(kill));
    }
    let server = Server::on_disk(&binary, &directory.path, "strict")?;
    check(&server, &mut ledgers).with_context(|| format!("after {kills} kills"))?;
    let acknowledged: usize = ledgers.iter().map(Ledger::acknowledged).sum();
    println!(
        "crash: {kills} kills, {acknowledged} acknowledged calls, nothing lost, nothing half done ({:.1} s)",
        watch.elapsed().as_secs_f64()
    );
    Ok(())
}

fn prepare(binary: &Path, directory: &Path, ledgers: &[Ledger]) -> Result<()> {
    let server = Server::on_disk(binary, directory, "strict")?;
    let mut client = Client::connect(&server.target())?;
    client.call("DynamoDB_20120810.CreateTable", &ledger::table())?;
    for ledger in ledgers {
        client.call("AmazonSQS.CreateQueue", &serde_json::json!({ "QueueName": ledger.queue() }))?;
    }
    Ok(())
}

/// How long the load lasts before the kill: a moment that differs from kill to kill.
fn span(kill: u32) -> Duration {
    Duration::from_millis(40 + u64::from(kill.wrapping_mul(2_654_435_761) >> 24))
}

/// Puts load on the server and kills it.
fn load(server: Server, ledgers: &mut [Ledger], span: Duration) {
    let (target, is_over) = (server.target(), AtomicBool::new(false));
    std::thread::scope(|scope| {
        for ledger in ledgers {
            let (target, is_over) = (&target, &is_over);
            scope.spawn(move || {
                // It ends with the connection: the kill breaks it.
                while !is_over.load(Ordering::Relaxed) && ledger.work(target).is_ok() {}
            });
        }
        #[expect(clippy::disallowed_methods, reason = "the kill comes at a moment, and waits for nothing")]
        std::thread::sleep(span);
        // Dropping it kills it.
        drop(server);
        is_over.store(true, Ordering::Relaxed);
    });
}

fn check(server: &Server, ledgers: &mut [Ledger]) -> Result<()> {
    let mut client = Client::connect(&server.target())?;
    for ledger in ledgers.iter_mut() {
        ledger.check(&mut client)?;
    }
    ledger::check_table(&mut client)
}
