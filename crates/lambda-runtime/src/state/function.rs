//! A function: its settings, its code, who may invoke it, and the events that it has taken and not yet done.

use super::event_config::EventConfig;
use crate::domain::{Settings, Statement};
use crate::limits::RETRIES;
use mesh_store::{Row, RowError, Single, Table, partition};
use mesh_types::Timestamp;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

partition! {
    /// A function.
    pub struct FunctionState = 502 "function" {
        /// Its configuration. A function without settings does not exist.
        1 settings: Single<Settings>,
        /// Its code.
        2 code: Single<Code>,
        /// Its policy, in the order in which the statements were added.
        3 statements: Table<u64, Statement>,
        /// The events in the outbox, by delivery: under which request they came.
        4 events: Table<u128, Event>,
        /// What becomes of events, where something was set.
        5 event_config: Single<EventConfig>,
    }
}

/// The code of a function.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Code {
    /// The zip archive.
    pub archive: Arc<[u8]>,
    /// Its SHA-256.
    pub digest: [u8; 32],
}

/// An event that was taken and not yet done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// The request with which it came: all attempts go under its id.
    pub request: u128,
    /// Attempts that failed.
    pub failures: u32,
    /// Attempts after the first.
    pub retries: u32,
    /// When it was taken; nothing where an earlier layout did not tell.
    pub taken_at: Option<Timestamp>,
}

/// The first layout of an event.
#[derive(Deserialize)]
struct Event1 {
    request: u128,
    failures: u32,
}

impl Row for Code {}
impl Row for Event {
    const LAYOUT: u8 = 2;

    fn read_older(layout: u8, bytes: &[u8]) -> Result<Self, RowError> {
        match layout {
            1 => {
                let Event1 { request, failures } =
                    postcard::from_bytes(bytes).map_err(RowError::Malformed)?;
                Ok(Self { request, failures, retries: RETRIES, taken_at: None })
            }
            layout => Err(RowError::UnknownLayout { layout, known: Self::LAYOUT }),
        }
    }
}
impl Row for Settings {}
impl Row for Statement {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_is_stored_in_this_form() {
        let code = Code { archive: Arc::from(&b"PK"[..]), digest: [7; 32] };
        let mut bytes = Vec::new();
        code.encode(&mut bytes).expect("it can be written");
        assert_eq!(bytes, [&[1, 2][..], b"PK", &[7; 32]].concat());
        assert_eq!(Code::decode(&bytes).expect("it can be read"), code);
    }

    #[test]
    fn an_event_is_stored_in_this_form() {
        let event =
            Event { request: 300, failures: 1, retries: 2, taken_at: Some(Timestamp::from_micros(1)) };
        let mut bytes = Vec::new();
        event.encode(&mut bytes).expect("it can be written");
        assert_eq!(bytes, [2, 0xac, 0x02, 1, 2, 1, 2]);
        assert_eq!(Event::decode(&bytes).expect("it can be read"), event);
        let older = Event { taken_at: None, ..event };
        assert_eq!(Event::decode(&[1, 0xac, 0x02, 1]).expect("it can be read"), older);
    }
}
