//! Execution environments: child processes that speak the Lambda Runtime API, each on a loopback port of its own.
//!
//! [`Sandboxes`] is what a universe keeps of them while the process runs: a [`Pool`] for each function in its latest
//! generation. An invocation goes to an environment that is idle; where none is, it waits, and one more is started for
//! it. Whichever environment asks next gets the one that has waited longest. So environments come to as many as
//! invocations run at once, and no invocation waits for a start when another environment becomes free before.
//!
//! Nothing here holds a router: what holds one from within a universe would keep both alive for ever.

mod environment;
mod interpreter;
mod invocation;
mod launch;
mod log;
mod places;
mod pool;
mod runtime_api;

pub(crate) use environment::Attended;
pub(crate) use invocation::{Invocation, Outcome, Verdict};
pub(crate) use launch::Launch;
pub(crate) use pool::Pool;

use crate::domain::failure::TooManyInvocations;
use crate::limits::CONCURRENCY;
use crate::state::directory;
use mesh_clock::RealTime;
use mesh_router::Context;
use mesh_store::{PartitionKey, Signal, Universe};
use mesh_types::{AccountId, Region, Timestamp};
use parking_lot::Mutex;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::Notify;

/// No function signals it: whoever waits for it hears of the universe's end alone.
const END: Signal = Signal(255);

/// The environments of a universe.
#[derive(Default)]
pub(crate) struct Sandboxes {
    pools: Mutex<BTreeMap<PartitionKey, Arc<Pool>>>,
    working: Mutex<HashMap<(AccountId, Region), usize>>,
    is_kept: AtomicBool,
    changed: Notify,
}

/// An invocation counts against the account's limit until this is dropped.
pub(crate) struct Working {
    sandboxes: Arc<Sandboxes>,
    whose: (AccountId, Region),
}

impl Sandboxes {
    /// Those of the context's universe.
    pub(crate) fn of(cx: &Context) -> Arc<Self> {
        cx.universe().live().of()
    }

    /// The environments of a function in this generation; those of another are ended as they become idle.
    pub(crate) fn pool(
        self: &Arc<Self>,
        cx: &Context,
        key: &PartitionKey,
        generation: u64,
        launch: impl FnOnce() -> Launch,
    ) -> Arc<Pool> {
        let mut pools = self.pools.lock();
        if let Some(pool) = pools.get(key).filter(|pool| pool.generation() == generation) {
            return Arc::clone(pool);
        }
        let pool = Arc::new(Pool::new(generation, launch()));
        let former = pools.insert(key.clone(), Arc::clone(&pool));
        drop(pools);
        if let Some(former) = former {
            former.retire();
        }
        self.keep(cx.universe());
        if cx.universe().is_gone() {
            // the task that ends all may have done so already
            pool.retire();
        }
        pool
    }

    /// Ends the environments of a function, those that work when they have done their work.
    pub(crate) fn retire(&self, key: &PartitionKey) {
        let pool = self.pools.lock().remove(key);
        if let Some(pool) = pool {
            pool.retire();
        }
    }

    /// Counts an invocation.
    ///
    /// # Errors
    /// As many run as may.
    pub(crate) fn begin(self: &Arc<Self>, key: &PartitionKey) -> Result<Working, TooManyInvocations> {
        let whose = (key.account(), key.region().clone());
        let mut working = self.working.lock();
        let count = working.entry(whose.clone()).or_default();
        if *count >= CONCURRENCY {
            return Err(TooManyInvocations);
        }
        *count += 1;
        drop(working);
        Ok(Working { sandboxes: Arc::clone(self), whose })
    }

    /// Starts the task that ends environments which were idle for long, and all of them with the universe.
    fn keep(self: &Arc<Self>, universe: &Universe) {
        if self.is_kept.swap(true, Ordering::AcqRel) {
            return self.changed.notify_one();
        }
        let (sandboxes, universe) = (Arc::clone(self), universe.clone());
        let busy = universe.clock().activity().begin();
        tokio::spawn(async move {
            let place = directory::key_of(AccountId::DEFAULT, &Region::DEFAULT);
            loop {
                let mut wait = universe.clock().wait();
                let _listening = universe.listen(&place, END, &wait);
                if universe.is_gone() {
                    break;
                }
                let now = RealTime::now();
                let next = sandboxes.end_idle(now);
                let alarm = async {
                    match next {
                        Some(at) => RealTime::sleep(at.since(now)).await,
                        None => std::future::pending().await,
                    }
                };
                tokio::select! {
                    () = &mut wait => {}
                    () = alarm => {}
                    () = sandboxes.changed.notified() => {}
                }
            }
            sandboxes.end();
            drop(busy);
        });
    }

    /// Ends the environments that have been idle for long; answers when the next is to be ended.
    fn end_idle(&self, now: Timestamp) -> Option<Timestamp> {
        let pools: Vec<Arc<Pool>> = self.pools.lock().values().cloned().collect();
        pools.iter().filter_map(|pool| pool.end_idle(now)).min()
    }

    /// Ends all environments, whatever they do.
    fn end(&self) {
        let pools = std::mem::take(&mut *self.pools.lock());
        pools.values().for_each(|pool| pool.end());
    }
}

impl Drop for Working {
    fn drop(&mut self) {
        let mut working = self.sandboxes.working.lock();
        if let Some(count) = working.get_mut(&self.whose) {
            *count -= 1;
            if *count == 0 {
                working.remove(&self.whose);
            }
        }
    }
}
