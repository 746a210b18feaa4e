//! What goes on by itself: tasks that move messages out of dead-letter queues.

use crate::domain::QueueAddress;
use crate::state::moves::MoveTasks;
use mesh_router::Context;
use mesh_store::Key;
use mesh_types::Need;

/// A task has messages to move.
pub(crate) async fn move_messages(cx: Context, key: Key<MoveTasks>) {
    let source = QueueAddress { key: Key::new(key.account(), key.region().clone(), key.name().as_str()) };
    let moved: Result<(), Need> = cx.write(&key, |tasks, tx| tasks.go_on(&source, tx));
    if let Err(need) = moved {
        tracing::debug!(queue = %key.name(), %need, "no messages were moved");
    }
}
