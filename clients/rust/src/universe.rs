//! A universe: a whole state of its own, that can be forked.

use crate::clock::{Advanced, Clock};
use crate::control::{Control, Refused};
use crate::faults::Faults;
use http::Method;
use serde_json::{Value, json};
use std::ops::Deref;
use std::sync::atomic::{AtomicU64, Ordering};

/// Numbers the forks that are not named.
static FORKS: AtomicU64 = AtomicU64::new(1);

/// A universe: a state, a clock, a record and fault rules of its own.
#[derive(Debug, Clone)]
pub struct Universe {
    control: Control,
    name: String,
    endpoint_url: String,
}

impl Universe {
    /// A handle on the universe of this name.
    pub(crate) fn of(control: Control, name: String) -> Self {
        let endpoint_url = match name.as_str() {
            "default" => control.endpoint.clone(),
            other => format!("{}/_mesh/u/{other}", control.endpoint),
        };
        Self { control, name, endpoint_url }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What an AWS SDK is told as its endpoint, to call this universe.
    pub fn endpoint_url(&self) -> &str {
        &self.endpoint_url
    }

    /// A universe with this one's state at this moment, deleted when it is dropped. It costs the same for ten rows and
    /// for ten million.
    ///
    /// # Errors
    /// This universe is gone.
    pub async fn fork(&self) -> Result<Fork, Refused> {
        self.fork_as(&format!("fork-{}", FORKS.fetch_add(1, Ordering::Relaxed))).await
    }

    /// [`Universe::fork`] with a name.
    ///
    /// # Errors
    /// The name is none, or is taken; this universe is gone.
    pub async fn fork_as(&self, name: &str) -> Result<Fork, Refused> {
        let asked = json!({ "name": name, "from": self.name });
        self.control.ask(Method::POST, "/_mesh/universes", asked).await?;
        Ok(Fork { universe: Self::of(self.control.clone(), name.to_owned()), is_kept: false })
    }

    /// All of it as one file, which holds whatever secrets it does: [`Mesh::create_from`](crate::Mesh::create_from) reads
    /// it, also in a later version.
    ///
    /// # Errors
    /// The universe is gone.
    pub async fn export(&self) -> Result<Vec<u8>, Refused> {
        let path = format!("/_mesh/universes/{}/export", self.name);
        self.control.exchange(Method::GET, &path, Vec::new()).await.map(Vec::from)
    }

    /// Empties it: state, clock, record and fault rules.
    ///
    /// # Errors
    /// The universe is gone.
    pub async fn reset(&self) -> Result<(), Refused> {
        self.ask(Method::POST, "/reset", Value::Null).await.map(drop)
    }

    /// Its clock.
    pub fn clock(&self) -> Clock<'_> {
        Clock(self)
    }

    /// Its fault rules.
    pub fn faults(&self) -> Faults<'_> {
        Faults(self)
    }

    /// Waits until nothing runs and nothing is due, and tells what ran.
    ///
    /// # Errors
    /// Something still runs after a minute of real time; the details list it.
    pub async fn settle(&self) -> Result<Advanced, Refused> {
        Control::read(self.ask(Method::POST, "/settle", Value::Null).await?)
    }

    /// What led to a request, a delivery or a message (`because`), and what came of it (`caused`).
    ///
    /// # Errors
    /// It is no id, or the record has nothing of it.
    pub async fn why(&self, id: &str) -> Result<Value, Refused> {
        let id = percent_encoding::utf8_percent_encode(id, percent_encoding::NON_ALPHANUMERIC);
        self.ask(Method::GET, &format!("/why/{id}"), Value::Null).await
    }

    /// The newest hundred entries of its record, oldest first.
    ///
    /// # Errors
    /// The universe is gone.
    pub async fn record(&self) -> Result<Vec<Value>, Refused> {
        let told = self.ask(Method::GET, "/record", Value::Null).await?;
        Control::read(told["entries"].clone())
    }

    /// How many calls wait in it for an event, as long polls do.
    ///
    /// # Errors
    /// The universe is gone.
    pub async fn waiting(&self) -> Result<usize, Refused> {
        Control::read(self.ask(Method::GET, "", Value::Null).await?["waiting"].clone())
    }

    /// The control plane.
    pub(crate) fn control(&self) -> &Control {
        &self.control
    }

    /// Asks something of this universe's part of the control plane.
    pub(crate) async fn ask(&self, method: Method, path: &str, body: Value) -> Result<Value, Refused> {
        self.control.ask(method, &format!("/_mesh/universes/{}{path}", self.name), body).await
    }
}

/// A universe of a test's own: it is deleted when it is dropped, and its waits end then.
#[derive(Debug)]
pub struct Fork {
    universe: Universe,
    is_kept: bool,
}

impl Fork {
    /// The universe, which now stays until the mesh ends.
    pub fn keep(mut self) -> Universe {
        self.is_kept = true;
        self.universe.clone()
    }

    /// Deletes it, and returns when it is gone. Dropping it asks for the same and does not wait.
    ///
    /// # Errors
    /// It was deleted before.
    pub async fn delete(mut self) -> Result<(), Refused> {
        self.is_kept = true;
        self.universe.ask(Method::DELETE, "", Value::Null).await.map(drop)
    }
}

impl Deref for Fork {
    type Target = Universe;

    fn deref(&self) -> &Universe {
        &self.universe
    }
}

impl Drop for Fork {
    fn drop(&mut self) {
        if self.is_kept {
            return;
        }
        let universe = self.universe.clone();
        // One that is gone already is no failure, and nor is a mesh that has ended.
        self.universe.control.runtime.spawn(async move {
            universe.ask(Method::DELETE, "", Value::Null).await.ok();
        });
    }
}
