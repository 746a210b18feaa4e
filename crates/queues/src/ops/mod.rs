//! One file an operation: its head says what is done with each of its members.

pub mod create_queue;
pub mod delete_message;
pub mod delete_queue;
pub mod get_queue_url;
pub mod list_queues;
pub mod receive_message;
pub mod send_message;

use mesh_types::RequestId;

/// The UUID of a message.
fn message_id(bits: u128) -> String {
    // Message ids are version 4 UUIDs, as request ids are.
    RequestId::from_random(bits).encode(&mut [0; 36]).to_owned()
}

/// The bits of a message's UUID.
fn message_bits(bits: u128) -> u128 {
    RequestId::from_random(bits).bits()
}
