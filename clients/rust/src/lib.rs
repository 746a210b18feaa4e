//! mesh-local inside the process of a test: [`Mesh::start`] has AWS's application services listen on a free loopback
//! port, and ends them when it is dropped. No binary, no Docker, no fixed port, any number side by side.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use mesh_local_embed::Mesh;
//! use serde_json::json;
//! use std::time::Duration;
//!
//! let mesh = Mesh::start().await?;
//! // Prepare mesh.universe() once; then each test has a fork of it, deleted when it is dropped.
//! let universe = mesh.universe().fork().await?;
//! // This is what an AWS SDK is told, with any access key.
//! assert!(universe.endpoint_url().starts_with("http://localhost:"));
//!
//! universe.clock().freeze().await?;
//! let advanced = universe.clock().advance(Duration::from_secs(15 * 60)).await?;
//! assert_eq!(advanced.ran_in_all, 0);
//! universe.faults().add(json!({"service": "sqs", "error": "ServiceUnavailable", "every": 3})).await?;
//! universe.settle().await?;
//! # Ok(())
//! # }
//! ```
//!
//! Clients reach it over HTTP, as they reach AWS. What is no call of an API (universes, clocks, faults, `why`) is asked
//! of the control plane without HTTP, and is refused with the same sentences; `crates/edge/src/control` has them. The
//! emulator runs on threads of its own, so a test that blocks its thread, or whose runtime has one, is served all the same.
//!
//! [`wiring`] is what the binary is made of too: the one place that names every service.

mod clock;
mod control;
mod faults;
mod mesh;
mod outside;
mod services;
mod universe;
mod waiting;

pub use clock::{Advanced, Clock};
pub use control::Refused;
pub use faults::Faults;
pub use mesh::{Mesh, Options, StartError};
pub use universe::{Fork, Universe};

/// Which services there are, and the ways out of the process: for whoever serves them in another way than [`Mesh`].
pub mod wiring {
    pub use crate::outside::{Outside, libraries_directory, user_directory};
    pub use crate::services::registry;
}

/// The page's example is run.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
