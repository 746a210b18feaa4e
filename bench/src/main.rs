//! What `cargo xtask bench` measures with: a bare HTTP server to compare with, a load generator that knows the
//! scenarios, and a process's own figures. Every command prints one line of JSON.

mod client;
mod echo;
mod function;
mod idle;
mod load;
mod process;
mod ready;
mod request;
mod runtime_loop;
mod scenario;
mod started;
mod writers;

use anyhow::Result;
use clap::{Parser, Subcommand};
use std::process::ExitCode;
use std::time::{Duration, Instant};

#[derive(Parser)]
#[command(name = "mesh-bench", about = "Measures mesh-local and a bare HTTP server")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve: read each request, answer 200 with as many bytes as asked. Ends when its standard input is closed.
    Echo {
        /// The port to listen on; 0 is any that is free.
        #[arg(long, default_value_t = 0)]
        port: u16,
        /// How many bytes each answer's body has.
        #[arg(long, default_value_t = 0)]
        bytes: usize,
    },
    /// Put a scenario's load on a server and measure.
    Load(load::Options),
    /// Fill a server with a scenario's rows, and measure nothing.
    Fill(load::Options),
    /// List the scenarios with their bars.
    Scenarios,
    /// Make queues and hold long polls open until the standard input is closed.
    Idle(idle::Options),
    /// Send one request again and again, each when the one before is answered, and tell how long they took.
    Time(load::TimeOptions),
    /// Measure a warm function behind a REST API, beside its bare runtime loop.
    Warm(function::Options),
    /// Measure the first invocation of fresh functions, beside the start of the interpreter.
    Cold(function::Options),
    /// Measure from a message to the start of the function that gets it, by a queue and by a topic.
    Started(function::Options),
    /// Fork and reset very many queues while writers write to them.
    Writers(writers::Options),
    /// Read a process's CPU time over a span, and its memory at the end.
    Watch {
        /// The process.
        #[arg(long)]
        pid: u32,
        /// The span; 0 reads once.
        #[arg(long, default_value_t = 0.0)]
        seconds: f64,
    },
}

fn main() -> ExitCode {
    if let Err(error) = run(Arguments::parse().command) {
        eprintln!("error: {error:#}");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

fn run(command: Command) -> Result<()> {
    match command {
        Command::Echo { port, bytes } => echo::run(port, bytes),
        Command::Load(options) => on_one_thread(load::run(options)),
        Command::Fill(options) => on_one_thread(load::fill_only(options)),
        Command::Scenarios => scenario::list(),
        Command::Idle(options) => on_one_thread(idle::run(options)),
        Command::Time(options) => on_one_thread(load::time(options)),
        Command::Warm(options) => on_one_thread(function::warm(options)),
        Command::Cold(options) => on_one_thread(function::cold(options)),
        Command::Started(options) => on_one_thread(started::run(options)),
        Command::Writers(options) => on_one_thread(writers::run(options)),
        Command::Watch { pid, seconds } => on_one_thread(process::watch(pid, span(seconds)?)),
    }
}

/// The load comes from one thread, so that on a machine of two cores the server has the other.
fn on_one_thread(work: impl Future<Output = Result<()>>) -> Result<()> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(work)
}

/// A span of seconds that a person gave.
fn span(seconds: f64) -> Result<Duration> {
    Duration::try_from_secs_f64(seconds).map_err(|error| anyhow::anyhow!("{seconds} seconds: {error}"))
}

/// The machine's clock.
fn now() -> Instant {
    #[expect(clippy::disallowed_methods, reason = "this program measures real time, and reads it here only")]
    Instant::now()
}

/// Ends this process when whoever started it closes its standard input, so that none is left behind.
fn end_with_input() {
    std::thread::spawn(|| {
        // Whether it was closed or broke: no one is there any more.
        let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
        std::process::exit(0)
    });
}
