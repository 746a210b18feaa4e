//! mesh-local: AWS's application services on a laptop or in a CI job, in one binary.
//!
//! This crate reads the command line. What is wired together, and with which services, is in `mesh-local-embed`, which
//! others embed without a command line.

mod client;
mod commands;
mod detached;
mod doctor;
mod environment;
mod faults;
mod init;
mod logs;
mod queues;
mod runtimes;
mod server;
mod shell;
mod table;
mod why;

use clap::{Args, Parser, Subcommand};
use std::process::ExitCode;

/// The system's allocator takes a lock that the workers share, and gives memory back to the system in the middle of a
/// request.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// AWS's application services on a laptop or in a CI job, in one binary.
#[derive(Parser)]
#[command(name = "mesh-local", version, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Start, and print one line for each call.
    Up(Box<server::Up>),
    /// End a running instance, and wait until its port is free.
    Down(Reach),
    /// Show what runs: version, universes, services.
    Status(Reach),
    /// Print export lines: eval "$(mesh-local env)".
    Env(Reach),
    /// Start a private instance on a free port for one command, and return its exit code.
    Run(shell::Run),
    /// Succeed if the instance answers: for a container's health check.
    Healthcheck(Reach),
    /// Look for what could go wrong on this machine, and say what to do about it.
    Doctor(Reach),
    /// Install the libraries that functions find on AWS: boto3, clients of @aws-sdk.
    Runtimes(runtimes::Runtimes),
    /// Print the events of a CloudWatch log group, or the log groups.
    Logs(logs::Logs),
    /// List queues with their counts, or look at the messages of one without receiving them.
    Queues(queues::Queues),
    /// Read, freeze, resume, set, offset or advance the clock of a universe.
    Clock(commands::ClockCommand),
    /// Create, list, fork, reset, delete, snapshot, restore, export or import universes.
    Universe(commands::UniverseCommand),
    /// Wait until nothing is pending in a universe; the exit code is 1 if something still is.
    Settle(commands::Settle),
    /// Add, list, load or clear fault rules.
    Faults(faults::FaultsCommand),
    /// Follow a request or delivery id from cause to outcome.
    Why(commands::Why),
}

/// How a running instance is reached.
#[derive(Args, Clone)]
struct Reach {
    /// Its address.
    #[arg(long, global = true, env = "MESH_LOCAL_ENDPOINT", default_value = "http://localhost:4566")]
    endpoint: String,
    /// Its token, if it was started with one.
    #[arg(long, global = true, env = "MESH_LOCAL_TOKEN", hide_env_values = true)]
    token: Option<String>,
    /// Print JSON.
    #[arg(long, global = true)]
    json: bool,
}

fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Up(up) => server::run(*up),
        Command::Down(reach) => detached::end(&reach),
        Command::Status(reach) => commands::status(&reach),
        Command::Env(reach) => shell::env(&reach),
        Command::Run(run) => shell::run(run),
        Command::Healthcheck(reach) => commands::healthcheck(&reach),
        Command::Doctor(reach) => doctor::run(&reach),
        Command::Runtimes(runtimes) => runtimes.run(),
        Command::Logs(logs) => logs.run(),
        Command::Queues(queues) => queues.run(),
        Command::Clock(command) => command.run(),
        Command::Universe(command) => command.run(),
        Command::Settle(settle) => settle.run(),
        Command::Faults(command) => command.run(),
        Command::Why(why) => why.run(),
    };
    match done {
        Ok(code) => code,
        Err(error) => {
            eprintln!("mesh-local: {error:#}");
            ExitCode::FAILURE
        }
    }
}
