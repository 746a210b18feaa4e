//! The state on disk: a mirror of memory that is read at start only.
//!
//! A commit takes its sequence and queues what it changed while its partitions are locked ([`Journal`]); one thread
//! encodes it, writes it into redb and syncs ([`writer`]). Where callers wait for that, it writes a log first, and another
//! thread the tables later ([`logger`]). Rows lie in layers, so that a fork costs on disk what it costs in memory
//! ([`layers`]). `docs/storage.md` describes the files.

mod error;
mod frame;
mod journal;
mod layers;
mod layout;
mod load;
mod log;
mod logger;
mod merge;
mod record;
mod tables;
mod writer;

pub use error::StorageError;
pub use journal::Durability;
pub(crate) use journal::{Base, Entry, Journal, Making, PartitionChange};
pub(crate) use load::Loaded;
pub(crate) use record::{ClockRecord, PartitionRecord, Role};
pub use redb::StorageBackend;
pub(crate) use writer::{Opened, open_backend, open_directory};
