//! Amazon DynamoDB for mesh-local.
//!
//! **State.** One partition a table ([`state::table`]): its settings, its items in the order of their keys, and the
//! entries of its secondary indexes. A directory for each account and Region ([`state::directory`]) lists the tables.
//! Creating and deleting a table changes both in one transaction; everything else touches the table alone, so two busy
//! tables share no lock.
//!
//! **Reading order.** [`state`] (what is stored), [`domain`] (the rules, synchronous; values and
//! items are those of `mesh_attributes`), `shapes` (the wire's shapes, in and
//! out), [`ops`] (one file an operation), [`limits`] (AWS's numbers).
//!
//! **Invariants.**
//! - A key is bytes that sort as DynamoDB sorts, so a query is a range of rows. It costs what it looks at.
//! - A secondary index is written in the transaction of its item: whoever reads it sees every write that was answered.
//! - An item is read under the lock and shown outside; it is shared, not copied.
//! - What the table and its indexes hold is counted with every change, to the byte.
//!
//! **Deviations.** A table is `CREATING` in the answer that creates it and active from then on; one that is deleted is
//! gone at once. Global secondary indexes never lag. Nothing is throttled. What is not served yet is refused by name:
//! streams, the members from before there were expressions, and the operations that `ops` does not list.

pub mod domain;
pub mod limits;
pub mod ops;
mod shapes;
pub mod state;

use mesh_models::dynamodb;
use mesh_router::{Registry, Service};

/// Amazon DynamoDB.
#[derive(Debug, Default, Clone, Copy)]
pub struct KvStore;

impl Service for KvStore {
    fn register(self, registry: &mut Registry) {
        registry.partition::<state::directory::Directory>();
        registry.partition::<state::table::TableState>();
        registry.operation::<dynamodb::CreateTable>(ops::create_table::run);
        registry.operation::<dynamodb::DeleteItem>(ops::delete_item::run);
        registry.operation::<dynamodb::DeleteTable>(ops::delete_table::run);
        registry.operation::<dynamodb::DescribeTable>(ops::describe_table::run);
        registry.operation::<dynamodb::GetItem>(ops::get_item::run);
        registry.operation::<dynamodb::ListTables>(ops::list_tables::run);
        registry.operation::<dynamodb::PutItem>(ops::put_item::run);
        registry.operation::<dynamodb::Query>(ops::query::run);
        registry.operation::<dynamodb::UpdateItem>(ops::update_item::run);
    }
}
