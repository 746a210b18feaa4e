//! The clock of a universe.

use crate::control::{Control, Refused};
use crate::universe::Universe;
use http::Method;
use mesh_edge::control::moment_text;
use mesh_types::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};
use std::time::{Duration, SystemTime};

/// The clock of a universe: it runs with the machine's, or offset from it, or stands.
#[derive(Debug, Clone, Copy)]
pub struct Clock<'u>(pub(crate) &'u Universe);

/// What an advance or a settle ran.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct Advanced {
    /// Microseconds since 1970 at which the universe has arrived.
    pub micros: i64,
    /// How many waits ended.
    pub timers: usize,
    /// Deliveries, and what they and deadlines caused: the first hundred, as the record tells them.
    pub ran: Vec<Value>,
    /// How many there were.
    pub ran_in_all: usize,
}

impl Clock<'_> {
    /// The moment it is in the universe.
    ///
    /// # Errors
    /// The universe is gone.
    pub async fn now(&self) -> Result<SystemTime, Refused> {
        let told = self.0.ask(Method::GET, "/clock", Value::Null).await?;
        let micros: i64 = Control::read(told["micros"].clone())?;
        let span = Duration::from_micros(micros.unsigned_abs());
        Ok(if micros < 0 { SystemTime::UNIX_EPOCH - span } else { SystemTime::UNIX_EPOCH + span })
    }

    /// Whether it stands.
    ///
    /// # Errors
    /// The universe is gone.
    pub async fn is_frozen(&self) -> Result<bool, Refused> {
        let told = self.0.ask(Method::GET, "/clock", Value::Null).await?;
        Ok(told["mode"] == "frozen")
    }

    /// Stops it where it is.
    ///
    /// # Errors
    /// The universe is gone.
    pub async fn freeze(&self) -> Result<(), Refused> {
        self.tell("/clock/freeze", json!({})).await
    }

    /// Stops it at a moment.
    ///
    /// # Errors
    /// The moment is before what has happened in the universe.
    pub async fn freeze_at(&self, at: SystemTime) -> Result<(), Refused> {
        self.tell("/clock/freeze", json!({ "at": moment(at) })).await
    }

    /// Goes to a moment, and runs or stands there as before.
    ///
    /// # Errors
    /// The moment is before what has happened in the universe.
    pub async fn set(&self, at: SystemTime) -> Result<(), Refused> {
        self.tell("/clock/set", json!({ "at": moment(at) })).await
    }

    /// Runs with the machine's clock, ahead of it by so much.
    ///
    /// # Errors
    /// That is before what has happened in the universe.
    pub async fn offset(&self, ahead: Duration) -> Result<(), Refused> {
        self.tell("/clock/offset", json!({ "by": span(ahead) })).await
    }

    /// Lets it run on from where it stands.
    ///
    /// # Errors
    /// The universe is gone.
    pub async fn resume(&self) -> Result<(), Refused> {
        self.tell("/clock/resume", Value::Null).await
    }

    /// Goes forward, and runs all that falls due on the way, in order, each at its own moment.
    ///
    /// # Errors
    /// What it set going did not come to rest within a minute of real time; the details list it.
    pub async fn advance(&self, by: Duration) -> Result<Advanced, Refused> {
        let told = self.0.ask(Method::POST, "/clock/advance", json!({ "by": span(by) })).await?;
        Control::read(told)
    }

    async fn tell(&self, path: &str, what: Value) -> Result<(), Refused> {
        self.0.ask(Method::POST, path, what).await.map(drop)
    }
}

fn span(span: Duration) -> String {
    format!("{}us", span.as_micros())
}

/// A moment as the control plane reads it, cut to microseconds.
pub(crate) fn moment(at: SystemTime) -> String {
    let micros = |span: Duration| i64::try_from(span.as_micros()).unwrap_or(i64::MAX);
    let micros = match at.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(since) => micros(since),
        Err(before) => -micros(before.duration()),
    };
    moment_text(Timestamp::from_micros(micros))
}
