//! Universes: made, listed, emptied, deleted.

use super::clock;
use super::failure::Failure;
use super::request::{self, Chosen};
use super::state::ControlState;
use axum::Json;
use axum::extract::State;
use bytes::Bytes;
use http::StatusCode;
use mesh_clock::RealTime;
use mesh_store::{Universe, UniverseName};
use mesh_types::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

/// What is told of a universe.
pub(super) fn describe(universe: &Universe) -> Value {
    json!({
        "name": universe.name().as_str(),
        "partitions": universe.partitions(),
        "waiting": universe.waiting(),
        "deadlines": universe.deadlines().len(),
        "running": universe.clock().activity().running(),
        "seed": universe.seed().0,
        "epoch": universe.epoch().0,
        "clock": clock::describe(universe.clock()),
    })
}

/// What is told of a universe that was made since then, and how long that took.
fn describe_new(universe: &Universe, began: Timestamp) -> Value {
    let took = RealTime::now().since(began);
    let mut told = describe(universe);
    told["took_micros"] = json!(u64::try_from(took.as_micros()).unwrap_or(u64::MAX));
    told
}

/// `GET /_mesh/universes`
pub(super) async fn list(State(state): State<ControlState>) -> Json<Value> {
    let universes: Vec<Value> = state.router.universes().all().iter().map(describe).collect();
    Json(json!({ "universes": universes }))
}

/// `GET /_mesh/universes/NAME`
pub(super) async fn show(
    State(state): State<ControlState>,
    Chosen(name): Chosen,
) -> Result<Json<Value>, Failure> {
    state.universe(&name).map(|universe| Json(describe(&universe)))
}

/// The body of a fork.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fork {
    name: String,
    from: Option<String>,
    #[serde(default)]
    empty: bool,
}

/// `POST /_mesh/universes`
pub(super) async fn fork(
    State(state): State<ControlState>,
    body: Bytes,
) -> Result<(StatusCode, Json<Value>), Failure> {
    let Fork { name, from, empty } = request::body(&body)?;
    if empty && from.is_some() {
        return Err(Failure::bad_request(
            "A universe is empty, or has another's state: leave out from, or empty.",
        ));
    }
    let name = request::universe_name(&name)?;
    let from = from.as_deref().map_or(Ok(UniverseName::DEFAULT), request::universe_name)?;
    let universes = state.router.universes();
    let began = RealTime::now();
    match universes.fork(&from, name.clone()) {
        // Nobody knows its name yet: that it was a fork for a moment is not seen.
        Some(_) if empty => {
            self::empty(&state, &name).map(|made| (StatusCode::CREATED, Json(describe_new(&made, began))))
        }
        Some(fork) => Ok((StatusCode::CREATED, Json(describe_new(&fork, began)))),
        None if universes.get(&name).is_some() => Err(Failure::conflict(format!(
            "There is a universe {name} already. Choose another name, or delete it: DELETE /_mesh/universes/{name}."
        ))),
        None => Err(Failure::no_universe(&from)),
    }
}

/// `DELETE /_mesh/universes/NAME`
pub(super) async fn delete(
    State(state): State<ControlState>,
    Chosen(name): Chosen,
) -> Result<StatusCode, Failure> {
    if name == UniverseName::DEFAULT {
        let sentence = "The universe default stays. To empty it: POST /_mesh/universes/default/reset.";
        return Err(Failure::conflict(sentence));
    }
    if !state.router.universes().delete(&name) {
        return Err(Failure::no_universe(&name));
    }
    state.router.record().forget(&name);
    state.router.faults().look_again();
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /_mesh/universes/NAME/reset`
pub(super) async fn reset(
    State(state): State<ControlState>,
    Chosen(name): Chosen,
) -> Result<Json<Value>, Failure> {
    let began = RealTime::now();
    empty(&state, &name).map(|universe| Json(describe_new(&universe, began)))
}

/// Empties a universe: its state, its clock, its record.
pub(super) fn empty(state: &ControlState, name: &UniverseName) -> Result<Universe, Failure> {
    let fresh = state.router.universes().reset(name).ok_or_else(|| Failure::no_universe(name))?;
    state.router.record().forget(name);
    state.router.faults().look_again();
    Ok(fresh)
}
