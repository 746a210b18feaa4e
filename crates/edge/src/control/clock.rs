//! The clock of a universe.

use super::failure::Failure;
use super::moment::{self, Moment};
use super::request::{self, Asked, Chosen, Patience};
use super::state::ControlState;
use axum::Json;
use axum::extract::State;
use bytes::Bytes;
use http::StatusCode;
use mesh_clock::{Advanced, Clock, Mode, RealTime};
use mesh_router::scheduler;
use mesh_store::Universe;
use mesh_types::{Span, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};
use std::time::Duration;

/// How many of the deliveries and drivers that are under way are told.
const MAX_TOLD: usize = 20;

type Answer = Result<Json<Value>, Failure>;

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

/// `POST .../clock/freeze`
pub(super) async fn freeze(State(state): State<ControlState>, Chosen(name): Chosen, body: Bytes) -> Answer {
    let Freeze { at } = request::body(&body)?;
    let universe = state.universe(&name)?;
    match at {
        Some(Moment(at)) => universe.clock().set_mode(Mode::Frozen { at }),
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
    let stands = match mode {
        Some(mode) => matches!(mode, SetMode::Frozen),
        None => matches!(universe.clock().mode_at_rest(), Mode::Frozen { .. }),
    };
    let mode = if stands { Mode::Frozen { at } } else { Mode::Running { offset_micros: offset_to(at) } };
    universe.clock().set_mode(mode);
    Ok(Json(describe(universe.clock())))
}

/// The body of advancing.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    by: Span,
}

/// `POST .../clock/advance`
pub(super) async fn advance(
    State(state): State<ControlState>,
    Chosen(name): Chosen,
    Asked(patience): Asked<Patience>,
    body: Bytes,
) -> Answer {
    let Advance { by: Span(span) } = request::body(&body)?;
    let patience = patience.span()?;
    let universe = state.awake(&name)?;
    if !moment::is_writable(universe.clock().now() + span) {
        return Err(Failure::bad_request("The clock would pass the year 9999. Advance it by less."));
    }
    within(patience, &universe, universe.clock().advance(span)).await
}

/// `POST .../settle`
pub(super) async fn settle(
    State(state): State<ControlState>,
    Chosen(name): Chosen,
    Asked(patience): Asked<Patience>,
) -> Answer {
    let patience = patience.span()?;
    let universe = state.awake(&name)?;
    within(patience, &universe, universe.clock().settle()).await
}

/// Waits for a universe, but not for ever. One that was not waited for to the end goes on as it is: its clock has come
/// as far as it has.
async fn within(patience: Duration, universe: &Universe, work: impl Future<Output = Advanced>) -> Answer {
    if let Ok(Advanced { now, timers }) = tokio::time::timeout(patience, work).await {
        return Ok(Json(json!({ "now": moment::text(now), "micros": now.as_micros(), "timers": timers })));
    }
    let (now, running) = (universe.clock().now(), universe.clock().activity().running());
    let sentence = format!(
        "After {patience:?} the universe {} had not come to rest; {running} requests, deliveries or drivers are running. GET \
         /_mesh/universes/{0}/record shows what ended last; ?timeout= waits longer.",
        universe.name()
    );
    let failure = Failure::new(StatusCode::GATEWAY_TIMEOUT, sentence);
    let mut pending: Vec<String> = scheduler::under_way(universe).iter().map(ToString::to_string).collect();
    pending.truncate(MAX_TOLD);
    let failure = failure.with("running", running).with("pending", pending);
    Err(failure.with("now", moment::text(now)).with("micros", now.as_micros()))
}
