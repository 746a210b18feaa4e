//! How many calls a FIFO queue takes in a second, where AWS's quotas are held.

use super::{Fifo, QueueAddress, ThroughputLimit};
use crate::domain::failure::Throttled;
use crate::limits::FIFO_CALLS;
use mesh_router::{Context, Quotas};
use mesh_types::{Need, Timestamp};
use parking_lot::Mutex;
use smol_str::SmolStr;
use std::collections::HashMap;

/// What is called. A batch is one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// To send messages.
    Send,
    /// To receive them.
    Receive,
    /// To delete them.
    Delete,
}

/// The calls of the second that runs.
#[derive(Debug, Default)]
pub struct Throughput(Mutex<Second>);

#[derive(Debug, Default)]
struct Second {
    at: i64,
    /// By queue, action and group, the last empty where the whole queue is counted.
    calls: HashMap<(u64, Action, SmolStr), u32>,
}

impl Throughput {
    /// Counts a call.
    fn take(&self, queue: u64, action: Action, group: SmolStr, now: Timestamp) -> Result<(), Throttled> {
        let mut second = self.0.lock();
        if second.at != now.as_secs() {
            *second = Second { at: now.as_secs(), calls: HashMap::new() };
        }
        let calls = second.calls.entry((queue, action, group)).or_insert(0);
        if *calls == FIFO_CALLS {
            return Err(Throttled);
        }
        *calls += 1;
        Ok(())
    }
}

/// Lets a call to a FIFO queue pass, or refuses it where quotas are held and too many came before it in this second.
/// `group` is that of the first message: in high-throughput mode the calls that send are counted for each group.
///
/// # Errors
/// Too many calls; the universe is gone.
pub fn admit<E>(cx: &Context, queue: &QueueAddress, action: Action, group: Option<&str>) -> Result<(), E>
where
    E: From<Throttled> + From<Need>,
{
    if cx.quotas() != Quotas::Strict {
        return Ok(());
    }
    let fifo = |state: &crate::state::queue::QueueState, _| {
        state.settings.get().and_then(|settings| settings.attributes.fifo)
    };
    let group = match cx.read(&queue.key, fifo)?.map(Fifo::limit) {
        None => return Ok(()),
        Some(ThroughputLimit::PerQueue) => SmolStr::default(),
        Some(ThroughputLimit::PerMessageGroupId) => match group {
            Some(group) => SmolStr::new(group),
            None => return Ok(()),
        },
    };
    let universe = cx.universe();
    universe.live().of::<Throughput>().take(queue.key.hash(), action, group, universe.clock().now())?;
    Ok(())
}
