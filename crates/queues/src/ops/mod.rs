//! One file an operation: its head says what is done with each of its members.

pub mod add_permission;
pub mod cancel_message_move_task;
pub mod change_message_visibility;
pub mod change_message_visibility_batch;
pub mod create_queue;
pub mod delete_message;
pub mod delete_message_batch;
pub mod delete_queue;
pub mod get_queue_attributes;
pub mod get_queue_url;
pub mod list_dead_letter_source_queues;
pub mod list_message_move_tasks;
pub mod list_queue_tags;
pub mod list_queues;
pub mod purge_queue;
pub mod receive_message;
pub mod remove_permission;
pub mod send_message;
pub mod send_message_batch;
pub mod set_queue_attributes;
pub mod start_message_move_task;
pub mod tag_queue;
pub mod untag_queue;

use crate::domain::message_id;
use crate::state::queue::Sequence;
use mesh_types::RequestId;

/// The number of a message in a FIFO queue: twenty digits, as AWS's have.
fn sequence_number(sequence: Sequence) -> String {
    (18_800_000_000_000_000_000_u128 + u128::from(sequence)).to_string()
}

/// The bits of a message's UUID.
fn message_bits(bits: u128) -> u128 {
    RequestId::from_random(bits).bits()
}
