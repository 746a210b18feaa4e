//! One file an operation: its head says what is done with each of its members.

pub mod create_queue;
pub mod delete_message;
pub mod delete_queue;
pub mod get_queue_url;
pub mod list_queues;
pub mod receive_message;
pub mod send_message;

use mesh_types::RequestId;

/// The lower-case hexadecimal of a digest.
fn hex(digest: [u8; 16]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digits = |byte: u8| [DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]];
    digest.into_iter().flat_map(digits).map(char::from).collect()
}

/// The UUID of a message.
fn message_id(bits: u128) -> String {
    // Message ids are version 4 UUIDs, as request ids are.
    RequestId::from_random(bits).to_string()
}

/// The bits of a message's UUID.
fn message_bits(bits: u128) -> u128 {
    RequestId::from_random(bits).bits()
}
