//! Two busy queues beside one: the services in this process, without HTTP, one thread a queue. Prints one line of JSON.
//!
//! A thread's rate is its sends by the time in which it ran or waited for a lock; while it was ready to run and another
//! process had its core it was not slow. The allocator is that of `mesh-local`: queues share it.

use anyhow::{Context as _, Result, bail};
use clap::Parser;
use mesh_clock::{Mode, RealTime, Seed};
use mesh_models::sqs::{CreateQueue, CreateQueueInput, SendMessage, SendMessageInput};
use mesh_queues::Queues;
use mesh_router::{Caller, Context, ContextParts, Options, Record, Registry, Router, Service};
use mesh_store::{Cause, UniverseName, Universes};
use mesh_types::{AccountId, Region, RequestId};
use std::process::ExitCode;
use std::sync::Barrier;
use std::time::{Duration, Instant};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Measures what two busy queues do beside one.
#[derive(Parser)]
#[command(name = "mesh-parallel")]
struct Arguments {
    /// How many sends each thread makes in a round.
    #[arg(long, default_value_t = 100_000)]
    sends: u32,
    /// How many rounds of both.
    #[arg(long, default_value_t = 5)]
    rounds: u32,
}

/// What one thread came to.
struct Sent {
    /// From its first send to its last.
    wall: Duration,
    /// How long it was ready to run and had no core.
    queued: Duration,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(line) => {
            println!("{line}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<serde_json::Value> {
    let mut rounds = Vec::new();
    // The first round is warm-up.
    for round in 0..arguments.rounds + 1 {
        let one = rates(1, arguments.sends)?;
        let two = rates(2, arguments.sends)?;
        if round > 0 {
            rounds.push(serde_json::json!({
                "one": one.own, "two": two.own, "times": two.own / one.own, "wall_times": two.wall / one.wall,
            }));
        }
    }
    Ok(serde_json::json!({ "sends": arguments.sends, "rounds": rounds }))
}

/// Sends per second of all threads together: by the threads' own time, and by the clock on the wall.
struct Rates {
    own: f64,
    wall: f64,
}

/// A mesh-local of its own, so that no round pays for what another left.
fn rates(threads: usize, sends: u32) -> Result<Rates> {
    let mut registry = Registry::default();
    Queues.register(&mut registry);
    let options = Options {
        universes: Universes::new(Seed(7), Mode::Running { offset_micros: 0 }),
        interceptors: Vec::new(),
        record: Record::new(threads, None),
        endpoint: "http://localhost:4566".into(),
    };
    let router = Router::new(registry, options);
    let barrier = Barrier::new(threads);
    let sent: Vec<Sent> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..threads)
            .map(|number| {
                let (router, barrier) = (&router, &barrier);
                scope.spawn(move || send(router, barrier, number, sends))
            })
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap_or_else(|_| bail!("a thread panicked")))
            .collect::<Result<_>>()
    })?;
    let rate = |span: Duration| f64::from(sends) / span.as_secs_f64();
    Ok(Rates {
        own: sent.iter().map(|sent| rate(sent.wall.saturating_sub(sent.queued))).sum(),
        wall: sent.iter().map(|sent| rate(sent.wall)).sum(),
    })
}

/// One thread: its own runtime, its own queue.
fn send(router: &Router, barrier: &Barrier, number: usize, sends: u32) -> Result<Sent> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let name = format!("busy-{number}");
        let create = CreateQueueInput { queue_name: Some(name), ..CreateQueueInput::default() };
        let created = router.call::<CreateQueue>(&context(router)?, create).await?;
        let body = "mesh of text ".repeat(8);
        barrier.wait();
        let (began, queued) = (now(), queued()?);
        for _ in 0..sends {
            let input = SendMessageInput {
                queue_url: created.queue_url.clone(),
                message_body: Some(body.clone()),
                ..SendMessageInput::default()
            };
            router.call::<SendMessage>(&context(router)?, input).await?;
        }
        let wall = began.elapsed();
        Ok(Sent { wall, queued: self::queued()?.saturating_sub(queued) })
    })
}

/// A context of its own for each call, as each request has one.
fn context(router: &Router) -> Result<Context> {
    let universe = router.universe(&UniverseName::DEFAULT).context("the universe is gone")?;
    let request_id = RequestId::from_random(universe.draw_request_id());
    let parts = ContextParts {
        universe,
        account: AccountId::DEFAULT,
        region: Region::DEFAULT,
        caller: Caller::Anonymous,
        request_id,
        trace: None,
        cause: Cause::Request(request_id.bits()),
        arrived_at: RealTime::now(),
        endpoint: "http://localhost:4566".into(),
    };
    Ok(Context::new(router, parts))
}

/// How long this thread has been ready to run without a core: the second figure of its `schedstat`.
fn queued() -> Result<Duration> {
    let text =
        std::fs::read_to_string("/proc/thread-self/schedstat").context("the kernel tells no waiting time")?;
    let nanoseconds = text.split_whitespace().nth(1).and_then(|word| word.parse().ok());
    Ok(Duration::from_nanos(nanoseconds.context("an unreadable schedstat")?))
}

/// The machine's clock.
fn now() -> Instant {
    #[expect(clippy::disallowed_methods, reason = "this program measures real time, and reads it here only")]
    Instant::now()
}
