//! One execution environment.

use super::invocation::{Invocation, Outcome, Verdict, exited, timed_out, too_long};
use super::log::{Log, Report};
use super::pool::Pool;
use crate::limits::{MEMORY_LOOK, RESPONSE};
use bytes::Bytes;
use mesh_clock::RealTime;
use mesh_router::outside::{Exit, Listening, Process, Scratch};
use mesh_types::{RequestId, Timestamp};
use parking_lot::Mutex;
use std::ops::Deref;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock, Weak};
use std::time::Duration;
use tokio::sync::{oneshot, watch};

/// The signal that ends a process which holds too much memory.
const KILLED: i32 = 9;

/// A process, its port, its directory, and what it works on.
pub(crate) struct Environment {
    me: Weak<Self>,
    number: u64,
    pool: Weak<Pool>,
    log: Arc<Log>,
    work: Mutex<Option<Work>>,
    /// Whether it has not yet asked for its first event.
    is_new: AtomicBool,
    begun_at: Timestamp,
    /// Whether it was killed because it held too much memory.
    is_too_large: AtomicBool,
    /// How long it took until it asked first, until the first report has told.
    init: Mutex<Option<Duration>>,
    started: watch::Sender<bool>,
    // in this order they go: the process first, and the directory in which it is last
    process: OnceLock<Arc<dyn Process>>,
    listening: OnceLock<Box<dyn Listening>>,
    _own: Arc<dyn Scratch>,
    _code: Arc<dyn Scratch>,
}

/// What it works on.
struct Work {
    invocation: Invocation,
    begun_at: Timestamp,
}

/// What the process is told of an invocation.
pub(super) struct Message {
    pub(super) id: RequestId,
    pub(super) event: Bytes,
    pub(super) arn: String,
    pub(super) trace: String,
    pub(super) client_context: Option<String>,
    pub(super) deadline: Timestamp,
}

impl Environment {
    pub(super) fn new(
        number: u64,
        pool: &Arc<Pool>,
        log: Arc<Log>,
        own: Arc<dyn Scratch>,
        code: Arc<dyn Scratch>,
    ) -> Arc<Self> {
        Arc::new_cyclic(|me| Self {
            me: me.clone(),
            number,
            pool: Arc::downgrade(pool),
            log,
            work: Mutex::new(None),
            is_new: AtomicBool::new(true),
            is_too_large: AtomicBool::new(false),
            begun_at: RealTime::now(),
            init: Mutex::new(None),
            started: watch::channel(false).0,
            process: OnceLock::new(),
            listening: OnceLock::new(),
            _own: own,
            _code: code,
        })
    }

    pub(super) fn number(&self) -> u64 {
        self.number
    }

    /// Where its output goes.
    pub(crate) fn log(&self) -> &Arc<Log> {
        &self.log
    }

    pub(super) fn listens(&self, listening: Box<dyn Listening>) {
        self.listening.set(listening).ok();
    }

    /// Follows its process to the end.
    pub(super) fn runs(self: &Arc<Self>, process: Arc<dyn Process>) {
        let ended = process.ended();
        self.process.set(process).ok();
        let environment = Arc::downgrade(self);
        tokio::spawn(async move {
            let exit = ended.await;
            if let Some(environment) = environment.upgrade() {
                environment.process_ended(exit);
            }
        });
    }

    /// True once: when it asks for its first event, or ends before.
    pub(super) fn asks_first(&self) -> bool {
        let is_first = self.is_new.swap(false, Ordering::AcqRel);
        if is_first {
            *self.init.lock() = Some(RealTime::now().since(self.begun_at));
            // should it end before it has answered, this is known of it
            self.process.get().and_then(|process| process.memory());
            self.started.send_replace(true);
        }
        is_first
    }

    /// Waits until it has asked for its first event, or has ended.
    pub(super) fn started(&self) -> impl Future<Output = ()> + use<> {
        let mut started = self.started.subscribe();
        async move {
            // the environment is gone where this fails
            started.wait_for(|started| *started).await.ok();
        }
    }

    /// Takes an invocation on.
    pub(super) fn begin(&self, mut invocation: Invocation) -> Message {
        let begun_at = RealTime::now();
        let message = Message {
            id: invocation.id,
            event: invocation.event.clone(),
            arn: invocation.arn.clone(),
            trace: invocation.trace.clone(),
            client_context: invocation.client_context.take(),
            deadline: begun_at + invocation.timeout,
        };
        self.log.begin(invocation.id, invocation.wants_log);
        *self.work.lock() = Some(Work { invocation, begun_at });
        message
    }

    /// The invocation that was taken on has reached the process: who waits for it may look at the clock.
    pub(super) fn has_begun(&self) {
        let mut work = self.work.lock();
        let begun = work.as_mut().and_then(|work| Some((work.invocation.begun.take()?, work.invocation.id)));
        // not under the lock: where nobody waits any more, the invocation is abandoned
        drop(work);
        if let Some((begun, id)) = begun {
            self.announce(begun, id);
        }
    }

    fn announce(&self, begun: oneshot::Sender<Attended>, id: RequestId) {
        if let Some(environment) = self.me.upgrade() {
            begun.send(Attended { environment, id, is_over: false }).ok();
        }
    }

    /// Gives back an invocation that did not reach the process.
    pub(super) fn take_back(&self) -> Option<Invocation> {
        let work = self.work.lock().take()?;
        self.log.forget(work.invocation.id);
        Some(work.invocation)
    }

    /// Whether it works on something.
    pub(super) fn is_working(&self) -> bool {
        self.work.lock().is_some()
    }

    /// The function has answered; false where it does not work on this.
    pub(super) fn answered(&self, id: &str, payload: Bytes, is_error: bool) -> bool {
        let Some(work) = self.take(|work| work.invocation.id.to_string() == id) else { return false };
        if self.was_too_large() {
            // what it answers was computed with memory that it would not have had
            self.kill_too_large();
            self.exits(work, &exit_words(Exit::Signal(KILLED)));
            return true;
        }
        let is_too_long = payload.len() > RESPONSE;
        let payload = if is_too_long { too_long() } else { payload };
        let status = if is_error || is_too_long { Some("error") } else { None };
        // first this: who gets the answer may invoke again at once
        if let Some(pool) = self.pool.upgrade() {
            pool.is_done(self);
        }
        self.conclude(work, payload, status);
        true
    }

    /// The function says that it cannot begin.
    pub(super) fn init_failed(&self, payload: Bytes) {
        self.drain();
        self.ends(|_| Verdict::Ran(Outcome { payload, is_error: true, log: None }));
    }

    /// It has not asked for an event within its time.
    pub(super) async fn init_timed_out(&self) {
        self.kill_and_wait().await;
        self.log.line("INIT_REPORT Status: timeout");
        let timeout = |invocation: &Invocation| timed_out(invocation.id, invocation.timeout);
        self.ends(|invocation| {
            Verdict::Ran(Outcome { payload: timeout(invocation), is_error: true, log: None })
        });
    }

    /// An invocation has taken too long: it ends with all its processes, if it still runs.
    pub(crate) async fn time_out(&self, id: RequestId) {
        let Some(work) = self.take(|work| work.invocation.id == id) else { return };
        self.kill_and_wait().await;
        let timeout = work.invocation.timeout;
        self.log.timed_out(id, timeout);
        self.conclude(work, timed_out(id, timeout), Some("timeout"));
        self.ends(|invocation| {
            Verdict::Ran(Outcome {
                payload: exited(invocation.id, "Runtime exited without providing a reason"),
                is_error: true,
                log: None,
            })
        });
    }

    /// Watches its memory while it works, and comes back once it has killed it because it held more than the function
    /// may. A kernel would kill at once; this looks every [`MEMORY_LOOK`].
    pub(crate) async fn outgrows(&self) {
        loop {
            RealTime::sleep(MEMORY_LOOK).await;
            let limit = self.log.memory_limit();
            if self
                .process
                .get()
                .and_then(|process| process.held_memory(limit))
                .is_some_and(|held| held > limit)
            {
                return self.kill_too_large();
            }
        }
    }

    fn kill_too_large(&self) {
        self.is_too_large.store(true, Ordering::Release);
        self.kill();
    }

    /// What it was at most, where that is more than the function may have and nobody looked at the time.
    fn was_too_large(&self) -> bool {
        let limit = self.log.memory_limit();
        self.process.get().and_then(|process| process.memory()).is_some_and(|memory| memory.kept_peak > limit)
    }

    /// Kills the process with its group.
    pub(crate) fn kill(&self) {
        if let Some(process) = self.process.get() {
            process.kill();
        }
    }

    fn process_ended(&self, exit: Exit) {
        let how = exit_words(exit);
        if let Some(work) = self.take(|_| true) {
            self.exits(work, &how);
        }
        self.ends(|invocation| {
            Verdict::Ran(Outcome { payload: exited(invocation.id, &how), is_error: true, log: None })
        });
    }

    /// The process has ended with what it worked on.
    fn exits(&self, work: Work, how: &str) {
        let id = work.invocation.id;
        self.drain();
        self.log.line(&format!("RequestId: {id} Error: {how}\nRuntime.ExitError"));
        self.conclude(work, exited(id, how), Some("error"));
    }

    fn ends(&self, verdict: impl FnOnce(&Invocation) -> Verdict) {
        if let Some(pool) = self.pool.upgrade() {
            pool.has_ended(self, verdict);
        }
    }

    fn take(&self, is_meant: impl FnOnce(&Work) -> bool) -> Option<Work> {
        let mut work = self.work.lock();
        if work.as_ref().is_some_and(is_meant) { work.take() } else { None }
    }

    /// Closes the books on an invocation, and tells how it ended.
    fn conclude(&self, work: Work, payload: Bytes, status: Option<&'static str>) {
        let Work { mut invocation, begun_at } = work;
        if let Some(begun) = invocation.begun.take() {
            self.announce(begun, invocation.id);
        }
        self.drain();
        let peak = self.process.get().and_then(|process| process.memory()).map(|memory| memory.peak);
        let limit = self.log.memory_limit();
        let is_too_large = self.is_too_large.load(Ordering::Acquire);
        let report = Report {
            took: RealTime::now().since(begun_at),
            init: self.init.lock().take(),
            // pages of files that are beyond it would be taken back
            peak_memory: if is_too_large { Some(limit) } else { peak.map(|peak| peak.min(limit)) },
            status,
        };
        let log = self.log.end(invocation.id, &report);
        let is_error = status.is_some();
        invocation.ended.send(Verdict::Ran(Outcome { payload, is_error, log })).ok();
    }

    /// Takes over what the process has written up to now.
    fn drain(&self) {
        if let Some(process) = self.process.get() {
            process.drain();
        }
    }

    async fn kill_and_wait(&self) {
        if let Some(process) = self.process.get() {
            process.kill();
            process.ended().await;
        }
    }
}

/// An invocation that runs, for who waits for it and looks at the clock. Where that is given up, the environment ends.
pub(crate) struct Attended {
    environment: Arc<Environment>,
    id: RequestId,
    is_over: bool,
}

impl Attended {
    /// It has ended.
    pub(crate) fn over(mut self) {
        self.is_over = true;
    }
}

impl Deref for Attended {
    type Target = Environment;

    fn deref(&self) -> &Environment {
        &self.environment
    }
}

impl Drop for Attended {
    fn drop(&mut self) {
        let works = |work: &Work| work.invocation.id == self.id;
        if !self.is_over && self.environment.work.lock().as_ref().is_some_and(works) {
            self.environment.kill();
        }
    }
}

/// How a process ended, in Lambda's words.
fn exit_words(exit: Exit) -> String {
    match exit {
        Exit::Status(0) => "Runtime exited without providing a reason".to_owned(),
        Exit::Status(status) => format!("Runtime exited with error: exit status {status}"),
        Exit::Signal(signal) => format!("Runtime exited with error: signal: {}", signal_name(signal)),
    }
}

fn signal_name(signal: i32) -> String {
    match signal {
        6 => "aborted".to_owned(),
        KILLED => "killed".to_owned(),
        11 => "segmentation fault".to_owned(),
        15 => "terminated".to_owned(),
        other => other.to_string(),
    }
}
