//! States of universes that are kept: snapshots in the process, exports in files.

use super::failure::Failure;
use super::request::{self, Asked, Chosen};
use super::state::ControlState;
use super::universe::describe;
use axum::Json;
use axum::extract::{Path, State};
use bytes::Bytes;
use http::{HeaderName, StatusCode, header};
use mesh_store::{ImportError, UniverseName};
use serde::Deserialize;
use serde_json::{Value, json};

/// The body of a snapshot, and of going back to one.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Named {
    name: String,
}

/// `GET /_mesh/snapshots`
pub(super) async fn list(State(state): State<ControlState>) -> Json<Value> {
    let snapshots = state.router.universes().snapshots();
    let snapshots: Vec<Value> = snapshots.iter().map(|name| json!({ "name": name.as_str() })).collect();
    Json(json!({ "snapshots": snapshots }))
}

/// `DELETE /_mesh/snapshots/NAME`
pub(super) async fn delete(
    State(state): State<ControlState>,
    Path(name): Path<String>,
) -> Result<StatusCode, Failure> {
    let name = request::universe_name(&name)?;
    match state.router.universes().delete_snapshot(&name) {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(no_snapshot(&name)),
    }
}

/// `POST /_mesh/universes/NAME/snapshot`
pub(super) async fn snapshot(
    State(state): State<ControlState>,
    Chosen(name): Chosen,
    body: Bytes,
) -> Result<(StatusCode, Json<Value>), Failure> {
    let Named { name: snapshot } = request::body(&body)?;
    let snapshot = request::universe_name(&snapshot)?;
    match state.router.universes().snapshot(&name, snapshot.clone()) {
        true => Ok((StatusCode::CREATED, Json(json!({ "name": snapshot.as_str(), "of": name.as_str() })))),
        false => Err(Failure::no_universe(&name)),
    }
}

/// `POST /_mesh/universes/NAME/restore`
pub(super) async fn restore(
    State(state): State<ControlState>,
    Chosen(name): Chosen,
    body: Bytes,
) -> Result<Json<Value>, Failure> {
    let Named { name: snapshot } = request::body(&body)?;
    let snapshot = request::universe_name(&snapshot)?;
    state.universe(&name)?;
    let restored = state.router.universes().restore(&name, &snapshot);
    let restored = restored.ok_or_else(|| no_snapshot(&snapshot))?;
    state.router.record().forget(&name);
    Ok(Json(describe(&restored)))
}

/// What is said of the body of an export.
type Exported = ([(HeaderName, &'static str); 2], Vec<u8>);

/// `GET /_mesh/universes/NAME/export`
pub(super) async fn export(
    State(state): State<ControlState>,
    Chosen(name): Chosen,
) -> Result<Exported, Failure> {
    let universe = state.universe(&name)?;
    let write = move || {
        let mut file = Vec::new();
        universe.export(&mut file).map(|()| file)
    };
    let written = tokio::task::spawn_blocking(write).await.map_err(std::io::Error::other).flatten();
    let file = written.map_err(|error| {
        Failure::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            format!("The universe could not be written: {error}."),
        )
    })?;
    let headers =
        [(header::CONTENT_TYPE, "application/vnd.mesh-local.universe"), (header::CACHE_CONTROL, "no-store")];
    Ok((headers, file))
}

/// `?replace=true`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Import {
    #[serde(default)]
    replace: bool,
}

/// `POST /_mesh/universes/NAME/import`
pub(super) async fn import(
    State(state): State<ControlState>,
    Chosen(name): Chosen,
    Asked(Import { replace }): Asked<Import>,
    body: Bytes,
) -> Result<(StatusCode, Json<Value>), Failure> {
    let router = state.router.clone();
    let named = name.clone();
    let read = move || router.universes().import(named, &body[..], replace);
    let imported = tokio::task::spawn_blocking(read).await.map_err(|error| {
        Failure::new(StatusCode::INTERNAL_SERVER_ERROR, format!("The file could not be read: {error}."))
    })?;
    let universe = imported.map_err(|error| match error {
        ImportError::NameTaken => Failure::conflict(format!(
            "There is a universe {name} already. Choose another name, or put the file in its place with ?replace=true."
        )),
        error => Failure::bad_request(format!("The universe cannot be imported: {error}.")),
    })?;
    state.router.record().forget(&name);
    Ok((StatusCode::CREATED, Json(describe(&universe))))
}

fn no_snapshot(name: &UniverseName) -> Failure {
    Failure::not_found(format!(
        "There is no snapshot {name}. GET /_mesh/snapshots lists those there are; POST /_mesh/universes/NAME/snapshot \
         makes one."
    ))
}
