//! The load: some connections, each sending the next request when the last is answered, and what that cost the server.

use crate::client::{self, Client};
use crate::process::Used;
use crate::ready;
use crate::request::{self, Call, Kept};
use crate::scenario::{self, Row, Run, Scenario, Turn};
use anyhow::{Context, Result, bail};
use clap::Args;
use serde::Serialize;
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// A load.
#[derive(Debug, Clone, Args)]
pub(crate) struct Options {
    /// The server, as `127.0.0.1:PORT`.
    #[arg(long)]
    target: SocketAddr,
    /// The scenario.
    #[arg(long)]
    scenario: String,
    /// How many connections.
    #[arg(long, default_value_t = 32)]
    connections: usize,
    /// How long to measure.
    #[arg(long, default_value_t = 2.0)]
    seconds: f64,
    /// How long to load before measuring.
    #[arg(long, default_value_t = 0.3)]
    warm_up: f64,
    /// The server's process; its CPU time is read at the beginning and the end of the measurement.
    #[arg(long)]
    server_pid: Option<u32>,
    /// A word that no other run on this server has.
    #[arg(long, default_value = "one")]
    run: String,
    /// How many rows there are before measuring; the scenario's own number if not given.
    #[arg(long)]
    depth: Option<usize>,
    /// The most turns that are taken.
    #[arg(long)]
    turns: Option<usize>,
    /// The bytes of a message's or an item's payload.
    #[arg(long, default_value_t = 1024)]
    payload: usize,
    /// The server answers the same whatever is asked: send the scenario's requests, make nothing ready.
    #[arg(long)]
    bare: bool,
    /// With `--bare`: how long a receipt in the requests is.
    #[arg(long, default_value_t = 0)]
    receipt_bytes: usize,
    /// Sleep while nothing is answered, as clients do: where a rate is measured, and the server waits for something else than
    /// a processor, it can have the one that the load has.
    #[arg(long)]
    sleeps: bool,
}

/// A request that is timed on its own.
#[derive(Debug, Args)]
pub(crate) struct TimeOptions {
    /// The server.
    #[arg(long)]
    target: SocketAddr,
    /// The request's method.
    #[arg(long, default_value = "POST")]
    method: String,
    /// The request's path.
    #[arg(long)]
    path: String,
    /// The request's body; `{n}` in it becomes the request's number.
    #[arg(long, default_value = "")]
    body: String,
    /// How many.
    #[arg(long, default_value_t = 20)]
    count: usize,
}

/// What a load came to.
#[derive(Debug, Serialize)]
struct Measured {
    scenario: String,
    requests: u64,
    seconds: f64,
    requests_per_second: f64,
    p50_us: f64,
    p99_us: f64,
    /// The server's CPU time; nothing if its process was not named.
    cpu_us_per_request: Option<f64>,
    /// The same by the kernel's coarse count.
    ticked_us_per_request: Option<f64>,
    request_bytes: u64,
    answer_bytes: u64,
    receipt_bytes: u64,
}

/// What the connections share.
struct Shared {
    run: Run,
    turn: Requests,
    bare: bool,
    stop: AtomicBool,
    measuring: AtomicBool,
    turns_left: AtomicUsize,
    number: AtomicUsize,
    requests: AtomicU64,
    request_bytes: AtomicU64,
    answer_bytes: AtomicU64,
    receipts: Mutex<VecDeque<String>>,
    receipt_bytes: AtomicU64,
}

/// The turn, its requests prepared.
enum Requests {
    Prepared(Vec<Vec<u8>>),
    Fresh(Row, Kept),
    Receive(Vec<u8>),
    Delete,
    ReceiveAndDelete(Vec<u8>),
}

/// How many different requests are prepared for a scenario whose requests differ.
const PREPARED: usize = 1024;

/// Makes ready, loads, measures, and prints what it came to.
pub(crate) async fn run(options: Options) -> Result<()> {
    let scenario = scenario::named(&options.scenario)?;
    let shared = Arc::new(prepare(scenario, &options).await?);
    let measured = measure(&shared, &options).await?;
    println!("{}", serde_json::to_string(&measured)?);
    Ok(())
}

/// Makes a scenario's resources and rows, and nothing more.
pub(crate) async fn fill_only(options: Options) -> Result<()> {
    let scenario = scenario::named(&options.scenario)?;
    let run = run_of(scenario, &options);
    ready::set_up(scenario, &run).await?;
    ready::fill(scenario, &run).await?;
    println!("{}", serde_json::json!({ "rows": run.depth }));
    Ok(())
}

/// Times one request after another.
pub(crate) async fn time(options: TimeOptions) -> Result<()> {
    let mut client = Client::connect(options.target).await?;
    let mut took = Vec::with_capacity(options.count);
    for number in 0..options.count.max(1) {
        let body = options.body.replace("{n}", &number.to_string());
        let request = request::control(options.target, &options.method, &options.path, &body);
        let began = crate::now();
        let answer = client.send(&request).await?;
        took.push(began.elapsed());
        if !(200..300).contains(&answer.status) {
            bail!("{} {} answered {}", options.method, options.path, answer.status);
        }
    }
    took.sort_unstable();
    let at = |part: f64| microseconds(percentile(&took, part));
    println!("{}", serde_json::json!({ "count": took.len(), "p50_us": at(0.5), "most_us": at(1.0) }));
    Ok(())
}

/// Makes everything ready and prepares the requests.
async fn prepare(scenario: &Scenario, options: &Options) -> Result<Shared> {
    let run = run_of(scenario, options);
    if options.bare {
        return Ok(shared(scenario, options, &ready::canned(scenario, &run)));
    }
    let shared = shared(scenario, options, &ready::set_up(scenario, &run).await?);
    make_ready(scenario, &shared).await?;
    Ok(shared)
}

fn run_of(scenario: &Scenario, options: &Options) -> Run {
    let depth = options.depth.unwrap_or(scenario.depth);
    let id = format!("{}{}", options.run, scenario.ending);
    Run { target: options.target, id, depth, payload: options.payload }
}

fn shared(scenario: &Scenario, options: &Options, kept: &Kept) -> Shared {
    let run = run_of(scenario, options);
    let depth = run.depth;
    let bytes = |call: Call| request::bytes(run.target, &call.filled(kept));
    // What takes rows away can take no more than there are.
    let (turn, rows) = match scenario.turn {
        Turn::Call(call) => {
            (Requests::Prepared((0..PREPARED).map(|number| bytes(call(&run, number))).collect()), None)
        }
        Turn::Fresh(call) => (Requests::Fresh(call, kept.clone()), None),
        Turn::Receive => (Requests::Receive(bytes(scenario::receive(&run, 1))), Some(depth)),
        Turn::Delete => (Requests::Delete, Some(depth)),
        Turn::ReceiveAndDelete => {
            (Requests::ReceiveAndDelete(bytes(scenario::receive(&run, 1))), Some(depth))
        }
    };
    let most = if options.bare { usize::MAX } else { rows.unwrap_or(usize::MAX) };
    Shared {
        turn,
        bare: options.bare,
        stop: AtomicBool::new(false),
        measuring: AtomicBool::new(false),
        turns_left: AtomicUsize::new(most.min(options.turns.unwrap_or(usize::MAX))),
        number: AtomicUsize::new(0),
        requests: AtomicU64::new(0),
        request_bytes: AtomicU64::new(0),
        answer_bytes: AtomicU64::new(0),
        receipts: Mutex::new(VecDeque::new()),
        receipt_bytes: AtomicU64::new(options.receipt_bytes as u64),
        run,
    }
}

/// Everything that has to be there before measuring, beside the resources.
async fn make_ready(scenario: &Scenario, shared: &Shared) -> Result<()> {
    ready::fill(scenario, &shared.run).await?;
    match &shared.turn {
        Requests::Prepared(requests) => ready::wait_until_served(shared.run.target, &requests[0]).await?,
        Requests::Delete => {
            let receipts = ready::receipts(&shared.run).await?;
            *shared.receipts.lock().unwrap_or_else(PoisonError::into_inner) = receipts;
        }
        Requests::Fresh(..) | Requests::Receive(_) | Requests::ReceiveAndDelete(_) => {}
    }
    Ok(())
}

/// Keeps the load's thread from falling asleep. Waking it would be charged to the server that answers, to a slow one
/// more often than to a fast one, and would say nothing of either.
async fn keep_awake() {
    loop {
        tokio::task::yield_now().await;
    }
}

async fn measure(shared: &Arc<Shared>, options: &Options) -> Result<Measured> {
    let mut connections = JoinSet::new();
    let (begin, begun) = watch::channel(());
    let awake = (!options.sleeps).then(|| tokio::spawn(keep_awake()));
    for _ in 0..options.connections.max(1) {
        let client = Client::connect(options.target).await?;
        connections.spawn(connection(Arc::clone(shared), client, begun.clone()));
    }
    let mut took = Vec::new();
    let used = || options.server_pid.map(Used::of).transpose();
    // Without a warm-up the first request is measured too.
    let warm_up = crate::span(options.warm_up)?;
    if !warm_up.is_zero() {
        begin.send_replace(());
        collect(&mut connections, &mut took, warm_up).await?;
    }
    let (used_before, began) = (used()?, crate::now());
    let requests_before = shared.requests.load(Relaxed);
    shared.measuring.store(true, Relaxed);
    begin.send_replace(());
    collect(&mut connections, &mut took, crate::span(options.seconds)?).await?;
    let (used_after, span) = (used()?, began.elapsed());
    let requests = shared.requests.load(Relaxed) - requests_before;
    shared.stop.store(true, Relaxed);
    collect(&mut connections, &mut took, Duration::from_secs(30)).await?;
    awake.inspect(|awake| awake.abort());
    if requests == 0 || took.is_empty() {
        bail!("no request was answered while measuring; too few rows, or too short a time");
    }
    took.sort_unstable();
    let spent = used_after.zip(used_before).map(|(after, before)| after.since(&before));
    let all = shared.requests.load(Relaxed).max(1);
    let per_request = |nanoseconds: u64| nanoseconds as f64 / 1000.0 / requests as f64;
    Ok(Measured {
        scenario: options.scenario.clone(),
        requests,
        seconds: span.as_secs_f64(),
        requests_per_second: requests as f64 / span.as_secs_f64(),
        p50_us: microseconds(percentile(&took, 0.5)),
        p99_us: microseconds(percentile(&took, 0.99)),
        cpu_us_per_request: spent.map(|spent| per_request(spent.cpu_ns)),
        ticked_us_per_request: spent.map(|spent| per_request(spent.ticked_ns)),
        request_bytes: shared.request_bytes.load(Relaxed) / all,
        answer_bytes: shared.answer_bytes.load(Relaxed) / all,
        receipt_bytes: shared.receipt_bytes.load(Relaxed),
    })
}

/// Lets the connections work for a span, or until all have ended; gathers the times of those that ended.
async fn collect(
    connections: &mut JoinSet<Result<Vec<Duration>>>,
    took: &mut Vec<Duration>,
    span: Duration,
) -> Result<()> {
    let gather = async {
        while let Some(ended) = connections.join_next().await {
            took.extend(ended??);
        }
        anyhow::Ok(())
    };
    tokio::time::timeout(span, gather).await.unwrap_or(Ok(()))
}

/// One connection's work.
async fn connection(
    shared: Arc<Shared>,
    mut client: Client,
    mut begun: watch::Receiver<()>,
) -> Result<Vec<Duration>> {
    begun.changed().await?;
    let mut took = Vec::new();
    while !shared.stop.load(Relaxed) && shared.take_turn() {
        match &shared.turn {
            Requests::Prepared(requests) => {
                let number = shared.number.fetch_add(1, Relaxed);
                shared.timed(&mut client, &requests[number % requests.len()], &mut took).await?;
            }
            Requests::Fresh(call, kept) => {
                let number = shared.run.depth + shared.number.fetch_add(1, Relaxed);
                let request = request::bytes(shared.run.target, &call(&shared.run, number).filled(kept));
                shared.timed(&mut client, &request, &mut took).await?;
            }
            Requests::Receive(request) => {
                shared.receive(&mut client, request, &mut took).await?;
            }
            Requests::Delete => {
                let receipt = shared.next_receipt().context("no receipt is left")?;
                shared.delete(&mut client, &receipt, &mut took).await?;
            }
            Requests::ReceiveAndDelete(request) => {
                let receipt = shared.receive(&mut client, request, &mut took).await?;
                shared.delete(&mut client, &receipt, &mut took).await?;
            }
        }
    }
    Ok(took)
}

impl Shared {
    fn take_turn(&self) -> bool {
        self.turns_left.fetch_update(Relaxed, Relaxed, |left| left.checked_sub(1)).is_ok()
    }

    /// Sends one request and counts it.
    async fn timed<'a>(
        &self,
        client: &'a mut Client,
        request: &[u8],
        took: &mut Vec<Duration>,
    ) -> Result<&'a [u8]> {
        let began: Instant = crate::now();
        let answer = client.send_well(request).await?;
        if self.measuring.load(Relaxed) {
            took.push(began.elapsed());
        }
        self.requests.fetch_add(1, Relaxed);
        self.request_bytes.fetch_add(request.len() as u64, Relaxed);
        self.answer_bytes.fetch_add(answer.len() as u64, Relaxed);
        Ok(answer)
    }

    async fn receive(&self, client: &mut Client, request: &[u8], took: &mut Vec<Duration>) -> Result<String> {
        let answer = self.timed(client, request, took).await?;
        if self.bare {
            return Ok(self.canned_receipt());
        }
        let receipt = client::string_member(answer, "ReceiptHandle").context("a receive came back empty")?;
        self.receipt_bytes.store(receipt.len() as u64, Relaxed);
        Ok(receipt.to_owned())
    }

    async fn delete(&self, client: &mut Client, receipt: &str, took: &mut Vec<Duration>) -> Result<()> {
        let request = request::bytes(self.run.target, &scenario::delete(&self.run, receipt));
        self.timed(client, &request, took).await?;
        Ok(())
    }

    fn next_receipt(&self) -> Option<String> {
        if self.bare {
            return Some(self.canned_receipt());
        }
        let receipt = self.receipts.lock().unwrap_or_else(PoisonError::into_inner).pop_front()?;
        self.receipt_bytes.store(receipt.len() as u64, Relaxed);
        Some(receipt)
    }

    fn canned_receipt(&self) -> String {
        "r".repeat(usize::try_from(self.receipt_bytes.load(Relaxed)).unwrap_or_default())
    }
}

pub(crate) fn microseconds(span: Duration) -> f64 {
    span.as_secs_f64() * 1e6
}

/// The value below which a part of the sorted values lies.
pub(crate) fn percentile(sorted: &[Duration], part: f64) -> Duration {
    let last = sorted.len().saturating_sub(1);
    let index = (last as f64 * part).round() as usize;
    sorted.get(index.min(last)).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests;
