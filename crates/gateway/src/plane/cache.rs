//! The compiled routes of deployments, kept while the process runs.

use crate::domain::Routes;
use crate::state::{http, rest};
use mesh_store::Universe;
use parking_lot::RwLock;
use smol_str::SmolStr;
use std::collections::HashMap;
use std::sync::Arc;

/// Which state of an API's routes it is: an API's id, and a deployment of it or a revision.
type Name = (SmolStr, SmolStr);

/// This many are kept; with more, all are forgotten and compiled again when they are asked for.
const MANY: usize = 4_096;

/// The compiled routes of REST APIs.
pub(super) type RestRoutes = Compiled<Routes<Arc<rest::Deployed>>>;

/// The compiled routes of HTTP APIs.
pub(super) type HttpRoutes = Compiled<Routes<Arc<http::Deployed>>>;

/// Compiled routes. What a name means never changes, so nothing here is ever wrong.
#[derive(Debug)]
pub(super) struct Compiled<R>(RwLock<HashMap<Name, Arc<R>>>);

impl<R> Default for Compiled<R> {
    fn default() -> Self {
        Self(RwLock::default())
    }
}

impl<R: Send + Sync + 'static> Compiled<R> {
    /// The routes of this name, compiled at the first request.
    pub(super) fn of(universe: &Universe, name: Name, compile: impl FnOnce() -> R) -> Arc<R> {
        let kept = universe.live().of::<Self>();
        if let Some(found) = kept.0.read().get(&name) {
            return Arc::clone(found);
        }
        let routes = Arc::new(compile());
        let mut all = kept.0.write();
        if all.len() >= MANY {
            all.clear();
        }
        all.insert(name, Arc::clone(&routes));
        routes
    }
}
