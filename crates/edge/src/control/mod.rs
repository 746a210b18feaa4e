//! The control plane: what can be asked and told about the process and its universes, under `/_mesh/`.
//!
//! JSON in and out. Every call carries the header `x-mesh: 1` (see [`crate::guard`]), but for the health. An error is
//! `{"error": "a sentence that says what to do"}`, with further members where they help. Moments are ISO 8601 with
//! microseconds, in UTC; spans are `25h`, `1d2h3m`, `500ms`, or a number of seconds.
//!
//! | | |
//! |---|---|
//! | `GET /_mesh/health` | `{"status": "ok", "version"}`, without the header |
//! | `GET /_mesh/status` | version, uptime, universes, APIs and the operations of them that are served |
//! | `POST /_mesh/shutdown` | ends the process in an orderly way |
//! | `GET /_mesh/universes` | all universes |
//! | `POST /_mesh/universes` | `{"name", "from": "default"}`: a fork, `{"name", "empty": true}`: an empty one; and `took_micros`: how long the cut took |
//! | `GET`, `DELETE /_mesh/universes/NAME` | one universe |
//! | `POST /_mesh/universes/NAME/reset` | empties it: state, clock and record; `took_micros` |
//! | `POST /_mesh/universes/NAME/snapshot` | `{"name"}`: keeps its state of this moment in the process |
//! | `POST /_mesh/universes/NAME/restore` | `{"name"}`: puts a snapshot in its place |
//! | `GET /_mesh/snapshots`, `DELETE /_mesh/snapshots/NAME` | the snapshots; forgets one |
//! | `GET /_mesh/universes/NAME/export` | all of it as one file; it holds whatever secrets the universe does |
//! | `POST /_mesh/universes/NAME/import` | the body is such a file; `?replace=true` puts it in the place of a universe |
//! | `GET /_mesh/universes/NAME/clock` | `{"now", "micros", "mode": "running" or "frozen", "offset_micros"}` |
//! | `POST .../clock/freeze` | stops the clock, where it is or `{"at"}` |
//! | `POST .../clock/resume` | lets it run on from where it stands |
//! | `POST .../clock/set` | `{"at", "mode"}`: goes there, and runs or stands there as `mode` says, or as before |
//! | `POST .../clock/offset` | `{"by"}`: runs with the machine's clock, by so much ahead of it, or (`-2h`) behind |
//! | `POST .../clock/advance` | `{"by"}`: runs all that falls due on the way, and tells it; `?timeout=60s` of real time |
//! | `POST .../settle` | waits until nothing runs and nothing is due, and tells what ran; `?timeout=60s` of real time |
//! | `GET`, `PUT`, `POST`, `DELETE .../faults` | the fault rules: told with their counts, replaced, added to, cleared |
//! | `DELETE .../faults/RULE` | takes one rule away |
//! | `GET .../record` | the newest entries of the record, oldest first; `?limit=100&service=sqs` |
//! | `GET .../why/ID` | what led to a request or delivery, and what came of it |
//!
//! What follows `/_mesh/universes/NAME` also goes right behind `/_mesh`, and then means the universe that header or host
//! name, as for an API call, or `default`. A path and a header that name two are refused.
//!
//! LocalStack's own doors, in its forms: `GET /_localstack/health`, `/info`, `/init`, `/init/STAGE`, and
//! `POST /_localstack/state/reset`, `/_localstack/health` with the action `kill`.
//!
//! Only `advance` and `settle` awaken a universe that lies dormant: a fork's clock can be set before anything
//! runs in it.

mod clock;
mod failure;
mod faults;
mod keeping;
mod localstack;
mod moment;
mod record;
mod request;
mod state;
mod status;
mod universe;
mod why;

pub(crate) use faults::read_header;
pub use faults::read_rules;
pub use localstack::{Hooks, ScriptState, Stage};
pub use moment::text as moment_text;
pub use state::{ControlState, Info};

use crate::guard::Kind;
use axum::extract::DefaultBodyLimit;
use axum::routing::{delete, get, post};
use failure::Failure;
use http::Method;
use http::request::Parts;

/// What takes a universe's file, behind the universe's path.
pub(crate) const IMPORT: &str = "/import";

/// What ends the process.
pub(crate) const SHUTDOWN: &str = "/_mesh/shutdown";

/// The control plane and LocalStack's doors.
pub fn routes(state: ControlState) -> axum::Router {
    let of_universe = axum::Router::new()
        .route("/reset", post(universe::reset))
        .route("/snapshot", post(keeping::snapshot))
        .route("/restore", post(keeping::restore))
        .route("/export", get(keeping::export))
        .route(IMPORT, post(keeping::import))
        .route("/clock", get(clock::show))
        .route("/clock/freeze", post(clock::freeze))
        .route("/clock/resume", post(clock::resume))
        .route("/clock/set", post(clock::set))
        .route("/clock/offset", post(clock::offset))
        .route("/clock/advance", post(clock::advance))
        .route("/settle", post(clock::settle))
        .route("/faults", get(faults::list).put(faults::replace).post(faults::add).delete(faults::clear))
        .route("/faults/{rule}", delete(faults::remove))
        .route("/record", get(record::list))
        .route("/why/{id}", get(why::why));
    axum::Router::new()
        .route("/_mesh/health", get(status::health))
        .route("/_mesh/status", get(status::status))
        .route(SHUTDOWN, post(status::shutdown))
        .route("/_mesh/snapshots", get(keeping::list))
        .route("/_mesh/snapshots/{name}", delete(keeping::delete))
        .route("/_mesh/universes", get(universe::list).post(universe::fork))
        .route("/_mesh/universes/{name}", get(universe::show).delete(universe::delete))
        .nest("/_mesh/universes/{name}", of_universe.clone())
        .nest("/_mesh", of_universe)
        .merge(localstack::routes())
        .fallback(nothing_here)
        .method_not_allowed_fallback(another_method)
        // The body has been read, and was bounded then.
        .layer(DefaultBodyLimit::disable())
        .with_state(state)
}

/// What a request to the control plane is, for the guard.
pub(crate) fn kind(head: &Parts) -> Kind {
    let (path, reads) = (head.uri.path(), matches!(head.method, Method::GET | Method::HEAD));
    match path {
        "/_mesh/health" | localstack::HEALTH if reads => Kind::Open,
        // LocalStack's clients send no header of ours: these are guarded as unsigned API calls are.
        _ if path.starts_with(localstack::PREFIX) => Kind::Api { is_signed: false },
        _ => Kind::Control,
    }
}

async fn nothing_here(uri: http::Uri) -> Failure {
    Failure::not_found(format!(
        "There is nothing at {}. The control plane has /_mesh/status, /_mesh/universes and what is under \
         /_mesh/universes/NAME: reset, snapshot, restore, export, import, clock, settle, faults, record, why.",
        uri.path()
    ))
}

async fn another_method(method: Method, uri: http::Uri) -> Failure {
    let sentence =
        format!("{method} is not what {} takes. What reads is GET, what acts is POST.", uri.path());
    Failure::new(http::StatusCode::METHOD_NOT_ALLOWED, sentence)
}

#[cfg(test)]
mod tests;
