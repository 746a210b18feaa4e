//! The process.

use super::state::ControlState;
use super::{moment, universe};
use axum::Json;
use axum::extract::State;
use http::StatusCode;
use mesh_clock::RealTime;
use serde_json::{Value, json};

/// `GET /_mesh/health`
pub(super) async fn health(State(state): State<ControlState>) -> Json<Value> {
    Json(json!({ "status": "ok", "version": state.info.version }))
}

/// `GET /_mesh/status`
pub(super) async fn status(State(state): State<ControlState>) -> Json<Value> {
    let service = |meta: &'static mesh_wire::ServiceMeta| {
        let served = state.router.served(meta.name);
        json!({ "name": meta.name, "served": served.len(), "known": meta.routes.len(), "operations": served })
    };
    let services: Vec<Value> = state.router.apis().into_iter().map(service).collect();
    Json(json!({
        "version": state.info.version,
        "endpoint": state.router.endpoint(),
        "started_at": moment::text(state.info.started_at),
        "uptime_seconds": RealTime::now().since(state.info.started_at).as_secs(),
        "universes": state.router.universes().all().iter().map(universe::describe).collect::<Vec<_>>(),
        "services": services,
    }))
}

/// `POST /_mesh/shutdown`
pub(super) async fn shutdown(State(state): State<ControlState>) -> (StatusCode, Json<Value>) {
    state.ask_for_end();
    (StatusCode::ACCEPTED, Json(json!({ "status": "ending" })))
}
