//! What happens to a call between its decoding and its answer.

use super::state::dice;
use super::{Dropped, Effect, FaultRules, Rule, code, names};
use crate::handler::AnyHandler;
use crate::record::FaultEntry;
use crate::router::Answer;
use crate::{Caller, Context, Entry};
use http::header::{HeaderName, HeaderValue};
use mesh_clock::{Draw, RealTime};
use mesh_store::{Cause, Tx};
use mesh_types::{Need, Timestamp};
use mesh_wire::schema::serde::SerializableStruct;
use mesh_wire::{
    Answers, ApiError, ErrorMeta, ErrorShape, Failure, Operation, OperationMeta, ServiceUnavailable, check,
};
use parking_lot::Mutex;
use smol_str::format_smolstr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// The header of a request that asks for faults for itself, and of an answer that names those that it got.
pub static HEADER: HeaderName = HeaderName::from_static("x-mesh-fault");

/// In the extensions of an answer: it is not to be sent, the connection breaks instead.
#[derive(Debug, Clone, Copy)]
pub struct ConnectionDropped;

/// What faults have to do with one context. None is made where there are none.
#[derive(Debug, Default)]
pub(crate) struct Faulty {
    /// Rules that the request brought with it, for itself alone.
    own: Vec<Arc<Rule>>,
    /// The calls under way, the innermost last, each with the rules that are the service's to ask about.
    calls: Mutex<Vec<Arc<Call>>>,
    /// What the answer's header tells.
    injected: Mutex<Vec<HeaderValue>>,
    is_dropped: AtomicBool,
    /// A rule has it take longer.
    is_delayed: AtomicBool,
}

/// A call under way.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) meta: &'static OperationMeta,
    pub(super) rules: Vec<Meant>,
}

/// A rule that means a call. Those that the request brought have no number, and are not counted.
#[derive(Debug, Clone)]
pub(super) struct Meant {
    pub(super) number: Option<u64>,
    pub(super) rule: Arc<Rule>,
}

impl Faulty {
    pub(crate) fn of_request(own: Vec<Rule>) -> Self {
        Self { own: own.into_iter().map(Arc::new).collect(), ..Self::default() }
    }

    /// The call whose service asks.
    pub(super) fn innermost(&self) -> Option<Arc<Call>> {
        self.calls.lock().last().cloned()
    }

    /// Whether a rule has it take longer, now.
    pub(crate) fn is_delayed(&self) -> bool {
        self.is_delayed.load(Ordering::Relaxed)
    }

    /// Tells in an answer what was injected.
    pub(crate) fn mark(&self, answer: &mut Answer) {
        for told in self.injected.lock().drain(..) {
            answer.headers_mut().append(&HEADER, told);
        }
        if self.is_dropped.load(Ordering::Relaxed) {
            answer.extensions_mut().insert(ConnectionDropped);
        }
    }
}

/// A call that goes on: what else is to happen to it.
struct Under<'a> {
    faulty: &'a Faulty,
    is_outermost: bool,
    is_made_twice: bool,
    is_dropped: bool,
}

impl<'a> Under<'a> {
    fn begin(faulty: &'a Faulty, call: Call) -> Self {
        let mut calls = faulty.calls.lock();
        calls.push(Arc::new(call));
        Self { faulty, is_outermost: calls.len() == 1, is_made_twice: false, is_dropped: false }
    }

    /// The connection breaks, if this call is what came over it.
    fn drop_connection(&self) -> ApiError {
        if self.is_outermost {
            self.faulty.is_dropped.store(true, Ordering::Relaxed);
        }
        let message = "A fault rule broke the connection.".to_owned();
        ServiceUnavailable { message }.into_api_error()
    }
}

impl Drop for Under<'_> {
    fn drop(&mut self) {
        self.faulty.calls.lock().pop();
    }
}

/// Whether a rule could strike this call.
pub(crate) fn may_strike(cx: &Context) -> bool {
    cx.router().arming().is_armed() || cx.faulty().is_some()
}

/// Runs an operation with what its universe's rules, and its request's own, do to it.
pub(crate) async fn run<O: Operation>(
    cx: &Context,
    handler: &dyn AnyHandler<O>,
    input: O::Input,
) -> Result<O::Output, ApiError> {
    let under = before(cx, O::meta(), O::Error::ERRORS, &input).await?;
    check::check::<O>(&input)?;
    if under.is_made_twice {
        // What comes of it the second time is what the sender hears.
        handler.run_any(cx, input.clone()).await.map_err(Into::into).ok();
    }
    let answer = handler.run_any(cx, input).await.map_err(Into::into);
    if under.is_dropped { Err(under.drop_connection()) } else { answer }
}

/// Strikes a call. What it is answered, if it goes no further.
async fn before<'a>(
    cx: &'a Context,
    meta: &'static OperationMeta,
    listed: &'static [&'static ErrorMeta],
    input: &(dyn SerializableStruct + Sync),
) -> Result<Under<'a>, ApiError> {
    let meant = meant(cx, meta, listed, input)?;
    let (asked, strikes): (Vec<_>, Vec<_>) =
        meant.into_iter().partition(|meant| is_the_services(&meant.rule.effect, cx.cause()));
    let mut under = Under::begin(cx.faulty_or_new(), Call { meta, rules: asked });
    let (mut delay, mut answer) = (Duration::ZERO, None);
    for (rule, mut dice) in strike(cx, &strikes)? {
        note(cx, meta, &rule);
        match &rule.effect {
            Effect::Latency { least, most } => {
                delay += *least + (*most - *least).mul_f64(super::state::unit(&mut dice))
            }
            Effect::Error { code, message } => {
                let error = code::find(code, meta.service, listed).unwrap_or(ServiceUnavailable::META);
                let said = message.as_ref().map_or_else(|| code::sentence(meta, error), ToString::to_string);
                answer = Some(ApiError::new(error, said));
            }
            Effect::Throttle { .. } => {
                let error = code::throttle(meta.service, listed);
                answer = Some(ApiError::new(error, code::sentence(meta, error)));
            }
            Effect::Drop(Dropped::Before) => answer = Some(under.drop_connection()),
            Effect::Drop(Dropped::After) => under.is_dropped = true,
            Effect::Duplicate => under.is_made_twice = true,
            Effect::PartialBatch { .. } | Effect::Reorder | Effect::StaleRead(_) => {}
        }
    }
    if !delay.is_zero() {
        under.faulty.is_delayed.store(true, Ordering::Relaxed);
        take_longer(cx, delay).await;
        under.faulty.is_delayed.store(false, Ordering::Relaxed);
    }
    answer.map_or(Ok(under), Err)
}

/// Whether an effect is the service's to show, which asks for it while the call runs.
fn is_the_services(effect: &Effect, cause: Cause) -> bool {
    match effect {
        Effect::PartialBatch { .. } | Effect::Reorder | Effect::StaleRead(_) => true,
        Effect::Duplicate => !matches!(cause, Cause::Delivery(_)),
        _ => false,
    }
}

/// The rules that mean a call: its request's own, then its universe's.
fn meant(
    cx: &Context,
    meta: &'static OperationMeta,
    listed: &[&'static ErrorMeta],
    input: &dyn SerializableStruct,
) -> Result<Vec<Meant>, ApiError> {
    let (service, operation) = (meta.service.name, meta.name);
    let mut meant = Vec::new();
    if let Some(faulty) = cx.faulty()
        && faulty.calls.lock().is_empty()
    {
        meant.extend(faulty.own.iter().map(|rule| Meant { number: None, rule: Arc::clone(rule) }));
    }
    if cx.router().arming().is_armed() {
        let fits = |rule: &Rule| {
            rule.on.means_operation(service, operation) && rule.on.means_caller(cx.account(), cx.caller())
        };
        let found = cx.universe().read(&FaultRules::key(), |state, _| -> Vec<Meant> {
            let numbers = state.rules.range(..).filter(|(_, rule)| fits(rule)).map(|(number, _)| *number);
            let shared =
                |number| Some(Meant { number: Some(number), rule: state.rules.get_shared(&number)? });
            numbers.filter_map(shared).collect()
        });
        meant.extend(found.map_err(Failure::into_answer)?);
    }
    let mut named = None;
    meant.retain(|meant| {
        let Some(resource) = &meant.rule.on.resource else { return true };
        named.get_or_insert_with(|| names(meta, input)).iter().any(|name| resource.matches(name))
    });
    meant.retain(|meant| match &meant.rule.effect {
        Effect::Error { code, .. } => code::find(code, meta.service, listed).is_some(),
        _ => true,
    });
    Ok(meant)
}

/// Counts the call with each rule, up to the first that ends it. The rules that struck it, with their dice.
pub(super) fn strike(cx: &Context, rules: &[Meant]) -> Result<Vec<(Arc<Rule>, Draw)>, ApiError> {
    let seed = cx.universe().seed();
    let mut struck = Vec::new();
    let counted = rules.iter().any(|meant| meant.number.is_some());
    let mut each = |strike: &mut dyn FnMut(u64) -> Option<Draw>| {
        struck.clear();
        for Meant { number, rule } in rules {
            let dice = match number {
                Some(number) => strike(*number),
                None => Some(dice(seed, &rule.name, low_bits(cx.request_id().bits()))),
            };
            let Some(dice) = dice else { continue };
            struck.push((Arc::clone(rule), dice));
            if rule.effect.ends_the_call() {
                break;
            }
        }
    };
    if counted {
        let work = |state: &mut FaultRules, tx: &mut Tx<'_>| {
            each(&mut |number| state.strike(number, seed, tx.now()));
            Ok::<_, Need>(())
        };
        cx.universe().write(&FaultRules::key(), cx.cause(), work).map_err(Failure::into_answer)?;
    } else {
        each(&mut |_| None);
    }
    Ok(struck)
}

fn low_bits(bits: u128) -> u64 {
    u64::try_from(bits & u128::from(u64::MAX)).unwrap_or(0)
}

/// Writes down what a rule did to a call, and has its answer tell it.
pub(super) fn note(cx: &Context, meta: &'static OperationMeta, rule: &Rule) {
    let effect = format_smolstr!("{}", rule.effect);
    if let Ok(told) = HeaderValue::try_from(format!("{} {effect}", rule.name)) {
        cx.faulty_or_new().injected.lock().push(told);
    }
    let record = cx.router().record();
    record.add(Entry::Fault(FaultEntry {
        sequence: record.next(),
        universe: cx.universe().name().clone(),
        epoch: cx.universe().epoch(),
        rule: rule.name.clone(),
        effect,
        service: meta.service.name,
        operation: meta.name,
        request_id: cx.request_id(),
        cause: cx.cause(),
        at: cx.universe().clock().now(),
    }));
}

/// Waits as long as the caller is to feel it: a caller from outside compares with its own clock, so that is real time;
/// what mesh-local sends by itself lives in the universe's.
async fn take_longer(cx: &Context, span: Duration) {
    let clock = cx.universe().clock();
    if matches!(cx.caller(), Caller::Service { .. }) {
        return clock.sleep_until(clock.now() + span).await;
    }
    // A universe in which a call waits for real time has not come to rest.
    let _busy = clock.activity().begin();
    let wait = clock.wait();
    let _hears = cx.hangup().ends(&wait);
    // Rings at the universe's end alone.
    let _alarm = clock.alarm(Timestamp::MAX, &wait);
    tokio::select! {
        () = wait => {}
        () = RealTime::sleep(span) => {}
    }
}
