//! The environments of one function in one generation.

use super::environment::{Environment, Message};
use super::invocation::{Invocation, Verdict, exited};
use super::launch::{Launch, LaunchError};
use crate::limits::{IDLE, START, starts_at_once};
use mesh_clock::RealTime;
use mesh_router::Context;
use mesh_types::Timestamp;
use parking_lot::{Mutex, MutexGuard};
use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Arc, OnceLock};
use tokio::sync::{Semaphore, oneshot};

/// The environments of one function in one generation.
pub(crate) struct Pool {
    generation: u64,
    launch: Launch,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// All that were started and have not ended.
    environments: HashMap<u64, Arc<Environment>>,
    /// Those that have asked for an event and have none; the last to come is the first to work.
    idle: Vec<Idle>,
    /// Invocations for which there was no environment.
    waiting: VecDeque<Invocation>,
    /// Environments that have not yet asked for their first event, those about to be started too.
    starting: usize,
    /// Environments that have answered and not yet asked for the next event: they will in a moment.
    returning: HashSet<u64>,
    started: u64,
    /// No environment is kept after its work.
    is_over: bool,
}

struct Idle {
    environment: Arc<Environment>,
    event: oneshot::Sender<Message>,
    since: Timestamp,
}

/// What an environment that asks for an event gets.
pub(super) enum Next {
    Event(Message),
    Wait(oneshot::Receiver<Message>),
    /// It is not needed any more.
    End,
}

impl Pool {
    pub(super) fn new(generation: u64, launch: Launch) -> Self {
        Self { generation, launch, state: Mutex::default() }
    }

    pub(super) fn generation(&self) -> u64 {
        self.generation
    }

    pub(super) fn launch(&self) -> &Launch {
        &self.launch
    }

    /// Gives the event to an environment: one that is idle, or the first to ask.
    pub(crate) fn submit(self: &Arc<Self>, cx: &Context, mut invocation: Invocation) {
        let mut state = self.state.lock();
        while let Some(Idle { environment, event, .. }) = state.idle.pop() {
            if event.is_closed() {
                continue;
            }
            let message = environment.begin(invocation);
            match event.send(message) {
                Ok(()) => return environment.has_begun(),
                // its connection is gone
                Err(_) => match environment.take_back() {
                    Some(back) => invocation = back,
                    None => return,
                },
            }
        }
        state.waiting.push_back(invocation);
        let coming = state.starting + state.returning.len();
        self.start_for_waiting(state, coming, cx);
    }

    /// Starts an environment for an invocation that waits for one that has not come back.
    pub(crate) fn hurry(self: &Arc<Self>, cx: &Context) {
        let state = self.state.lock();
        let coming = state.starting;
        self.start_for_waiting(state, coming, cx);
    }

    fn start_for_waiting(self: &Arc<Self>, mut state: MutexGuard<'_, State>, coming: usize, cx: &Context) {
        if coming < state.waiting.len() {
            state.starting += 1;
            drop(state);
            tokio::spawn(start(Arc::clone(self), cx.clone()));
        }
    }

    /// An environment asks for an event.
    pub(super) fn next(&self, environment: &Arc<Environment>) -> Next {
        let mut state = self.state.lock();
        if environment.asks_first() {
            state.starting = state.starting.saturating_sub(1);
        }
        state.returning.remove(&environment.number());
        while let Some(invocation) = state.waiting.pop_front() {
            if invocation.ended.is_closed() {
                // nobody waits for it any more
                continue;
            }
            let message = environment.begin(invocation);
            environment.has_begun();
            return Next::Event(message);
        }
        if state.is_over {
            state.environments.remove(&environment.number());
            return Next::End;
        }
        // one whose connection broke while it waited asks again
        state.idle.retain(|idle| idle.environment.number() != environment.number());
        let (event, waits) = oneshot::channel();
        state.idle.push(Idle { environment: Arc::clone(environment), event, since: RealTime::now() });
        Next::Wait(waits)
    }

    /// An environment has done its work; it goes where its generation is past.
    pub(super) fn is_done(&self, environment: &Environment) {
        let mut state = self.state.lock();
        // dropped outside the lock: that removes directories
        let gone = if state.is_over {
            state.environments.remove(&environment.number())
        } else {
            state.returning.insert(environment.number());
            None
        };
        drop(state);
        drop(gone);
    }

    /// An environment has ended. If that was before its first event, the invocation that has waited longest fails
    /// with `verdict`: one was started for each.
    pub(super) fn has_ended(&self, environment: &Environment, verdict: impl FnOnce(&Invocation) -> Verdict) {
        let mut state = self.state.lock();
        let gone = state.environments.remove(&environment.number());
        state.returning.remove(&environment.number());
        state.idle.retain(|idle| idle.environment.number() != environment.number());
        let failed = if environment.asks_first() {
            state.starting = state.starting.saturating_sub(1);
            state.waiting.pop_front()
        } else {
            None
        };
        drop(state);
        if let Some(invocation) = failed {
            let verdict = verdict(&invocation);
            invocation.ended.send(verdict).ok();
        }
        drop(gone);
    }

    /// Keeps no environment after its work.
    pub(super) fn retire(&self) {
        let mut state = self.state.lock();
        state.is_over = true;
        let idle = std::mem::take(&mut state.idle);
        let gone: Vec<_> =
            idle.iter().filter_map(|idle| state.environments.remove(&idle.environment.number())).collect();
        drop(state);
        drop((idle, gone));
    }

    /// Ends all environments, whatever they do; what waits for them is answered.
    pub(super) fn end(&self) {
        let mut state = self.state.lock();
        state.is_over = true;
        let State { environments, idle, waiting, .. } = std::mem::take(&mut *state);
        state.is_over = true;
        drop(state);
        for invocation in waiting {
            let sentence = exited(invocation.id, "The environment was ended, because its universe was.");
            let sentence = String::from_utf8_lossy(&sentence).into_owned();
            invocation.ended.send(Verdict::Broken(sentence)).ok();
        }
        environments.values().for_each(|environment| environment.kill());
        drop((environments, idle));
    }

    /// Ends those that have been idle for long; answers when the next is to be ended.
    pub(super) fn end_idle(&self, now: Timestamp) -> Option<Timestamp> {
        let mut state = self.state.lock();
        let is_old = |idle: &Idle| idle.since + IDLE <= now;
        let (old, idle): (Vec<_>, Vec<_>) = std::mem::take(&mut state.idle).into_iter().partition(is_old);
        state.idle = idle;
        let gone: Vec<_> =
            old.iter().filter_map(|old| state.environments.remove(&old.environment.number())).collect();
        // one that works now becomes idle later than any that is
        let next = state.idle.iter().map(|idle| idle.since + IDLE).min();
        let next = next.or_else(|| (!state.environments.is_empty()).then_some(now + IDLE));
        drop(state);
        drop((old, gone));
        next
    }

    /// Takes a new environment in; `None` where the pool has ended.
    pub(super) fn add(&self, make: impl FnOnce(u64) -> Arc<Environment>) -> Option<Arc<Environment>> {
        let mut state = self.state.lock();
        if state.is_over && state.waiting.is_empty() {
            return None;
        }
        state.started += 1;
        let environment = make(state.started);
        state.environments.insert(environment.number(), Arc::clone(&environment));
        Some(environment)
    }

    /// An environment was made whose process could not be started.
    pub(super) fn forget(&self, environment: &Environment) {
        let gone = self.state.lock().environments.remove(&environment.number());
        drop(gone);
    }

    /// An environment could not be started: the invocation that has waited longest is told.
    fn could_not_start(&self, error: LaunchError) {
        let mut state = self.state.lock();
        state.starting = state.starting.saturating_sub(1);
        let failed = state.waiting.pop_front();
        drop(state);
        if let Some(invocation) = failed {
            let verdict = match error {
                LaunchError::Unfit(sentence) => Verdict::Unfit(sentence),
                LaunchError::Invalid { kind, sentence } => {
                    let sentence = format!("RequestId: {} Error: {sentence}", invocation.id);
                    let payload = super::invocation::failure(kind, &sentence);
                    Verdict::Ran(super::Outcome { payload, is_error: true, log: None })
                }
                LaunchError::Full(sentence) => Verdict::Full(sentence),
                LaunchError::Broken(sentence) => Verdict::Broken(sentence),
            };
            invocation.ended.send(verdict).ok();
        }
    }
}

/// Starts an environment and waits until it asks for its first event, or ends.
async fn start(pool: Arc<Pool>, cx: Context) {
    static STARTS: OnceLock<Semaphore> = OnceLock::new();
    let permit = STARTS.get_or_init(|| Semaphore::new(starts_at_once())).acquire().await;
    let environment = match super::launch::start(&pool, &cx).await {
        Ok(Some(environment)) => environment,
        Ok(None) => return,
        Err(error) => return pool.could_not_start(error),
    };
    let begins = async {
        // a start that takes long may be waiting for another one
        tokio::select! {
            () = environment.started() => {}
            () = RealTime::sleep(START) => {}
        }
        drop(permit);
        tokio::select! {
            () = environment.started() => {}
            () = RealTime::sleep(pool.launch.init_limit()) => environment.init_timed_out().await,
        }
    };
    tokio::select! {
        () = begins => {}
        () = environment.outgrows() => environment.started().await,
    }
    environment.log().flush(&cx);
}
