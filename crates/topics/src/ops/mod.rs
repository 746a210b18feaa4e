//! One file an operation: its head says what is done with each of its members.

pub mod create_topic;
pub mod delete_topic;
pub mod get_topic_attributes;
pub mod list_topics;
pub mod publish;
pub mod set_topic_attributes;
pub mod subscribe;
pub mod unsubscribe;

use mesh_router::Context;
use smol_str::SmolStr;

/// What stands before the name of a universe in an address.
const PREFIX: &str = "/_mesh/u/";

/// The address under which the caller reaches this program, without a universe's prefix.
fn door(cx: &Context) -> SmolStr {
    let endpoint = cx.endpoint();
    endpoint.find(PREFIX).map_or_else(|| endpoint.clone(), |at| SmolStr::new(&endpoint[..at]))
}
