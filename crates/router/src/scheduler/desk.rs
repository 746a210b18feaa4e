//! What the scheduler and what it has started share.

use super::turns::{Order, Turns};
use mesh_clock::{Wait, Waker};
use mesh_store::{Handling, Universe};
use parking_lot::{Mutex, MutexGuard};
use smol_str::SmolStr;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The turns, and how the scheduler hears that something it started has ended.
#[derive(Default)]
pub(super) struct Desk {
    turns: Mutex<Turns>,
    watcher: Mutex<Option<Waker>>,
}

impl Desk {
    pub(super) fn turns(&self) -> MutexGuard<'_, Turns> {
        self.turns.lock()
    }

    /// Ends `wait` when something that was started has ended.
    pub(super) fn watch(&self, wait: &Wait) {
        *self.watcher.lock() = Some(wait.waker());
    }

    /// A delivery has ended; in which order it was, if it will not be tried again.
    pub(super) fn end(&self, handling: &Handling, done: Option<Order>) {
        self.turns().end(handling, done.as_ref());
        self.wake();
    }

    /// A driver has ended.
    pub(super) fn end_driver(&self, handling: &Handling) {
        self.turns().end_driver(handling);
        self.wake();
    }

    fn wake(&self) {
        if let Some(watcher) = self.watcher.lock().take() {
            watcher.wake();
        }
    }
}

/// What the scheduler of a universe has started and what has not ended, by the order in which it was.
#[derive(Default)]
struct UnderWay(Mutex<(u64, BTreeMap<u64, SmolStr>)>);

/// Something is under way until this is dropped.
pub(super) struct Started {
    all: Arc<UnderWay>,
    ticket: u64,
}

impl Started {
    pub(super) fn note(universe: &Universe, what: SmolStr) -> Self {
        let all = universe.live().of::<UnderWay>();
        let mut under_way = all.0.lock();
        let ticket = under_way.0;
        under_way.0 += 1;
        under_way.1.insert(ticket, what);
        drop(under_way);
        Self { all, ticket }
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        self.all.0.lock().1.remove(&self.ticket);
    }
}

/// The deliveries (`sqs SendMessage`) and drivers (`driver of queue NAME`) of a universe that were started and have not
/// ended, oldest first.
pub fn under_way(universe: &Universe) -> Vec<SmolStr> {
    universe.live().of::<UnderWay>().0.lock().1.values().cloned().collect()
}
