//! `kill -9` under load: clients as SDKs are send messages, put items, make queues and hand events to a function; the server is
//! killed at a moment that nobody chose; after a restart all must be there that was acknowledged, and no half of anything.
//! Where the server is relaxed, the last of it may be lost: then what is left is a beginning of what each client was told.
//!
//! A killed process leaves what it wrote in the page cache, so this proves nothing about syncing: the store's own tests do,
//! with a disk that forgets. It proves that the binary as a whole keeps its promise.

mod events;
mod ledger;

use crate::bench::server::Server;
use crate::ci;
use crate::client::Client;
use crate::project::{Stopwatch, scratch};
use anyhow::{Context, Result, ensure};
use clap::{Args, ValueEnum};
use events::Events;
use ledger::Ledger;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Clients at once, each with a queue of its own.
const CLIENTS: usize = 8;

/// How often a long run says how far it is.
const TOLD_EVERY: u32 = 100;

/// How often to kill what.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct Options {
    /// How often.
    #[arg(long, default_value_t = 20)]
    pub(crate) kills: u32,
    /// When the server has on disk what it acknowledges.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) durability: Durability,
}

/// When the server has on disk what it acknowledges.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum Durability {
    /// Soon: a crash may take the last of it.
    Relaxed,
    /// Before it acknowledges it.
    #[default]
    Strict,
}

impl Durability {
    /// As the server's option has it.
    fn name(self) -> &'static str {
        match self {
            Self::Relaxed => "relaxed",
            Self::Strict => "strict",
        }
    }
}

/// Kills the server so often.
pub(crate) fn run(options: Options) -> Result<()> {
    let Options { kills, durability } = options;
    let binary = ci::binary()?;
    let directory = scratch("crash")?;
    let start = || Server::on_disk(&binary, &directory.path, durability.name());
    let watch = Stopwatch::start();
    let mut ledgers: Vec<Ledger> = (0..CLIENTS).map(|client| Ledger::new(client, durability)).collect();
    let mut events = prepare(start()?, &ledgers, durability)?;
    for kill in 0..kills {
        let server = start()?;
        check(&server, &mut ledgers, &mut events).with_context(|| format!("after {kill} kills"))?;
        load(server, &mut ledgers, &mut events, span(kill));
        if (kill + 1).is_multiple_of(TOLD_EVERY) {
            println!("crash: {} kills ({:.0} s)", kill + 1, watch.elapsed().as_secs_f64());
        }
    }
    let server = start()?;
    check(&server, &mut ledgers, &mut events).with_context(|| format!("after {kills} kills"))?;
    let acknowledged: usize = ledgers.iter().map(Ledger::acknowledged).sum();
    let lost: usize = ledgers.iter().map(Ledger::lost).sum();
    ensure!(acknowledged > lost, "nothing was left of {acknowledged} acknowledged calls");
    println!(
        "crash: {kills} kills, {}, {acknowledged} acknowledged calls, {}, nothing half done; {} ({:.1} s)",
        durability.name(),
        match durability {
            Durability::Strict => "nothing lost".to_owned(),
            Durability::Relaxed => format!("{lost} lost, each client's last"),
        },
        events.summary(),
        watch.elapsed().as_secs_f64()
    );
    server.end()
}

/// Makes what the clients use, and ends the server in an orderly way: it is there whatever comes.
fn prepare(server: Server, ledgers: &[Ledger], durability: Durability) -> Result<Events> {
    let mut client = Client::connect(&server.target())?;
    client.call("DynamoDB_20120810.CreateTable", &ledger::table())?;
    for ledger in ledgers {
        client.call("AmazonSQS.CreateQueue", &serde_json::json!({ "QueueName": ledger.queue() }))?;
    }
    let events = Events::prepare(&mut client, durability)?;
    server.end()?;
    Ok(events)
}

/// How long the load lasts before the kill: a moment that differs from kill to kill.
fn span(kill: u32) -> Duration {
    Duration::from_millis(40 + u64::from(kill.wrapping_mul(2_654_435_761) >> 24))
}

/// Puts load on the server and kills it.
fn load(server: Server, ledgers: &mut [Ledger], events: &mut Events, span: Duration) {
    let (target, is_over) = (server.target(), AtomicBool::new(false));
    std::thread::scope(|scope| {
        let (target, is_over) = (&target, &is_over);
        // Each ends with its connection: the kill breaks it.
        for ledger in ledgers {
            scope.spawn(move || while !is_over.load(Ordering::Relaxed) && ledger.work(target).is_ok() {});
        }
        scope.spawn(move || events.work(target));
        #[expect(clippy::disallowed_methods, reason = "the kill comes at a moment, and waits for nothing")]
        std::thread::sleep(span);
        // Dropping it kills it.
        drop(server);
        is_over.store(true, Ordering::Relaxed);
    });
}

/// Checks what each client was told, all at once.
fn check(server: &Server, ledgers: &mut [Ledger], events: &mut Events) -> Result<()> {
    let target = server.target();
    std::thread::scope(|scope| {
        let target = &target;
        let checks: Vec<_> = ledgers
            .iter_mut()
            .map(|ledger| scope.spawn(move || ledger.check(&mut Client::connect(target)?)))
            .collect();
        checks.into_iter().try_for_each(|check| match check.join() {
            Ok(checked) => checked,
            Err(panicked) => std::panic::resume_unwind(panicked),
        })
    })?;
    let mut client = Client::connect(&target)?;
    events.check(&mut client)?;
    ledger::check_table(&mut client)
}
