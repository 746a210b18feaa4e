//! The state of mesh-local: universes, their partitions, the tables in them, and the transactions that change them.
//!
//! A [`Universe`] is a persistent map of cells, one for each partition. A partition ([`Partition`], declared with
//! [`partition!`]) is a struct of [`Table`]s and is the unit of locking: one queue, one table of DynamoDB. Services
//! change it in a transaction, a synchronous function under its lock ([`Universe::write`]), which sees one `now`, draws
//! from one seeded source, and leaves what must happen outside as effects in its [`Tx`]. `Err` or a panic undoes it.
//!
//! Invariants:
//! - A partition exists exactly while it has rows. Deleting a resource clears its tables; nothing else remains of it.
//! - A cell older than its universe's last cut (fork) is never written again: its first writer replaces it by a copy,
//!   which costs the same for ten rows and for ten million, because tables are persistent maps.
//! - Time in a partition never runs backwards.
//! - Durable state is in tables and nowhere else. What mirrors a waiter or a process is in [`Live`].

mod cell;
mod changes;
mod deadlines;
mod disk;
mod export;
mod identity;
mod index;
mod key;
mod key_code;
mod kinds;
mod live;
mod name;
mod outbox;
mod partition;
mod reclaim;
mod row;
mod signals;
mod table;
mod tx;
mod universe;
mod universes;

pub use changes::Changes;
pub use deadlines::{Deadlines, Due, Handling};
pub use disk::{Durability, StorageBackend, StorageError};
pub use export::ImportError;
pub use imbl;
pub use index::{Index, Indexes};
pub use key::{Key, PartitionKey, PartitionKind};
pub use kinds::Kinds;
pub use live::Live;
pub use name::{InvalidUniverseName, UniverseName};
pub use outbox::{Delivery, DeliveryId, Outbox, Pending, Retry, Target};
pub use partition::{Decoded, Partition, Rows, Stored};
pub use row::{Row, RowError};
pub use signals::{Listening, Signal};
pub use table::{Single, Snapshot, Table, TableKey};
pub use tx::{Cause, Tx};
pub use universe::{Epoch, Universe};
pub use universes::Universes;
