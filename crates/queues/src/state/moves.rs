//! The tasks that move messages out of a dead-letter queue.

use mesh_store::{Row, Table, partition};
use mesh_types::Timestamp;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

partition! {
    /// The tasks of one source, under its name.
    pub struct MoveTasks = 103 "message move tasks" {
        /// In the order in which they were started.
        1 tasks: Table<u64, MoveTask>,
    }
}

/// A task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MoveTask {
    /// Its id: the bits of a UUID.
    pub id: u128,
    /// When it was started.
    pub started_at: Timestamp,
    /// The ARN of the queue to which messages go; where absent, each goes to where it came from.
    pub destination: Option<SmolStr>,
    /// Messages a second at most.
    pub rate: Option<u32>,
    /// The messages that were there when it was started.
    pub to_move: u64,
    /// Those that it has moved.
    pub moved: u64,
    /// How far it is.
    pub status: MoveStatus,
    /// When it goes on.
    pub next_at: Timestamp,
}

/// How far a task is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum MoveStatus {
    /// It is moving messages.
    Running,
    /// None was left.
    Completed,
    /// It was told to end.
    Cancelled,
    /// The queue to which a message had to go is no more.
    NoDestination,
    /// A message came from no queue.
    NoSource,
}

impl Row for MoveTask {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_task_is_stored_in_this_form() {
        let (started_at, next_at) = (Timestamp::from_micros(1), Timestamp::from_micros(2));
        let (destination, rate, status) = (Some("d".into()), Some(3), MoveStatus::Cancelled);
        let task = MoveTask { id: 4, started_at, destination, rate, to_move: 5, moved: 6, status, next_at };
        let mut bytes = Vec::new();
        task.encode(&mut bytes).expect("it can be written");
        assert_eq!(bytes, [1, 4, 2, 1, 1, b'd', 1, 3, 5, 6, 2, 4]);
        assert_eq!(MoveTask::decode(&bytes).expect("it can be read"), task);
    }
}
