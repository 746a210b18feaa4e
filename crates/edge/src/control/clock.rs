//! The clock of a universe.

use super::failure::Failure;
use super::moment::{self, Moment};
use super::record;
use super::request::{self, Asked, Chosen, Patience};
use super::state::ControlState;
use axum::Json;
use axum::extract::State;
use bytes::Bytes;
use http::StatusCode;
use mesh_clock::{Advanced, Clock, Mode, RealTime};
use mesh_router::{Entry, Running, scheduler};
use mesh_store::{Cause, Universe};
use mesh_types::{Span, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};
use std::time::Duration;

type Answer = Result<Json<Value>, Failure>;

/// As many entries are told, at most, of what ran or still runs.
const MOST_TOLD: usize = 100;

/// What is told of a clock.
pub(super) fn describe(clock: &Clock) -> Value {
    let (now, mode) = (clock.now(), clock.mode_at_rest());
    let offset = match mode {
        Mode::Running { offset_micros } => offset_micros,
        Mode::Frozen { .. } => offset_to(now),
    };
    let mode = match mode {
        Mode::Running { .. } => "running",
        Mode::Frozen { .. } => "frozen",
    };
    json!({ "now": moment::text(now), "micros": now.as_micros(), "mode": mode, "offset_micros": offset })
}

/// Microseconds from the machine's clock to a moment.
fn offset_to(at: Timestamp) -> i64 {
    at.as_micros().saturating_sub(RealTime::now().as_micros())
}

/// `GET .../clock`
pub(super) async fn show(State(state): State<ControlState>, Chosen(name): Chosen) -> Answer {
    state.universe(&name).map(|universe| Json(describe(universe.clock())))
}

/// The body of freezing.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Freeze {
    at: Option<Moment>,
}

/// Refuses to set a clock back behind what has happened: partitions would stand still until it comes there again.
fn check_floor(universe: &Universe, at: Timestamp) -> Result<(), Failure> {
    match universe.floor().filter(|floor| at < *floor) {
        None => Ok(()),
        Some(floor) => Err(Failure::conflict(format!(
            "The universe {0} has state from {1}, and time does not run backwards there. Set its clock to that moment or a              later one; or fork a universe before time passes in it, or reset it.",
            universe.name(),
            moment::text(floor)
        ))
        .with("floor", moment::text(floor))),
    }
}

/// `POST .../clock/freeze`
pub(super) async fn freeze(State(state): State<ControlState>, Chosen(name): Chosen, body: Bytes) -> Answer {
    let Freeze { at } = request::body(&body)?;
    let universe = state.universe(&name)?;
    match at {
        Some(Moment(at)) => {
            check_floor(&universe, at)?;
            universe.clock().set_mode(Mode::Frozen { at });
        }
        None => universe.clock().freeze(),
    }
    Ok(Json(describe(universe.clock())))
}

/// `POST .../clock/resume`
pub(super) async fn resume(State(state): State<ControlState>, Chosen(name): Chosen) -> Answer {
    let universe = state.universe(&name)?;
    universe.clock().resume();
    Ok(Json(describe(universe.clock())))
}

/// The body of setting.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Set {
    at: Moment,
    mode: Option<SetMode>,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum SetMode {
    Running,
    Frozen,
}

/// `POST .../clock/set`
pub(super) async fn set(State(state): State<ControlState>, Chosen(name): Chosen, body: Bytes) -> Answer {
    let Set { at: Moment(at), mode } = request::body(&body)?;
    let universe = state.universe(&name)?;
    check_floor(&universe, at)?;
    let stands = match mode {
        Some(mode) => matches!(mode, SetMode::Frozen),
        None => matches!(universe.clock().mode_at_rest(), Mode::Frozen { .. }),
    };
    let mode = if stands { Mode::Frozen { at } } else { Mode::Running { offset_micros: offset_to(at) } };
    universe.clock().set_mode(mode);
    Ok(Json(describe(universe.clock())))
}

/// The body of an offset.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Offset {
    by: SignedSpan,
}

/// A span with a sign: `25h`, `-2h`, seconds.
struct SignedSpan(i64);

impl<'de> Deserialize<'de> for SignedSpan {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let written = Value::deserialize(from)?;
        let (is_back, span) = match &written {
            Value::String(text) => match text.trim().strip_prefix('-') {
                Some(rest) => (true, json!(rest)),
                None => (false, json!(text.trim().trim_start_matches('+'))),
            },
            number => (number.as_f64() < Some(0.0), json!(number.as_f64().map(f64::abs))),
        };
        let Span(span) = Span::deserialize(span).map_err(serde::de::Error::custom)?;
        let micros = i64::try_from(span.as_micros()).unwrap_or(i64::MAX);
        Ok(Self(if is_back { -micros } else { micros }))
    }
}

/// `POST .../clock/offset`
pub(super) async fn offset(State(state): State<ControlState>, Chosen(name): Chosen, body: Bytes) -> Answer {
    let Offset { by: SignedSpan(offset_micros) } = request::body(&body)?;
    let universe = state.universe(&name)?;
    let at = Timestamp::from_micros(RealTime::now().as_micros().saturating_add(offset_micros));
    if !moment::is_writable(at) {
        return Err(Failure::bad_request("The clock would leave the years 1 to 9999. Offset it by less."));
    }
    check_floor(&universe, at)?;
    universe.clock().set_mode(Mode::Running { offset_micros });
    Ok(Json(describe(universe.clock())))
}

/// The body of advancing.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    by: SignedSpan,
}

/// `POST .../clock/advance`
pub(super) async fn advance(
    State(state): State<ControlState>,
    Chosen(name): Chosen,
    Asked(patience): Asked<Patience>,
    body: Bytes,
) -> Answer {
    let Advance { by: SignedSpan(by) } = request::body(&body)?;
    let Ok(micros) = u64::try_from(by) else {
        return Err(Failure::bad_request(
            "A clock is advanced forwards. To set one back, where nothing has happened yet: clock set, or clock offset.",
        ));
    };
    let span = Duration::from_micros(micros);
    let patience = patience.span()?;
    let universe = state.awake(&name)?;
    if !moment::is_writable(universe.clock().now() + span) {
        return Err(Failure::bad_request("The clock would pass the year 9999. Advance it by less."));
    }
    within(&state, patience, &universe, universe.clock().advance(span)).await
}

/// `POST .../settle`
pub(super) async fn settle(
    State(state): State<ControlState>,
    Chosen(name): Chosen,
    Asked(patience): Asked<Patience>,
) -> Answer {
    let patience = patience.span()?;
    let universe = state.awake(&name)?;
    within(&state, patience, &universe, universe.clock().settle()).await
}

/// Waits for a universe, but not for ever. One that was not waited for to the end goes on as it is: its clock has come
/// as far as it has.
async fn within(
    state: &ControlState,
    patience: Duration,
    universe: &Universe,
    work: impl Future<Output = Advanced>,
) -> Answer {
    let record = state.router.record();
    let before = record.of(universe).last().map_or(0, |entry| entry.sequence() + 1);
    if let Ok(Advanced { now, timers }) = tokio::time::timeout(patience, work).await {
        let mut ran = record.of(universe);
        ran.retain(|entry| entry.sequence() >= before && ran_by_itself(entry));
        let told: Vec<Value> = ran.iter().take(MOST_TOLD).map(record::describe).collect();
        return Ok(Json(json!({
            "now": moment::text(now),
            "micros": now.as_micros(),
            "timers": timers,
            "ran": told,
            "ran_in_all": ran.len(),
        })));
    }
    let (now, running) = (universe.clock().now(), universe.clock().activity().running());
    let calls = state.router.running(universe);
    let told: Vec<Value> = calls.iter().take(MOST_TOLD).map(describe_running).collect();
    let sentence = format!(
        "After {patience:?} the universe {} had not come to rest; {running} requests, deliveries or drivers are running{}. GET \
         /_mesh/universes/{0}/record shows what ended last; ?timeout= waits longer.",
        universe.name(),
        calls
            .first()
            .map_or_else(String::new, |call| format!(", for longest {} {}", call.service, call.operation)),
    );
    let mut under_way: Vec<String> = scheduler::under_way(universe).iter().map(ToString::to_string).collect();
    under_way.truncate(MOST_TOLD);
    let failure = Failure::new(StatusCode::GATEWAY_TIMEOUT, sentence).with("running", running);
    let failure = failure.with("pending", under_way).with("calls", told);
    Err(failure.with("now", moment::text(now)).with("micros", now.as_micros()))
}

/// Whether a delivery or a deadline is behind it, and nobody's request.
fn ran_by_itself(entry: &Entry) -> bool {
    let is_own = |cause| matches!(cause, Cause::Delivery(_) | Cause::Deadline);
    match entry {
        Entry::Call(call) => is_own(call.cause),
        Entry::Fault(fault) => is_own(fault.cause),
        Entry::Outside(outside) => is_own(outside.cause),
        Entry::Delivery(_) => true,
    }
}

/// A call that has not ended.
fn describe_running(call: &Running) -> Value {
    json!({
        "kind": "call",
        "service": call.service,
        "operation": call.operation,
        "request_id": call.request_id.to_string(),
        "running_for_micros": u64::try_from(RealTime::now().since(call.arrived_at).as_micros()).unwrap_or(u64::MAX),
    })
}

#[cfg(test)]
mod tests;
