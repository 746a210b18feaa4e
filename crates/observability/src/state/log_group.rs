//! A log group: its settings, its streams and their events.

use mesh_store::{Row, Single, Table, indexes, partition};
use mesh_types::Timestamp;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use std::collections::BTreeMap;
use std::sync::Arc;

partition! {
    /// A log group.
    pub struct LogGroup = 402 "log group" {
        /// A group without settings does not exist.
        1 settings: Single<Settings>,
        /// Its streams, by name.
        2 streams: Table<SmolStr, Stream, StreamIndexes>,
        /// Their events.
        3 events: Table<EventKey, Event, EventIndexes>,
        /// What it counts.
        4 counts: Single<Counts>,
    }
}

indexes! {
    /// Streams by what operations ask.
    pub struct StreamIndexes of Table<SmolStr, Stream> {
        /// When the newest event happened; those without any come first.
        by_newest_event: (Option<i64>, SmolStr) = |name, stream| Some((stream.newest_event, name.clone())),
        /// What stands for them in the keys of their events.
        by_number: u32 = |_, stream| Some(stream.number),
    }
}

indexes! {
    /// Events by what operations ask.
    pub struct EventIndexes of Table<EventKey, Event> {
        /// All streams together.
        by_time: Position = |key, _| Some(key.position()),
    }
}

/// The settings of a log group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// When it was created.
    pub created_at: Timestamp,
    /// `STANDARD`, `INFREQUENT_ACCESS`, ...
    pub class: SmolStr,
    /// The key that encrypts it.
    pub kms_key_id: Option<SmolStr>,
    /// Its tags.
    pub tags: BTreeMap<SmolStr, SmolStr>,
    /// Whether it must not be deleted, if that was said.
    pub deletion_protection: Option<bool>,
}

/// A log stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stream {
    /// Stands for it in the keys of its events; no other stream of the group ever had it.
    pub number: u32,
    /// When it was created.
    pub created_at: Timestamp,
    /// When its oldest event happened, in milliseconds since the epoch.
    pub oldest_event: Option<i64>,
    /// When its newest event happened.
    pub newest_event: Option<i64>,
    /// When events came last.
    pub ingested_at: Option<Timestamp>,
    /// The place behind what was written last, from which its sequence token is made.
    pub written: Option<Position>,
    /// What the last writer said the events are about.
    pub entity: Option<Arc<Entity>>,
}

/// What events are about.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entity {
    /// What names it.
    pub key_attributes: BTreeMap<SmolStr, SmolStr>,
    /// What else is said of it.
    pub attributes: BTreeMap<SmolStr, SmolStr>,
}

/// The place of an event in its group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct EventKey {
    /// The number of its stream.
    pub stream: u32,
    /// When it happened, in milliseconds since the epoch.
    pub timestamp: i64,
    /// Orders the events of the group by when they came.
    pub sequence: u64,
}

/// A place in the time of a group: before the event with this timestamp and sequence, if there is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Position {
    /// Milliseconds since the epoch.
    pub timestamp: i64,
    /// Among those of one millisecond.
    pub sequence: u64,
}

/// An event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// The message.
    pub message: Arc<str>,
    /// When it came.
    pub ingested_at: Timestamp,
}

/// What a group counts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Events that came, ever.
    pub events: u64,
    /// Streams that were created, ever.
    pub streams: u32,
    /// Bytes that are stored.
    pub bytes: u64,
}

impl EventKey {
    /// Its place in the group's time.
    pub fn position(&self) -> Position {
        Position { timestamp: self.timestamp, sequence: self.sequence }
    }
}

impl Row for Settings {}
impl Row for Stream {}
impl Row for Event {}
impl Row for Counts {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_stored_in_this_form() {
        let event = Event { message: "hello".into(), ingested_at: Timestamp::from_micros(3) };
        let mut bytes = Vec::new();
        event.encode(&mut bytes).expect("it can be written");
        assert_eq!(bytes, b"\x01\x05hello\x06");
        assert_eq!(Event::decode(&bytes).expect("it can be read"), event);
    }

    #[test]
    fn a_stream_is_stored_in_this_form() {
        let stream = Stream {
            number: 1,
            created_at: Timestamp::from_micros(1),
            oldest_event: Some(2),
            newest_event: Some(3),
            ingested_at: None,
            written: Some(Position { timestamp: 3, sequence: 4 }),
            entity: None,
        };
        let mut bytes = Vec::new();
        stream.encode(&mut bytes).expect("it can be written");
        assert_eq!(bytes, b"\x01\x01\x02\x01\x04\x01\x06\x00\x01\x06\x04\x00");
        assert_eq!(Stream::decode(&bytes).expect("it can be read"), stream);
    }
}
