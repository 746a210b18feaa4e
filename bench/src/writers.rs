//! Forks and resets of very many queues while others write to them: how long the cut takes, and how long the writers
//! get no answer.

use crate::client::Client;
use crate::load::{microseconds, percentile};
use crate::request::{self, Call, SQS};
use anyhow::{Context, Result, bail};
use clap::Args;
use serde_json::Value;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

/// What is written, and how often it is cut.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct Options {
    /// The server.
    #[arg(long)]
    target: SocketAddr,
    /// How many queues.
    #[arg(long, default_value_t = 10_000)]
    queues: usize,
    /// How many writers, each on a connection of its own.
    #[arg(long, default_value_t = 16)]
    writers: usize,
    /// How many forks, then how many resets.
    #[arg(long, default_value_t = 20)]
    cuts: usize,
}

/// How long before and after a cut the answers are looked at.
const AROUND: Duration = Duration::from_millis(20);

/// What the writers share.
#[derive(Default)]
struct Shared {
    stop: AtomicBool,
    number: AtomicUsize,
    /// When a write was answered.
    answered: Mutex<Vec<Instant>>,
    /// Queues that are not there any more are no failure behind a reset.
    may_be_missing: AtomicBool,
}

/// Makes the queues, lets the writers write, forks, resets, and prints what each took.
pub(crate) async fn run(options: Options) -> Result<()> {
    let mut client = Client::connect(options.target).await?;
    make_queues(options).await?;
    let shared = Arc::new(Shared::default());
    let mut writers: JoinSet<Result<()>> = JoinSet::new();
    for _ in 0..options.writers {
        writers.spawn(write(options, Arc::clone(&shared)));
    }
    // What the writers do when nothing is cut, to compare with.
    let quiet = rounds(&mut client, options, &shared, None).await?;
    let forks = rounds(&mut client, options, &shared, Some(Cut::Fork)).await?;
    shared.may_be_missing.store(true, Relaxed);
    let resets = rounds(&mut client, options, &shared, Some(Cut::Reset)).await?;
    shared.stop.store(true, Relaxed);
    while let Some(ended) = writers.join_next().await {
        ended??;
    }
    println!(
        "{}",
        serde_json::json!({ "quiet": quiet.told(), "fork": forks.told(), "reset": resets.told() })
    );
    Ok(())
}

#[derive(Clone, Copy)]
enum Cut {
    Fork,
    Reset,
}

/// What some cuts came to.
#[derive(Default)]
struct Cuts {
    /// As the server took it.
    server: Vec<Duration>,
    /// From the request to its answer.
    round_trip: Vec<Duration>,
    /// The longest gap between two answers to writers around each.
    pause: Vec<Duration>,
}

impl Cuts {
    fn told(mut self) -> Value {
        let of = |name: &str, took: &mut Vec<Duration>| {
            took.sort_unstable();
            let at = |part| microseconds(percentile(took, part));
            (name.to_owned(), serde_json::json!({ "p50_us": at(0.5), "most_us": at(1.0) }))
        };
        let members = [
            of("server", &mut self.server),
            of("round_trip", &mut self.round_trip),
            of("pause", &mut self.pause),
        ];
        Value::Object(members.into_iter().collect())
    }
}

async fn make_queues(options: Options) -> Result<()> {
    const MAKERS: usize = 16;
    let mut makers: JoinSet<Result<()>> = JoinSet::new();
    for first in 0..MAKERS {
        makers.spawn(async move {
            let mut client = Client::connect(options.target).await?;
            for number in (first..options.queues).step_by(MAKERS) {
                let call = Call::new(&SQS, "CreateQueue", format!(r#"{{"QueueName": "writers-{number}"}}"#));
                client.send_well(&request::bytes(options.target, &call)).await.context("CreateQueue")?;
            }
            Ok(())
        });
    }
    while let Some(ended) = makers.join_next().await {
        ended??;
    }
    Ok(())
}

/// Writes to one queue after the other, far from one another.
async fn write(options: Options, shared: Arc<Shared>) -> Result<()> {
    let Options { target, queues, .. } = options;
    let mut client = Client::connect(target).await?;
    while !shared.stop.load(Relaxed) {
        let queue = shared.number.fetch_add(1, Relaxed).wrapping_mul(7_919) % queues.max(1);
        let body = format!(
            r#"{{"QueueUrl": "http://{target}/000000000000/writers-{queue}", "MessageBody": "a message of some bytes"}}"#
        );
        let answer = client.send(&request::bytes(target, &Call::new(&SQS, "SendMessage", body))).await?;
        let status = answer.status;
        if status != 200 && !shared.may_be_missing.load(Relaxed) {
            bail!("SendMessage answered {status}: {}", String::from_utf8_lossy(answer.body));
        }
        shared.answered.lock().unwrap_or_else(PoisonError::into_inner).push(crate::now());
    }
    Ok(())
}

/// Cuts again and again, or only looks on.
async fn rounds(client: &mut Client, options: Options, shared: &Shared, cut: Option<Cut>) -> Result<Cuts> {
    let mut cuts = Cuts::default();
    for number in 0..options.cuts.max(1) {
        if let Some(Cut::Reset) = cut {
            // the reset before took them away
            make_queues(options).await?;
        }
        shared.answered.lock().unwrap_or_else(PoisonError::into_inner).clear();
        pass(AROUND).await;
        let (began, mut took) = (crate::now(), None);
        if let Some(cut) = cut {
            let (path, body) = match cut {
                Cut::Fork => {
                    ("/_mesh/universes", format!(r#"{{"from": "default", "name": "cut-{number}"}}"#))
                }
                Cut::Reset => ("/_mesh/universes/default/reset", "{}".to_owned()),
            };
            let answer = client.send_well(&request::control(options.target, "POST", path, &body)).await?;
            let told: Value = serde_json::from_slice(answer)?;
            took = Some(told["took_micros"].as_u64().context("the answer tells no took_micros")?);
        }
        let ended = crate::now();
        pass(AROUND).await;
        let answered = std::mem::take(&mut *shared.answered.lock().unwrap_or_else(PoisonError::into_inner));
        cuts.pause.push(longest_gap(&answered).context("no writer was answered")?);
        if let Some(micros) = took {
            cuts.server.push(Duration::from_micros(micros));
            cuts.round_trip.push(ended - began);
        }
    }
    Ok(cuts)
}

/// Nothing will be ready: the span alone ends the wait.
async fn pass(span: Duration) {
    let _ = tokio::time::timeout(span, std::future::pending::<()>()).await;
}

fn longest_gap(answered: &[Instant]) -> Option<Duration> {
    answered.windows(2).map(|pair| pair[1] - pair[0]).max()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_gap_is_between_two_answers() {
        let base = crate::now();
        let moments = [0, 3, 4, 11, 12].map(|milliseconds| base + Duration::from_millis(milliseconds));
        assert_eq!(longest_gap(&moments), Some(Duration::from_millis(7)));
        assert_eq!(longest_gap(&moments[..1]), None);
    }
}
