//! One file an operation: its head says what is done with each of its members.

pub mod create_queue;
pub mod delete_message;
pub mod delete_queue;
pub mod get_queue_url;
pub mod list_queues;
pub mod receive_message;
pub mod send_message;

/// The UUID of a message.
fn message_id(bits: u128) -> String {
    // Message ids are version 4 UUIDs, as request ids are.
    mesh_types::RequestId::from_random(bits).encode(&mut [0; 36]).to_owned()
}
