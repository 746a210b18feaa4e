//! Signals: what wakes those who wait on a resource.

use crate::PartitionKey;
use mesh_clock::{Wait, Waker};
use parking_lot::Mutex;
use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

/// An event of a partition that can be waited for; each kind of partition numbers its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Signal(pub u8);

const SHARDS: usize = 16;

type Address = (u64, Signal);

/// Who waits for each signal, each with a ticket by which it leaves.
type Waiters = HashMap<Address, VecDeque<(u64, Waker)>>;

/// Those who wait for a signal, by partition, first come first woken.
#[derive(Default)]
pub(crate) struct Signals {
    /// How many wait in all, so that a commit nobody waits for looks no further.
    waiting: AtomicUsize,
    tickets: AtomicU64,
    shards: [Mutex<Waiters>; SHARDS],
}

impl Signals {
    /// Lets this signal of this partition end `wait`.
    pub(crate) fn listen<'a>(&'a self, key: &PartitionKey, signal: Signal, wait: &Wait) -> Listening<'a> {
        let (address, ticket) = ((key.hash(), signal), self.tickets.fetch_add(1, Ordering::Relaxed));
        self.waiting.fetch_add(1, Ordering::SeqCst);
        self.shard(address).lock().entry(address).or_default().push_back((ticket, wait.waker()));
        Listening { signals: self, address, ticket, heard: false }
    }

    /// How many wait.
    pub(crate) fn waiting(&self) -> usize {
        self.waiting.load(Ordering::SeqCst)
    }

    /// Wakes the one who has waited longest.
    pub(crate) fn wake_one(&self, hash: u64, signal: Signal) {
        if self.waiting.load(Ordering::SeqCst) > 0 {
            self.wake((hash, signal), 1);
        }
    }

    /// Wakes all.
    pub(crate) fn wake_all(&self, hash: u64, signal: Signal) {
        if self.waiting.load(Ordering::SeqCst) > 0 {
            self.wake((hash, signal), usize::MAX);
        }
    }

    /// Wakes everyone: the universe is gone.
    pub(crate) fn wake_everyone(&self) {
        for shard in &self.shards {
            for (_, waiters) in shard.lock().drain() {
                self.waiting.fetch_sub(waiters.len(), Ordering::SeqCst);
                for (_, waker) in waiters {
                    waker.wake();
                }
            }
        }
    }

    fn wake(&self, address: Address, mut count: usize) {
        let mut shard = self.shard(address).lock();
        let Some(waiters) = shard.get_mut(&address) else { return };
        while count > 0
            && let Some((_, waker)) = waiters.pop_front()
        {
            self.waiting.fetch_sub(1, Ordering::SeqCst);
            count -= usize::from(waker.wake());
        }
        if waiters.is_empty() {
            shard.remove(&address);
        }
    }

    fn shard(&self, address: Address) -> &Mutex<Waiters> {
        &self.shards[usize::try_from(address.0 % SHARDS as u64).unwrap_or(0)]
    }
}

impl fmt::Debug for Signals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} waiting", self.waiting.load(Ordering::Relaxed))
    }
}

/// Someone listens, until this is dropped. If the signal came to a listener that is dropped before it says
/// [`Listening::heard`], the next listener gets it: no signal is lost with a connection.
#[derive(Debug)]
#[must_use = "dropping it ends the listening"]
pub struct Listening<'a> {
    signals: &'a Signals,
    address: Address,
    ticket: u64,
    heard: bool,
}

impl Listening<'_> {
    /// The listener acts on the signal, or has no use for it.
    pub fn heard(mut self) {
        self.heard = true;
    }
}

impl Drop for Listening<'_> {
    fn drop(&mut self) {
        let signals = self.signals;
        let mut shard = signals.shard(self.address).lock();
        if let Some(waiters) = shard.get_mut(&self.address)
            && let Some(at) = waiters.iter().position(|(ticket, _)| *ticket == self.ticket)
        {
            waiters.remove(at);
            signals.waiting.fetch_sub(1, Ordering::SeqCst);
            if waiters.is_empty() {
                shard.remove(&self.address);
            }
            return;
        }
        drop(shard);
        if !self.heard {
            signals.wake_one(self.address.0, self.address.1);
        }
    }
}
