//! What is running: the calls that have begun and not ended, told when a universe does not come to rest.

use crate::Context;
use crate::faults::Faulty;
use mesh_store::Universe;
use mesh_types::{RequestId, Timestamp};
use mesh_wire::OperationMeta;
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::task::{self, Poll};

/// A call that is running.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Running {
    /// The API.
    pub service: &'static str,
    /// The operation.
    pub operation: &'static str,
    /// The id of its request.
    pub request_id: RequestId,
    /// When that came in, in real time.
    pub arrived_at: Timestamp,
}

/// The calls of a universe that could not be answered at once.
#[derive(Debug, Default)]
struct InFlight(Mutex<Inner>);

#[derive(Debug, Default)]
struct Inner {
    next: u64,
    calls: BTreeMap<u64, (Context, &'static OperationMeta)>,
}

/// The calls of a universe that run, the oldest first. Those that wait for an event, as long polls do, do not run.
pub(crate) fn running(universe: &Universe) -> Vec<Running> {
    let in_flight = universe.live().of::<InFlight>();
    let calls: Vec<_> = in_flight.0.lock().calls.values().cloned().collect();
    let is_delayed = |cx: &Context| cx.faulty().is_some_and(Faulty::is_delayed);
    let runs = calls.into_iter().filter(|(cx, _)| !cx.hangup().is_waiting() || is_delayed(cx));
    runs.map(|(cx, meta)| Running {
        service: meta.service.name,
        operation: meta.name,
        request_id: cx.request_id(),
        arrived_at: cx.arrived_at(),
    })
    .collect()
}

/// A call that is written down from when it first has to wait for something until its end. Most never have to.
pub(crate) struct Tracked<'a, F> {
    call: F,
    cx: &'a Context,
    meta: &'static OperationMeta,
    number: Option<u64>,
}

impl<'a, F> Tracked<'a, F> {
    pub(crate) fn new(cx: &'a Context, meta: &'static OperationMeta, call: F) -> Self {
        Self { call, cx, meta, number: None }
    }
}

impl<F: Future + Unpin> Future for Tracked<'_, F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, task: &mut task::Context<'_>) -> Poll<F::Output> {
        let polled = Pin::new(&mut self.call).poll(task);
        if polled.is_pending() && self.number.is_none() {
            let in_flight = self.cx.universe().live().of::<InFlight>();
            let mut inner = in_flight.0.lock();
            let number = inner.next;
            inner.next += 1;
            inner.calls.insert(number, (self.cx.clone(), self.meta));
            self.number = Some(number);
        }
        polled
    }
}

impl<F> Drop for Tracked<'_, F> {
    fn drop(&mut self) {
        if let Some(number) = self.number {
            self.cx.universe().live().of::<InFlight>().0.lock().calls.remove(&number);
        }
    }
}
