//! The workshop of mesh-local: what generates code, checks the rules that the compiler does not know, measures, and
//! runs everything that must be green before a change lands.

mod bench;
mod ci;
mod client;
mod codegen;
mod compatibility;
mod coverage;
mod crash;
mod deps;
mod header;
mod project;
mod protocol_cases;
mod python;
mod tidy;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "The workshop of mesh-local")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Generate crates/models from AWS's API models.
    Codegen {
        /// Write nothing; fail if the committed files differ from what would be written.
        #[arg(long)]
        check: bool,
    },
    /// Check the rules of the house that neither rustfmt nor clippy knows.
    Tidy,
    /// Check which crate depends on which, and that docs/dependencies.txt says so.
    Deps {
        /// Rewrite docs/dependencies.txt.
        #[arg(long)]
        write: bool,
    },
    /// Check that every input member of every operation is accounted for, and that COMPATIBILITY.md says so.
    Coverage {
        /// Rewrite COMPATIBILITY.md.
        #[arg(long)]
        write: bool,
    },
    /// Everything that must be green, stage by stage.
    Ci {
        /// These stages alone, by name: "sdk tests".
        stages: Vec<String>,
    },
    /// Kill the server under load, again and again, and check that what it acknowledged is there after each restart.
    Crash(crash::Options),
    /// Measure the server beside a bare HTTP server.
    Bench(bench::Options),
}

fn main() -> ExitCode {
    let result = match Arguments::parse().task {
        Task::Codegen { check } => codegen::run(check).map(|outcome| {
            if let ci::Outcome::Skipped(why) = outcome {
                println!("codegen: SKIPPED: {why}");
            }
        }),
        Task::Tidy => tidy::run(),
        Task::Deps { write } => deps::run(write),
        Task::Coverage { write } => coverage::run(write),
        Task::Ci { stages } => ci::run(&stages),
        Task::Crash(options) => crash::run(options),
        Task::Bench(options) => bench::run(&options),
    };
    if let Err(error) = result {
        eprintln!("error: {error:#}");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}
