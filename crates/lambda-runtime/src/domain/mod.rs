//! The rules: synchronous, without I/O, told the time and the dice.

mod address;
mod archive;
mod batch_answer;
mod destination;
mod event;
pub mod failure;
mod function;
mod invoker;
mod mapping;
mod permission;
mod runtime;
mod settings;
mod variables;

pub use address::{FunctionAddress, LATEST};
pub use archive::{Archive, FilePath, Kind as ArchiveKind};
pub use batch_answer::{Failed, failed};
pub use destination::{End, Ended, is_served};
pub use event::check as check_event;
pub use function::Attempt;
pub(crate) use function::revision_id;
pub use invoker::Invoker;
pub use mapping::{Mapping, MappingChange, Phase, Terms, parse_uuid, uuid};
pub use permission::{Grant, Statement, policy};
pub use runtime::{Language, Runtime};
pub use settings::{Change, Logging, Settings, Vpc};
pub(crate) use settings::{memory, timeout};
pub use variables::Variables;
