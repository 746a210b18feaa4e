//! Event source mappings at work: from a queue to a function.
//!
//! [`drive`] is the driver of an account's mappings in a Region: one task that keeps a poller for each mapping that is
//! enabled, and starts another where a mapping has changed. It runs until none is left, so a fork, which has its deadline
//! again, starts pollers of its own; so does a restart.
//!
//! A poller (`poller`) has at most one receive under way: a long poll through the router, which costs nothing while the
//! queue is empty. What it received is a batch (`batch`), worked on beside it: filtered, sent to the function, and
//! deleted as far as the function is done with it. How many are worked on at once is counted by `slots`.
//!
//! Messages stay hidden for the queue's visibility timeout while they are worked on. Those that failed are left alone: they
//! are visible again after it, and the queue moves them to its dead-letter queue when it is their turn.

mod batch;
mod event;
mod poller;
mod slots;
mod source;

pub(crate) use source::Source;

use crate::domain::Mapping;
use crate::state::mappings::{CHANGED, Mappings};
use mesh_router::{Caller, Context};
use mesh_store::{Cause, Key};
use mesh_types::Need;
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::task::AbortHandle;

/// Tells the record which messages an invocation is about, where a mapping makes it: so `why` finds it by theirs.
pub(crate) fn tell_messages(cx: &Context, event: &[u8]) {
    if matches!((cx.caller(), cx.cause()), (Caller::Service { name, .. }, Cause::Request(_)) if name == "lambda")
    {
        cx.concerns(event::message_ids(event));
    }
}

/// A poller, until this is dropped.
struct Running {
    generation: u64,
    task: AbortHandle,
}

/// Keeps the mappings at work.
pub(crate) async fn drive(cx: Context, key: Key<Mappings>) {
    let mut running = BTreeMap::<u128, Running>::new();
    loop {
        let mut wait = cx.universe().clock().wait();
        let listening = cx.universe().listen(&key, CHANGED, &wait);
        let Ok(wanted) = cx.write(&key, |mappings, _| Ok::<_, Need>(mappings.settle())) else { break };
        running.retain(|id, running| {
            wanted.get(id).is_some_and(|mapping| mapping.generation == running.generation)
        });
        for (id, mapping) in wanted {
            running.entry(id).or_insert_with(|| Running::start(&cx, mapping));
        }
        // a change after this look has set a deadline, and the driver is called again
        if running.is_empty() {
            listening.heard();
            break;
        }
        (&mut wait).await;
        listening.heard();
    }
}

impl Running {
    fn start(cx: &Context, mapping: Arc<Mapping>) -> Self {
        let generation = mapping.generation;
        let busy = cx.universe().clock().activity().begin();
        let cx = cx.clone();
        let task = tokio::spawn(async move {
            poller::poll(&cx, &mapping).await;
            drop(busy);
        });
        Self { generation, task: task.abort_handle() }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.task.abort();
    }
}
